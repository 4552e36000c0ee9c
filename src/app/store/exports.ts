import type { ModelFormat } from '../../export/files';
import type { ModelOptions } from '../../export/model-source';
import type { Learner } from '../../training/events';
import type { RunId, TrainingMessage } from '../../worker/protocol';
import { download, fileName } from '../download';
import type { WeightChoice } from '../export/weight-choices';
import type { ExportRequest } from '../ports';
import type { Slice } from './state';

type Given<T extends TrainingMessage['type']> = Extract<TrainingMessage, { type: T }>;

export interface ExportsSlice {
  /** The run whose export dialog is open. */
  exported: RunId | null;
  /** What is being written now. */
  writing: { text: string; share: number | null } | null;
  /** Why the last file could not be written, a sentence. */
  exportProblem: string | null;
  openExport: (id: RunId | null) => void;
  /** Saves one network of a run. */
  saveModel: (id: RunId, model: ModelChoice, options: ModelOptions) => Promise<void>;
  /** Saves a folder with which the recipe goes on in PyTorch. */
  savePytorch: (id: RunId, weights: WeightChoice, withImages: boolean) => Promise<void>;
  takeWeights: (message: Given<'weights'>) => void;
  takeHandOver: (message: Given<'handOver'>) => void;
}

/** Which network, as of when, in which format. */
export interface ModelChoice {
  learner: Learner;
  weights: WeightChoice;
  format: ModelFormat;
}

const gone =
  'These weights are gone: they are not stored, and only the newest run is still at hand. Run the recipe again and save them then.';

export const exportsSlice: Slice<ExportsSlice> =
  ({ training, exports }) =>
  (set, get) => {
    // Questions to the training worker that it has not answered yet, oldest first.
    const weightsAsked: ((message: Given<'weights'>) => void)[] = [];
    const handOversAsked: ((message: Given<'handOver'>) => void)[] = [];

    const write = async (text: string, make: () => Promise<ExportRequest>) => {
      if (get().writing) return;
      set({ writing: { text, share: null }, exportProblem: null });
      try {
        const { name, blob } = await exports().make(await make(), (progress, share) =>
          set({ writing: { text: progress, share } }),
        );
        download(name, new Uint8Array(await blob.arrayBuffer()), blob.type);
        get().announce(`${name} was saved.`);
      } catch (error) {
        set({ exportProblem: error instanceof Error ? error.message : String(error) });
      } finally {
        set({ writing: null });
      }
    };
    const runCalled = (id: RunId) => {
      const run = get().runs.find((known) => known.id === id);
      if (!run) throw new Error(gone);
      return run;
    };

    return {
      exported: null,
      writing: null,
      exportProblem: null,
      openExport: (id) => {
        set({ exported: id, exportProblem: null });
        if (id !== null) void get().reread(id);
      },
      saveModel: (id, { learner, weights, format }, options) =>
        write('Writing the model', async () => {
          const { name } = runCalled(id);
          const { safetensors } = await new Promise<Given<'weights'>>((resolve) => {
            weightsAsked.push(resolve);
            training.send({ type: 'weights', run: id, learner, from: weights.from });
          });
          if (!safetensors) throw new Error(gone);
          const bytes = new Uint8Array(safetensors);
          const file = `${fileName(name)}-${learner}${weights.ending}`;
          return { type: 'model', format, safetensors: bytes, learner, run: name, options, name: file };
        }),
      savePytorch: (id, weights, withImages) =>
        write('Collecting weights and rows', async () => {
          const { name } = runCalled(id);
          const { handOver } = await new Promise<Given<'handOver'>>((resolve) => {
            handOversAsked.push(resolve);
            training.send({ type: 'handOver', run: id, from: weights.from });
          });
          if (!handOver) throw new Error(gone);
          const folder = `${fileName(name)}-pytorch${weights.ending}`;
          return { type: 'pytorch', handOver, withImages, title: name, name: folder };
        }),
      takeWeights: (message) => weightsAsked.shift()?.(message),
      takeHandOver: (message) => handOversAsked.shift()?.(message),
    };
  };
