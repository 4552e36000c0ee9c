/** Runs a user's ONNX model on a data set. Holds no TensorFlow.js; the runtime is loaded with the first call. */
import { digestOf } from '../storage/digest';
import { mostInMemory } from '../storage/read-at-once';
import { openStorage } from '../storage/storage';
import { loadTeacher } from '../storage/stored-teachers';
import { answerFiles } from '../training/onnx/answer-files';
import { inspectModel, modelFilesOf, type ModelFiles, type Pause } from '../training/onnx/inspect';
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

serve<OnnxProtocol>({
  handlers: {
    async inspect(order, context) {
      const pause = pauseOf(context);
      await pause('Reading the model…', null);
      const [files, dataset] = await Promise.all([filesOf(order), sets.open(order.set)]);
      return inspectModel(files, dataset, await runtime(), pause);
    },
    async answers({ choices, ...order }, context) {
      const pause = pauseOf(context);
      await pause('Reading the model…', null);
      const files = await filesOf(order);
      const id = await nameOf(files, order, choices);
      const kept = await openStorage()
        .then((storage) => loadTeacher(storage, id))
        .catch(() => null);
      if (kept)
        return {
          id,
          files: kept.files.map(({ path, bytes }) => ({ path, bytes: new Blob([new Uint8Array(bytes)]) })),
          note: kept.about.notes.at(-1) ?? '',
        };
      const made = await answerFiles(files, choices, await sets.open(order.set), await runtime(), pause);
      return {
        id,
        note: made.note,
        files: made.files.map(({ path, bytes }) => ({ path, bytes: new Blob([bytes]) })),
      };
    },
  },
});

/** Equal models, sets and choices have equal answers. */
function nameOf({ bytes, beside }: ModelFiles, { set }: OnnxOrder, choices: object): Promise<string> {
  const about = JSON.stringify({ set: set.kind === 'bundled' ? set.id : set.hash, choices });
  const parts = [bytes, ...beside.map(({ data }) => data), new TextEncoder().encode(about)];
  return digestOf(parts.map((part) => new Uint8Array(part)));
}
