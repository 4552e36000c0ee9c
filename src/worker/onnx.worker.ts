/** Runs a user's ONNX model on a data set. Holds no TensorFlow.js; the runtime is loaded with the first call. */
import { digestOf } from '../storage/digest';
import { mostInMemory } from '../storage/read-at-once';
import { openStorage } from '../storage/storage';
import { loadTeacher } from '../storage/stored-teachers';
import { firstChoices, isOnnx, scalingText, type OnnxChoices } from '../training/onnx/about';
import { answerFiles } from '../training/onnx/answer-files';
import { inspectModel, modelFilesOf, type ModelFiles, type Pause } from '../training/onnx/inspect';
import { OnnxProblem } from '../training/onnx/model-file';
import { sessionsOf, type OpenSession } from '../training/onnx/runtime';
import { OpenSets, streamedAbove } from './open-sets';
import type { OnnxOrder, OnnxProtocol } from './onnx-protocol';
import { serve, type CallContext } from './rpc';
import { MessageYielder } from './yield-to-messages';

const sets = new OpenSets(openStorage, undefined, streamedAbove(mostInMemory()));
const messages = new MessageYielder();

/** The runtime's binary is 14 MB: it comes from the page's origin, once a model is there. */
async function runtime(): Promise<OpenSession> {
  const [ort, { default: binary }] = await Promise.all([
    import('onnxruntime-web/wasm'),
    import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
  ]);
  // More threads would be workers that the runtime starts by itself, outside of the page's policy.
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: new URL(binary, import.meta.url).href };
  return sessionsOf(ort);
}

/** A model runs without pause: whether the page has cancelled is heard between two batches. */
function pauseOf({ progress, signal }: CallContext): Pause {
  return async (text, share) => {
    progress(text, share);
    await messages.ifDue();
    signal.throwIfAborted();
  };
}

async function filesOf({ files }: OnnxOrder): Promise<ModelFiles> {
  return modelFilesOf(
    await Promise.all(
      files.map(async ({ path, bytes }) => ({ path, bytes: new Uint8Array(await bytes.arrayBuffer()) })),
    ),
  );
}

/** What a model shows of a set: from the storage where it was computed before. */
async function answersOf(
  files: ModelFiles,
  { set }: Pick<OnnxOrder, 'set'>,
  choices: OnnxChoices,
  pause: Pause,
): Promise<OnnxProtocol['calls']['answers']['gives']> {
  const id = await nameOf(files, set, choices);
  const kept = await openStorage()
    .then((storage) => loadTeacher(storage, id))
    .catch(() => null);
  if (kept) return { id, files: kept.files.map(asBlob), note: kept.about.notes.at(-1) ?? '' };
  const made = await answerFiles(files, choices, await sets.open(set), await runtime(), pause);
  return { id, files: made.files.map(asBlob), note: made.note };
}

/** Bytes that were read or made here are of a buffer of their own. */
const asBlob = ({ path, bytes }: { path: string; bytes: Uint8Array }) => ({
  path,
  bytes: new Blob([bytes as Uint8Array<ArrayBuffer>]),
});

serve<OnnxProtocol>({
  handlers: {
    async inspect(order, context) {
      const pause = pauseOf(context);
      await pause('Reading the model…', null);
      const [files, dataset] = await Promise.all([filesOf(order), sets.open(order.set)]);
      return inspectModel(files, dataset, await runtime(), pause);
    },
    async quantise(order, context) {
      const pause = pauseOf(context);
      await pause('Loading the runtime…', null);
      const { quantiseModel } = await import('./quantise-model');
      return quantiseModel(order, await runtime(), pause);
    },
    async compare(saved, context) {
      const { compareOnnx } = await import('./compare-onnx');
      return compareOnnx(saved, await runtime(), pauseOf(context));
    },
    async answers({ choices, ...order }, context) {
      const pause = pauseOf(context);
      await pause('Reading the model…', null);
      return answersOf(await filesOf(order), order, choices, pause);
    },
    async together({ features, ...order }, context) {
      const models = order.files.filter(isOnnx);
      const dataset = await sets.open(order.set);
      const lines: string[] = [];
      const all: Awaited<ReturnType<typeof answersOf>>[] = [];
      for (const [m, model] of models.entries()) {
        const of = models.length > 1 ? `Model ${m + 1} of ${models.length}: ` : '';
        const pause: Pause = (text, share) => pauseOf(context)(`${of}${text}`, share);
        await pause('Reading the model…', null);
        const files = await filesOf({
          ...order,
          files: [model, ...order.files.filter((one) => !isOnnx(one))],
        });
        const found = await inspectModel(files, dataset, await runtime(), pause);
        const choices = {
          ...firstChoices(found),
          ...(features && models.length === 1 ? found.proposal : {}),
        };
        lines.push(
          `${found.name}: its input is given ${scalingText(choices.scaling)}, the best of ${found.tried.length} ways on ${found.sample} training instances.`,
        );
        all.push(await answersOf(files, order, choices, pause));
      }
      const [only, ...others] = all;
      if (!only) throw new OnnxProblem('There is no ONNX model among the files.');
      if (others.length === 0) return { ...only, lines };
      const id = await digestOf([new TextEncoder().encode(all.map((one) => one.id).join())]);
      return {
        id,
        files: all.flatMap((one) => one.files),
        note: [...new Set(all.map(({ note }) => note))].join(' '),
        lines,
      };
    },
  },
});

/** Equal models, sets and choices have equal answers. */
function nameOf({ bytes, beside }: ModelFiles, set: OnnxOrder['set'], choices: object): Promise<string> {
  const about = JSON.stringify({ set: set.kind === 'bundled' ? set.id : set.hash, choices });
  const parts = [bytes, ...beside.map(({ data }) => data), new TextEncoder().encode(about)];
  return digestOf(parts as Uint8Array<ArrayBuffer>[]);
}
