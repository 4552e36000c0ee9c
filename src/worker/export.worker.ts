/** The export worker. Code of each kind of export loads with its first use. Holds no TensorFlow.js. */
import type { ExportProtocol } from './export-protocol';
import { openStorage } from '../storage/storage';
import { OpenSets } from './open-sets';
import { serve } from './rpc';

serve<ExportProtocol>({
  handlers: {
    async model(request) {
      const { modelFile } = await import('../export/model-file');
      const { format, safetensors, options, name } = request;
      return modelFile(format, safetensors, request, options, name);
    },
    async pytorch({ bundle, set: ref, ...rest }, { progress }) {
      const { pytorchZip } = await import('../export/pytorch/project-zip');
      const set = ref && (await new OpenSets(openStorage).open(ref));
      return pytorchZip(bundle, { ...rest, set, onProgress: progress });
    },
  },
});
