/** The training worker: thin. Chooses a backend, runs one recipe at a time, and keeps listening while it trains. */
import { loadBundled } from '../data/bundled';
import type { Dataset } from '../data/dataset';
import type { Recipe } from '../distill/recipe';
import { chooseBackend } from '../engine/backends';
import { deviceIsKnownLost } from '../engine/device-care';
import type { BackendChoice, BackendName } from '../engine/backend-names';
import { faultOf } from '../storage/faults';
import type { RunProgress } from '../storage/schema';
import { teacherId, teacherOf } from '../storage/teachers';
import { readSafetensors } from '../nn/safetensors';
import type { Learner } from '../training/events';
import { examineTeacher } from '../training/foreign-teacher';
import type { HandOver } from '../training/hand-over';
import { RunFailure } from '../training/failure';
import { runFacts } from '../training/parts';
import { weightsOfState } from '../training/weights-file';
import { fetchAsset } from './assets';
import { withPiece } from './delivery';
import { Keeper } from './keeper';
import { Keeping, type Brought, type Held } from './keeping';
import { Pump } from './pump';
import type {
  DatasetPiece,
  RunId,
  SentDataset,
  TrainingCommand,
  TrainingMessage,
  WeightsFrom,
} from './protocol';

/** Commands that wait for their turn: a backend may be changing or an old run ending. */
type Queued =
  | DatasetPiece
  | Extract<
      TrainingCommand,
      { type: 'backend' | 'start' | 'continue' | 'weights' | 'handOver' | 'bring' | 'recall' | 'inspect' }
    >;

/** The backend that is loaded. */
let active: BackendChoice | null = null;
/** It was taken for a run that goes on, and is not what would be chosen for a new one. */
let borrowed = false;
/** The backend that the user asked for, if any. */
let forced: BackendName | null = null;
/** The run of the moment; it stays after its end, so that its weights can be fetched. */
let pump: Pump | null = null;
let queue: Promise<void> = Promise.resolve();
const keeping = new Keeping();
/** The person's own images as they were last sent. */
let known: Dataset | null = null;
/** Teachers that the person has brought, by checksum: those of this session and what was asked for of earlier ones. */
const brought = new Map<string, Brought>();

function post(message: TrainingMessage, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

self.addEventListener('message', ({ data }: MessageEvent<TrainingCommand | DatasetPiece>) => {
  switch (data.type) {
    case 'dataset':
    case 'images':
    case 'backend':
    case 'start':
    case 'continue':
    case 'weights':
    case 'handOver':
    case 'bring':
    case 'recall':
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
    case 'keep':
      return target.keep();
    case 'turn':
      return target.turn(command.path, command.value);
  }
}

async function serve(command: Queued): Promise<void> {
  switch (command.type) {
    case 'dataset':
    case 'images':
      // In their turn: what was asked before is asked of the images from before.
      known = withPiece(known, command);
      break;
    case 'backend':
      await pump?.dispose();
      pump = null;
      forced = command.forced;
      await useBackend(forced);
      break;
    case 'start':
      await pump?.dispose();
      if (!active || borrowed || deviceIsKnownLost()) await useBackend(forced);
      start(command);
      break;
    case 'continue':
      await pump?.dispose();
      pump = null;
      await resume(command.run, command.kept);
      break;
    case 'weights': {
      const { run, learner, from } = command;
      const safetensors = await weightsFrom(run, learner, from).catch(() => null);
      post({ type: 'weights', run, learner, safetensors }, safetensors ? [safetensors.buffer] : []);
      break;
    }
    case 'handOver': {
      const { run, from } = command;
      post({ type: 'handOver', run, handOver: await handOverFrom(run, from).catch(() => null) });
      break;
    }
    case 'bring':
      if (!active) await useBackend(null);
      post({ type: 'brought', request: command.request, found: await bring(command) });
      break;
    case 'recall': {
      const { request, file } = command;
      post({ type: 'brought', request, found: (await teacherCalled(file).catch(() => null))?.about ?? null });
      break;
    }
    case 'inspect': {
      const { request, recipe, dataset } = command;
      if (!active) await useBackend(null);
      try {
        post({ type: 'facts', request, facts: runFacts(recipe, await datasetOf(recipe, dataset)) });
      } catch (error) {
        post({
          type: 'facts',
          request,
          facts: {
            problem: error instanceof Error ? error.message : String(error),
            knob: error instanceof RunFailure ? error.knob : null,
          },
        });
      }
      break;
    }
  }
}

/** Null when there are none. */
async function weightsFrom(run: RunId, learner: Learner, from: WeightsFrom): Promise<Uint8Array | null> {
  if (from === 'end') return pump?.id === run ? pump.weights(learner) : keeping.weights(run, learner);
  if (from === 'best') return learner === 'student' ? keeping.best(run) : null;
  const { state, dataset } = await keeping.stateOf(run, from.state);
  if (!active) await useBackend(null);
  return weightsOfState(state, dataset ?? (await datasetOf(state.recipe, null)), learner);
}

/** Null when the run is not the one of the moment, or has no such weights. */
async function handOverFrom(run: RunId, from: WeightsFrom): Promise<HandOver | null> {
  if (pump?.id !== run) return null;
  if (from === 'end') return pump.handOver(null);
  const student = await weightsFrom(run, 'student', from);
  return student && pump.handOver(readSafetensors(student));
}

async function bring({ files, recipe, dataset }: Extract<TrainingCommand, { type: 'bring' }>) {
  try {
    const images = await datasetOf(recipe, dataset);
    const found = await examineTeacher(files, images, recipe.material.halve);
    const id = await teacherId(files);
    const name = files.map(({ path }) => path).join(', ');
    const about = { ...found, id, name, dataset: images.title };
    brought.set(id, { about, files });
    // Where it cannot be stored it is kept while the page is open, as runs are.
    await keeping.keepTeacher({ about, files }).catch(() => undefined);
    return about;
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** @throws StorageFault when it is damaged */
async function teacherCalled(file: string): Promise<Brought | null> {
  const known = brought.get(file) ?? (await keeping.teacher(file));
  if (known) brought.set(file, known);
  return known;
}

const broughtFiles = async (file: string) => (await teacherCalled(file))?.files ?? null;

function start({ run, recipe, dataset, keep }: Extract<TrainingCommand, { type: 'start' }>): void {
  pump = new Pump(run, post);
  const teacher = brought.get(teacherOf(recipe) ?? '') ?? null;
  pump.start({
    recipe,
    dataset: datasetOf(recipe, dataset),
    help: { fetchAsset, brought: broughtFiles, renewBackend: () => useBackend(forced) },
    ...(keep ? { keeper: (set) => keeperOf(run, keeping.begin(run, active!.name, set, teacher)) } : {}),
  });
}

/** Goes on with a stored run, on the backend that it was begun on: others differ in the last digits. */
async function resume(run: RunId, kept?: string): Promise<void> {
  try {
    post({ type: 'state', run, state: 'preparing' });
    const { state, progress, dataset, ...held } = await keeping.resume(run, kept);
    const wanted = progress.backend as BackendName;
    if (active?.name !== wanted || deviceIsKnownLost()) {
      await useBackend(wanted, 'The run that goes on was begun on it.');
      borrowed = true;
    }
    pump = new Pump(run, post);
    pump.start({
      recipe: state.recipe,
      dataset: datasetOf(state.recipe, dataset),
      help: { fetchAsset, brought: broughtFiles, renewBackend: () => useBackend(wanted) },
      from: { state, chunks: progress.chunks },
      keeper: () => keeperOf(run, held, progress.best?.accuracy ?? undefined),
    });
    if (active!.name !== wanted) pump.warn(otherBackend(progress, active!));
  } catch (error) {
    post({ type: 'refused', run, text: faultOf(error).message });
  }
}

function otherBackend({ backend, step }: RunProgress, now: BackendChoice): string {
  return `The run was begun on ${backend}, which does not work here now. From step ${step} on it runs on ${now.name}, whose results differ in the last digits.`;
}

function keeperOf(run: RunId, { journal, release }: Held, bestAccuracy?: number): Keeper {
  return new Keeper(journal, release, (news) => post({ type: 'storage', run, ...news }), bestAccuracy);
}

async function useBackend(wanted: BackendName | null, reason?: string): Promise<void> {
  const choice = await chooseBackend(wanted);
  active = choice;
  borrowed = false;
  post({
    type: 'backend',
    choice: reason && choice.name === wanted ? { ...choice, reason, forced: false } : choice,
  });
}

/** Bundled sets are read once and kept while they are asked for again. */
const bundled = { id: '', dataset: Promise.resolve<Dataset | null>(null) };

async function datasetOf({ material }: Recipe, given: SentDataset): Promise<Dataset> {
  if (given === 'known' && known) return known;
  if (given && given !== 'known') {
    known = given;
    return given;
  }
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
