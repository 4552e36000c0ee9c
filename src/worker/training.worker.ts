/** The training worker: thin. Chooses a backend, runs one recipe at a time, and keeps listening while it trains. */
import { loadBundled } from '../data/bundled';
import type { Dataset } from '../data/dataset';
import type { Recipe } from '../distill/recipe';
import { chooseBackend } from '../engine/backends';
import { deviceIsKnownLost } from '../engine/device-care';
import type { BackendName } from '../engine/backend-names';
import { runFacts } from '../training/parts';
import { fetchAsset } from './assets';
import { Pump } from './pump';
import type { TrainingCommand, TrainingMessage } from './protocol';

/** Commands that wait for their turn: a backend may be changing or an old run ending. */
type Queued = Extract<TrainingCommand, { type: 'backend' | 'start' | 'weights' | 'inspect' }>;

let backendReady = false;
/** The backend that the user asked for, if any. */
let forced: BackendName | null = null;
/** The run of the moment; it stays after its end, so that its weights can be fetched. */
let pump: Pump | null = null;
let queue: Promise<void> = Promise.resolve();

function post(message: TrainingMessage, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

self.addEventListener('message', ({ data }: MessageEvent<TrainingCommand>) => {
  switch (data.type) {
    case 'backend':
    case 'start':
    case 'weights':
    case 'inspect':
      queue = queue.then(() => serve(data)).catch(reportError);
      break;
    default:
      if (pump?.id === data.run) steer(pump, data);
  }
});

/** Commands that act on the run of the moment, at once. */
function steer(target: Pump, command: Exclude<TrainingCommand, Queued>): void {
  switch (command.type) {
    case 'pause':
      return target.pause();
    case 'resume':
      return target.resume();
    case 'step':
      return target.single();
    case 'stop':
      return target.stop();
    case 'turn':
      return target.turn(command.path, command.value);
  }
}

async function serve(command: Queued): Promise<void> {
  switch (command.type) {
    case 'backend':
      await pump?.dispose();
      pump = null;
      forced = command.forced;
      await useBackend(forced);
      break;
    case 'start':
      await pump?.dispose();
      if (!backendReady || deviceIsKnownLost()) await useBackend(forced);
      pump = new Pump(command.run, post);
      pump.start(command.recipe, datasetOf(command.recipe, command.dataset), {
        fetchAsset,
        renewBackend: () => useBackend(forced),
      });
      break;
    case 'weights': {
      const { run, learner } = command;
      const safetensors = pump?.id === run ? await pump.weights(learner) : null;
      post({ type: 'weights', run, learner, safetensors }, safetensors ? [safetensors.buffer] : []);
      break;
    }
    case 'inspect': {
      const { request, recipe, dataset } = command;
      if (!backendReady) await useBackend(null);
      try {
        post({ type: 'facts', request, facts: runFacts(recipe, await datasetOf(recipe, dataset)) });
      } catch (error) {
        post({
          type: 'facts',
          request,
          facts: { problem: error instanceof Error ? error.message : String(error) },
        });
      }
      break;
    }
  }
}

async function useBackend(wanted: BackendName | null): Promise<void> {
  post({ type: 'backend', choice: await chooseBackend(wanted) });
  backendReady = true;
}

/** Bundled sets are read once and kept while they are asked for again. */
const bundled = { id: '', dataset: Promise.resolve<Dataset | null>(null) };

async function datasetOf({ material }: Recipe, given: Dataset | null): Promise<Dataset> {
  if (given) return given;
  if (material.dataset === 'upload')
    throw new Error(
      'This recipe wants images of your own. Drop them on the page, or choose a bundled data set.',
    );
  if (bundled.id !== material.dataset) {
    bundled.id = material.dataset;
    bundled.dataset = loadBundled(material.dataset, fetchAsset);
    // A set that could not be loaded must not be remembered as loaded.
    bundled.dataset.catch(() => (bundled.id = ''));
  }
  return (await bundled.dataset)!;
}

/** Reaches the page through the worker's error event, where the client starts afresh. */
function reportError(error: unknown): void {
  setTimeout(() => {
    throw error;
  });
}
