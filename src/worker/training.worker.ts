/** The training worker: thin. Chooses a backend, runs one recipe at a time, and keeps listening while it trains. */
import type { Dataset } from '../data/dataset';
import type { Recipe } from '../distill/recipe';
import { chooseBackend } from '../engine/backends';
import { deviceIsKnownLost } from '../engine/device-care';
import {
  backendTitles,
  backendKey,
  wasmDevice,
  type BackendChoice,
  type BackendName,
} from '../engine/backend-names';
import { mostCharacters, shortened, sentenceOf } from '../limits/texts';
import { RunRecord } from '../record/run-record';
import { faultOf, StorageFault } from '../storage/faults';
import type { OwnSetRef } from '../storage/set-handle';
import { lastBackend, type RunProgress, type TeacherFile } from '../storage/schema';
import { heldTeacher, teacherId, teacherOf } from '../storage/stored-teachers';
import { readSafetensors } from '../nn/safetensors';
import { kernelsChanged, moveEvents } from '../training/backend-move';
import type { Learner, RunEvent, SetAnswers } from '../training/events';
import { storedAnswers } from '../training/set-answers';
import { latencyBatch } from '../training/latency';
import { inspectTeacher } from '../training/inspect-teacher';
import { RunFailure } from '../training/failure';
import { runFacts } from '../training/run-factories';
import { Run, type RunHelp } from '../training/run';
import { storedExportBundle } from '../training/stored-export-bundle';
import { TraceTables } from '../training/trace-tables';
import { weightsOfCheckpoint } from '../training/write-weights';
import { CellReport } from './cell-report';
import { keptAssets } from './fetch-asset';
import { Checkpointer, type CheckpointerOptions } from './checkpointer';
import { RunStorage, type OpenedJournal } from './run-storage';
import { RunLoop } from './run-loop';
import { serve } from './rpc';
import { TeacherFits, viewOf } from './teacher-fit';
import { threadPlanFor } from './thread-plan';
import type { RunId, TrainingCommand, TrainingProtocol, WeightsFrom } from './training-protocol';

/** The backend that is loaded. */
let active: BackendChoice | null = null;
/** The backend was loaded to continue a run and would not be chosen for a new one. */
let borrowed = false;
/** The backend that the user asked for, if any. */
let forced: BackendName | null = null;
/** Threads that were asked for; null for as many as are of use. */
let threads: number | null = null;
/** The present run; it stays after its end, so that its weights can be fetched. */
let current: RunLoop | null = null;
let queue: Promise<void> = Promise.resolve();
const storage = new RunStorage();
const { sets, teachers } = storage;
const importedFiles = async (file: string) => (await teachers.find(file))?.files ?? null;
const fits = new TeacherFits(importedFiles);
const traces = new TraceTables();
/** Where the further sets of a run come from. */
const sources = { fetchAsset: keptAssets(), ownSet: (hash: string) => sets.openOther(hash) };

/** Runs calls one after another: a backend may be changing or an old run ending. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const result = queue.then(work);
  queue = result.then(
    () => undefined,
    () => undefined,
  );
  return result;
}

const post = serve<TrainingProtocol>({
  command: (command) => {
    if (current?.id === command.run) steer(current, command);
  },
  handlers: {
    backend: ({ forced: wanted, threads: most }) =>
      inTurn(async () => {
        await current?.dispose();
        current = null;
        forced = wanted;
        threads = most ?? null;
        return useBackend(forced);
      }),
    start: (order) => inTurn(() => start(order)),
    continue: (order) =>
      inTurn(async () => {
        await current?.dispose();
        current = null;
        await resume(order);
      }),
    weights: ({ run, learner, from }, { transfer }) =>
      inTurn(async () => {
        const safetensors = await weightsFrom(run, learner, from).catch(() => null);
        if (safetensors) transfer(safetensors.buffer);
        return safetensors;
      }),
    views: ({ run, hints }) =>
      inTurn(async () => (current?.id === run ? current.views(hints).catch(() => null) : null)),
    measureLatency: ({ run, batch = latencyBatch }) =>
      inTurn(async () => (current?.id === run ? current.latencies(batch).catch(() => null) : null)),
    testPredictions: ({ run }) =>
      inTurn(async () => (current?.id === run ? current.testPredictions().catch(() => null) : null)),
    exportBundle: ({ run, from }) =>
      inTurn(() =>
        exportBundleFrom(run, from).catch((error: unknown) => {
          if (error instanceof RunFailure || error instanceof StorageFault) throw error;
          return null;
        }),
      ),
    cellBundle: (order, { progress }) => inTurn(() => cellBundle(order, progress)),
    modelCheck: (order) => inTurn(() => checkOf(order)),
    modelScores: ({ answered, ...order }) =>
      inTurn(async () => {
        const { modelScores } = await import('../training/model-check');
        const { recipe, dataset } = await studiedBy(order.run, order.from);
        return modelScores(recipe, dataset, answered, sources);
      }),
    compareTfjs: ({ zip, feed, check }) =>
      inTurn(async () => {
        if (!active) await useBackend(null);
        const { compareTfjs } = await import('../training/compare-tfjs');
        return compareTfjs(zip, feed, check);
      }),
    answers: ({ run, learner, from }) => inTurn(() => answersOf(run, learner, from)),
    importTeacher: ({ files, recipe, dataset, as }) =>
      inTurn(async () => {
        if (!active) await useBackend(null);
        return importTeacher(files, recipe, await datasetOf(recipe, dataset), as);
      }),
    teacherOfRun: (wanted) =>
      inTurn(async () => {
        if (!active) await useBackend(null);
        return teacherOfRun(wanted);
      }),
    takeOutsideRun: (order) => inTurn(() => takeOutside(order)),
    restoreTeacher: (teacher) => teachers.hold(teacher),
    lend: async ({ set, teacher }) => {
      const known = teacher === null ? null : await teachers.atHand(teacher);
      return {
        set: set === null ? null : await sets.lend(set),
        teacher: known && (await heldTeacher(known)),
      };
    },
    findTeacher: ({ file }) =>
      inTurn(async () => (await teachers.find(file).catch(() => null))?.about ?? null),
    inspect: ({ recipe, dataset }) =>
      inTurn(async () => {
        if (!active) await useBackend(null);
        try {
          return await factsOf(recipe, await datasetOf(recipe, dataset));
        } catch (error) {
          return { problem: sentenceOf(error), knob: error instanceof RunFailure ? error.knob : null };
        }
      }),
  },
});

/** @throws RunFailure with a sentence when the recipe does not fit the data set */
async function factsOf(recipe: Recipe, dataset: Dataset): Promise<Calls['inspect']['gives']> {
  const facts = await runFacts(recipe, dataset, sources);
  const fit = await fits.of(recipe, dataset, sets.nameOf(dataset));
  if (fit && 'problem' in fit) return { problem: fit.problem, knob: 'teacher.knobs.file' };
  return { ...facts, notes: [...facts.notes, ...(fit?.doubts ?? [])] };
}

/** Carries out a command for the present run. */
function steer(target: RunLoop, command: TrainingCommand): void {
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

/** Null when there are none. */
async function weightsFrom(run: RunId, learner: Learner, from: WeightsFrom): Promise<Uint8Array | null> {
  if (from === 'end') return current?.id === run ? current.weights(learner) : storage.weights(run, learner);
  if (from === 'best') return learner === 'student' ? storage.best(run) : null;
  const { state, dataset } = await storage.checkpointOf(run, from.state);
  if (!active) await useBackend(null);
  return weightsOfCheckpoint(state, await sets.open(dataset), learner, sources);
}

/** Null when there are no such weights. @throws RunFailure, StorageFault */
async function exportBundleFrom(run: RunId, from: WeightsFrom): Promise<Calls['exportBundle']['gives']> {
  if (current?.id !== run || typeof from !== 'string') return exportBundleOfStored(run, from);
  const student = from === 'end' ? null : await storage.best(run);
  if (from !== 'end' && !student) return null;
  const bundle = await current.exportBundle(student && readSafetensors(student));
  return bundle && { bundle, set: await sets.refOf(current.dataset!) };
}

/** @throws RunFailure, StorageFault */
async function cellBundle(
  { recipe, dataset: own, run: stored }: Calls['cellBundle']['takes'],
  progress: (text: string, share: number) => void,
): Promise<Calls['cellBundle']['gives']> {
  if (!active || borrowed) await useBackend(forced);
  const dataset = await datasetOf(recipe, own);
  const student = stored && (await storage.weights(stored, 'student').catch(() => null));
  const place = { dataset: sets.nameOf(dataset), backend: backendKey(active!) };
  const keptTeachers = () => storage.keptTeachers.at(place);
  const run = new Run(recipe, dataset, { ...sources, importedFiles, keptTeachers, backend: active! });
  try {
    let planned = 1;
    for await (const tick of run.ticks()) {
      for (const event of tick) {
        if (event.type === 'failed') throw new RunFailure(event.message, { knob: event.knob });
        if (event.type === 'phase') planned = Math.max(1, event.steps);
        if (event.type === 'step' && event.phase === 'teacher')
          progress('Training the teacher', Math.min(1, event.step / planned));
      }
      // There once the student is about to learn.
      const bundle = await run.exportBundle({ weights: student ? readSafetensors(student) : null });
      if (bundle) return { bundle, set: await sets.refOf(dataset) };
    }
    throw new RunFailure('The run ended before its student was made.');
  } finally {
    run.dispose();
  }
}

async function exportBundleOfStored(run: RunId, from: WeightsFrom): Promise<Calls['exportBundle']['gives']> {
  if (!active) await useBackend(null);
  const student = await weightsFrom(run, 'student', from);
  if (!student) return null;
  const whole = await storage.whole(run, typeof from === 'string' ? null : from.state);
  const dataset = await sets.open(whole.dataset);
  const help = { ...sources, importedFiles };
  const students = from === 'best' ? null : whole.students;
  const bundle = await storedExportBundle({ ...whole, dataset, student, students }, help);
  return { bundle, set: await sets.refOf(dataset) };
}

/** Recipe and data set of the run at hand, or of a stored one. @throws RunFailure, StorageFault */
async function studiedBy(run: RunId, from: WeightsFrom): Promise<{ recipe: Recipe; dataset: Dataset }> {
  if (current?.id === run && current.dataset && current.recipe)
    return { recipe: current.recipe, dataset: current.dataset };
  const { recipe, dataset } = await storage.whole(run, typeof from === 'string' ? null : from.state);
  return { recipe, dataset: await sets.open(dataset) };
}

/** Null when there are no such weights. @throws RunFailure, StorageFault */
async function checkOf({
  run,
  learner,
  from,
}: Calls['modelCheck']['takes']): Promise<Calls['modelCheck']['gives']> {
  if (!active) await useBackend(null);
  const answers = await answersOf(run, learner, from);
  if (!answers?.test) return null;
  const { modelCheck } = await import('../training/model-check');
  const { recipe, dataset } = await studiedBy(run, from);
  return modelCheck(recipe, dataset, learner, answers, sources);
}

/** Null when there are no such weights. @throws RunFailure, StorageFault */
async function answersOf(run: RunId, learner: Learner, from: WeightsFrom): Promise<SetAnswers | null> {
  if (from === 'end' && current?.id === run) return current.answers(learner);
  if (!active) await useBackend(null);
  const weights = await weightsFrom(run, learner, from);
  // A teacher may have no weights of its own: it comes with the page, or from a file.
  if (!weights && learner !== 'teacher') return null;
  const { recipe, dataset, teacher } = await storage.whole(run, typeof from === 'string' ? null : from.state);
  return storedAnswers({ recipe, dataset: await sets.open(dataset), teacher }, learner, weights, {
    ...sources,
    importedFiles,
  });
}

/** @throws Error with a sentence when the files do not fit the data set */
async function importTeacher(
  chosen: Calls['importTeacher']['takes']['files'],
  recipe: Recipe,
  images: Dataset,
  as?: Calls['importTeacher']['takes']['as'],
): Promise<Calls['importTeacher']['gives']> {
  const files = await Promise.all(
    chosen.map(async ({ path, bytes }) => ({ path, bytes: new Uint8Array(await bytes.arrayBuffer()) })),
  );
  const name = shortened(as?.name ?? files.map(({ path }) => path).join(', '), mostCharacters.label);
  return takeTeacher(files, name, recipe, images, as);
}

/**
 * @param as of files that were made here: a sentence in place of those on how they were read, and their name in recipes
 * @throws Error with a sentence when the files do not fit the data set
 */
async function takeTeacher(
  files: TeacherFile[],
  name: string,
  recipe: Recipe,
  images: Dataset,
  as: { note?: string; id?: string } = {},
): Promise<Calls['importTeacher']['gives']> {
  const { doubts, ...found } = await inspectTeacher(files, images, viewOf(recipe));
  const id = as.id ?? (await teacherId(files));
  fits.remember(id, recipe, sets.nameOf(images), { doubts });
  // Of a file that was written here it need not be said how it was read.
  const notes = as.note ? [...doubts, as.note] : found.notes;
  const teacher = { ...found, notes, id, name, dataset: images.title };
  return { teacher, held: await teachers.take({ about: teacher, files }) };
}

/** @throws RunFailure, StorageFault with a sentence */
async function takeOutside({
  run,
  metrics,
  dataset: own,
  student,
  teacher,
}: Calls['takeOutsideRun']['takes']): Promise<void> {
  if (!active) await useBackend(null);
  const dataset = await datasetOf(metrics.recipe, own);
  const bytesOf = async (file: Blob | null) => file && new Uint8Array(await file.arrayBuffer());
  const { takeOutsideRun } = await import('../training/outside-run');
  const parts = { metrics, dataset, student: await bytesOf(student), teacher: await bytesOf(teacher) };
  const taken = await takeOutsideRun(parts, { ...sources, importedFiles });
  await storage.storeEnded(run, dataset, metrics.trainedIn, taken);
}

/** @throws Error, RunFailure, StorageFault with a sentence */
async function teacherOfRun({
  run,
  learner,
  from,
  name,
  recipe,
  dataset,
}: Calls['teacherOfRun']['takes']): Promise<Calls['teacherOfRun']['gives']> {
  const images = await datasetOf(recipe, dataset);
  const weights = await weightsFrom(run, learner, from);
  let why = 'Its weights are not stored.';
  if (weights)
    try {
      return await takeTeacher([{ path: 'teacher.safetensors', bytes: weights }], name, recipe, images);
    } catch (error) {
      why = sentenceOf(error);
    }
  // What cannot teach as a network can teach by its answers, on the set that it knows.
  const own =
    current?.id === run ? current.dataset : await sets.open((await storage.whole(run, null)).dataset);
  if (!own || sets.nameOf(own) !== sets.nameOf(images))
    throw new Error(`${why} It could teach by its answers alone, and they are of another data set.`);
  const answers = await answersOf(run, learner, from);
  if (!answers)
    throw new Error(
      'The weights of this network are gone: they are not stored, and only the newest run is still at hand.',
    );
  const { answersFile } = await import('../export/answers-file');
  const files = [{ path: 'answers.npz', bytes: answersFile(answers, 'npz') }];
  const note = `It teaches by its answers on this set. ${why}`;
  return takeTeacher(files, name, recipe, images, { note });
}

type Calls = TrainingProtocol['calls'];

/** A fault before the start becomes the run's `failed` event. */
async function start({
  run,
  recipe,
  dataset,
  keep,
  late = false,
  cell,
}: Calls['start']['takes']): Promise<void> {
  await current?.dispose();
  const record = new RunRecord(run, recipe);
  current = new RunLoop(run, post, cell && new CellReport(record, cell, post));
  try {
    if (!active || borrowed || deviceIsKnownLost()) await useBackend(forced);
  } catch (error) {
    current.fail(sentenceOf(error), null);
    return;
  }
  current.runsOn(active!);
  const teacher = await teachers.atHand(teacherOf(recipe) ?? '');
  current.start({
    recipe,
    dataset: datasetOf(recipe, dataset),
    help: { ...helpFor(current, forced), measuresLatency: !cell },
    ...(keep
      ? {
          checkpointer: (set) =>
            checkpointerOf(record, () => storage.begin(run, active!.name, set, teacher), {
              lean: cell !== undefined,
              late,
            }),
        }
      : {}),
  });
}

/**
 * Continues a stored run on its last backend: other backends differ in the last digits.
 * @throws StorageFault with a sentence when it cannot be continued
 */
async function resume({ run, kept, cell }: Calls['continue']['takes']): Promise<void> {
  try {
    post({ type: 'state', run, state: 'preparing' });
    const { state, progress, record, dataset, ...held } = await storage.resume(run, kept);
    const wanted = lastBackend(progress);
    if (active?.name !== wanted || deviceIsKnownLost()) {
      await useBackend(wanted, 'The continued run was computed on it.');
      borrowed = true;
    }
    current = new RunLoop(run, post, cell && new CellReport(record, cell, post));
    current.runsOn(active!);
    current.start({
      recipe: state.recipe,
      dataset: dataset ? Promise.resolve(dataset) : datasetOf(state.recipe, null),
      help: { ...helpFor(current, wanted), measuresLatency: !cell },
      from: { checkpoint: state, chunks: progress.chunks },
      checkpointer: () =>
        checkpointerOf(record, () => held, {
          lean: cell !== undefined,
          bestScore: progress.best?.score ?? null,
        }),
    });
    current.add(
      active!.name === wanted
        ? kernelsChanged(wanted, state.kernels, progress.step + 1)
        : otherBackend(progress, active!),
    );
  } catch (error) {
    throw faultOf(error);
  }
}

/** @param wanted the backend to load again after a lost device */
function helpFor(target: RunLoop, wanted: BackendName | null): RunHelp {
  const renewBackend = async () => {
    const choice = await useBackend(wanted);
    target.runsOn(choice);
    return choice;
  };
  const keptTeachers = () =>
    storage.keptTeachers.at({
      dataset: target.dataset ? sets.nameOf(target.dataset) : '',
      backend: backendKey(active!),
    });
  return { ...sources, importedFiles, keptTeachers, traces, backend: active!, renewBackend };
}

function otherBackend(progress: RunProgress, now: BackendChoice): RunEvent[] {
  const { phase, step } = progress;
  const from = lastBackend(progress);
  const why = `The run was computed on ${backendTitles[from]} so far, which does not work here now.`;
  return moveEvents(why, now, { phase, step: step + 1, from });
}

function checkpointerOf(
  record: RunRecord,
  begin: () => OpenedJournal,
  options: CheckpointerOptions,
): Checkpointer {
  return new Checkpointer(
    record,
    begin,
    (news) => post({ type: 'storage', run: record.id, ...news }),
    options,
  );
}

/** @throws Error with a sentence when none works */
async function useBackend(wanted: BackendName | null, reason?: string): Promise<BackendChoice> {
  const choice = await chooseBackend(wanted, threadPlanFor(threads, helpersEnded));
  active = choice;
  borrowed = false;
  const shown = reason && choice.name === wanted ? { ...choice, reason, forced: false } : choice;
  post({ type: 'backend', choice: shown });
  return shown;
}

/** Steps go on with one thread, and the same numbers. */
function helpersEnded(why: string): void {
  if (active?.name !== 'wasm') return;
  active = { ...active, device: wasmDevice(1), threads: { count: 1, why: `One thread: ${why}` } };
  current?.runsOn(active);
  post({ type: 'backend', choice: active });
}

/** The data set of a recipe. @param own a user's set, which takes precedence over a bundled one */
async function datasetOf({ material }: Recipe, own: OwnSetRef | null): Promise<Dataset> {
  if (own) return sets.open(own);
  if (material.dataset === 'upload')
    throw new Error(
      'This recipe wants data of your own. Drop the files on the page, or choose a bundled data set.',
    );
  return sets.open({ kind: 'bundled', id: material.dataset });
}
