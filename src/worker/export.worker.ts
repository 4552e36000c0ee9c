/** The export worker. Code of each kind of export loads with its first use. Holds no TensorFlow.js. */
import type { ExportProtocol } from './export-protocol';
import type { ExperimentFolder } from '../export/pytorch/experiment-folder';
import { openStorage } from '../storage/storage';
import { OpenSets } from './open-sets';
import { serve } from './rpc';

/** The folder of an experiment that is being filled. */
let filling: { id: string; folder: ExperimentFolder } | null = null;

serve<ExportProtocol>({
  handlers: {
    async model(request) {
      const { modelFile } = await import('../export/model-file');
      const { format, safetensors, options, name } = request;
      return modelFile(format, safetensors, request, options, name);
    },
    async cell({ folder: id, title, set: ref, ...cell }) {
      const { ExperimentFolder } = await import('../export/pytorch/experiment-folder');
      if (filling?.id !== id) filling = { id, folder: new ExperimentFolder() };
      const set = ref && (await new OpenSets(openStorage).open(ref));
      await filling.folder.add(cell, title, set);
    },
    async experiment({ folder: id, ...about }) {
      if (filling?.id !== id)
        throw new Error('Writing the folder stopped unexpectedly, perhaps for lack of memory. Try again.');
      const file = filling.folder.zip(about);
      filling = null;
      return Promise.resolve(file);
    },
    async pytorch({ bundle, set: ref, ...rest }, { progress }) {
      const { pytorchZip } = await import('../export/pytorch/project-zip');
      const set = ref && (await new OpenSets(openStorage).open(ref));
      return pytorchZip(bundle, { ...rest, set, onProgress: progress });
    },
  },
});
