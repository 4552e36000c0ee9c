import type { ExportedFile, ModelFormat } from '../../../export/exported-file';
import type { AnswersFormat } from '../../../export/answers-file';
import type { ModelOptions } from '../../../export/model-source';
import type { Learner } from '../../../training/events';
import type { OnProgress } from '../../../worker/rpc';
import type { LoadedBack } from '../../../training/onnx/about';
import type { RunId } from '../../../worker/training-protocol';
import { download, fileName } from '../../download';
import type { WeightChoice } from '../../export/weight-choices';
import type { LibrarySlice } from './library-store';
import { sentenceOf } from '../../../limits/texts';

export interface ModelExportsSlice {
  /** The run whose export dialog is open. */
  exported: RunId | null;
  /** What is being written now. */
  writing: { text: string; share: number | null } | null;
  /** How far the last saved model, loaded back, is from its network; a sentence. */
  loadedBack: string | null;
  /** Why the last file could not be written, a sentence. */
  exportProblem: string | null;
  openExport: (id: RunId | null) => void;
  /** Saves one network of a run. */
  saveModel: (id: RunId, model: ModelChoice, options: ModelOptions) => Promise<void>;
  /** Saves a folder with which the recipe goes on in PyTorch. */
  savePytorch: (id: RunId, weights: WeightChoice, withData: boolean) => Promise<void>;
  /** Saves what one network of a run puts out for its whole set. */
  saveAnswers: (id: RunId, learner: Learner, weights: WeightChoice, format: AnswersFormat) => Promise<void>;
  /** Saves what each network of the run at hand puts out for the test split, as CSV. */
  savePredictions: (id: RunId) => Promise<void>;
}

/** Which network, as of when, in which format. */
export interface ModelChoice {
  learner: Learner;
  weights: WeightChoice;
  format: ModelFormat;
}

const gone =
  'These weights are gone: they are not stored, and only the newest run is still at hand. Run the recipe again and save them then.';

const stillBusy =
  'The network cannot be asked now: its weights are gone, or its run is going on. Pause it, or run the recipe again.';

const notAtHand =
  'The networks of this run are not at hand. Only the newest run’s are, once its steps rest: pause it, or run the recipe again.';

/** Answers that differ by more are another model's. */
const rounding = 1e-3;

/** @param found how far it is; null for several networks; why it was not compared */
function comparedText(name: string, found: LoadedBack | string | null): string {
  if (found === 'paused')
    return `${name} was not loaded back to be compared: steps are running. Pause the run and save it again.`;
  if (found === null)
    return `${name} was not loaded back to be compared: each of its networks answers by itself.`;
  if (typeof found === 'string') return `${name} could not be loaded back to be compared. ${found}`;
  const { difference, instances } = found;
  const apart = `its answers to ${instances} test instances differ from the network’s by ${difference.toExponential(0)} of the largest at most`;
  return difference < rounding
    ? `${name}, loaded back: ${apart}.`
    : `${name} is not what the network is: loaded back, ${apart}. Do not use it, and report the recipe.`;
}

export const modelExportsSlice: LibrarySlice<ModelExportsSlice> =
  ({ view, training, exports, onnx, records }) =>
  (set, get) => {
    const write = async (text: string, make: (onProgress: OnProgress) => Promise<ExportedFile>) => {
      if (get().writing) return;
      set({ writing: { text, share: null }, exportProblem: null, loadedBack: null });
      try {
        const { name, blob } = await make((progress, share) => set({ writing: { text: progress, share } }));
        download(name, new Uint8Array(await blob.arrayBuffer()), blob.type);
        view.getState().announce(`${name} was saved.`);
      } catch (error) {
        set({ exportProblem: sentenceOf(error) });
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
      loadedBack: null,
      exportProblem: null,
      openExport: (id) => {
        set({ exported: id, exportProblem: null, loadedBack: null });
        if (id !== null) void get().reread(id);
      },
      saveModel: (id, { learner, weights, format }, options) =>
        write('Writing the model', async (onProgress) => {
          const { name: run } = runCalled(id);
          const given = await training.call('weights', { run: id, learner, from: weights.from });
          if (!given) throw new Error(gone);
          const safetensors = new Uint8Array(given);
          const name = `${fileName(run)}-${learner}${weights.ending}`;
          const request = { format, safetensors, learner, run, options, name };
          const made = await exports().call('model', request, { onProgress });
          if (format !== 'onnx' && format !== 'tfjs') return made;
          onProgress('Loading the model back', 0);
          const compare = async () => {
            const check = await training.call('modelCheck', { run: id, learner, from: weights.from });
            if (!check) return 'paused';
            const model = new Uint8Array(await made.blob.arrayBuffer());
            const { feed } = options;
            if (format === 'tfjs') return training.call('compareTfjs', { zip: model, feed, check });
            if (!made.name.endsWith('.onnx')) return null;
            return (await onnx()).call('compare', { model, safetensors, feed, check });
          };
          // The file is good without it.
          const found = await compare().catch((error: unknown) => sentenceOf(error));
          set({ loadedBack: comparedText(made.name, found) });
          return made;
        }),
      savePytorch: (id, weights, withData) =>
        write('Collecting weights and rows', async (onProgress) => {
          const { name: title } = runCalled(id);
          const handed = await training.call('exportBundle', { run: id, from: weights.from });
          if (!handed) throw new Error(gone);
          const { bundle } = handed;
          const packed = withData ? handed.set : null;
          const name = `${fileName(title)}-pytorch${weights.ending}`;
          return exports().call('pytorch', { bundle, set: packed, title, name }, { onProgress });
        }),
      saveAnswers: (id, learner, weights, format) =>
        write('Asking the network about the whole set', async () => {
          const { name } = runCalled(id);
          const answers = await training.call('answers', { run: id, learner, from: weights.from });
          if (!answers) throw new Error(stillBusy);
          const { answersFile } = await import('../../../export/answers-file');
          const bytes = answersFile(answers, format);
          return {
            name: `${fileName(name)}-${learner}-answers${weights.ending}.${format}`,
            blob: new Blob([bytes], { type: format === 'csv' ? 'text/csv' : 'application/zip' }),
          };
        }),
      savePredictions: (id) =>
        write('Measuring the test split', async () => {
          const { name } = runCalled(id);
          const predictions = await training.call('testPredictions', { run: id });
          const facts = records.get(id)?.facts;
          if (!predictions || !facts) throw new Error(notAtHand);
          const { predictionsCsv } = await import('../../../export/predictions-csv');
          const text = predictionsCsv(predictions, facts);
          return {
            name: `${fileName(name)}-predictions.csv`,
            blob: new Blob([text], { type: 'text/csv' }),
          };
        }),
    };
  };
