/** A run of the page and its PyTorch folder, side by side. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Dataset } from '../../../src/data/dataset';
import type { Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import { pytorchZip } from '../../../src/export/pytorch/project-zip';
import { readSafetensors, writeSafetensors } from '../../../src/nn/safetensors';
import { RandomStream } from '../../../src/random/streams';
import type { RunEvent } from '../../../src/training/events';
import { afterAll, beforeAll, expect } from 'vitest';
import { python, startPyTorch, type PyTorch } from '../../support/pytorch';
import { useWasm } from '../../support/wasm-in-node';
import { Run, type RunHelp } from '../../../src/training/run';
import { noAssets, ofType, tinyDataset, train } from '../training/tiny';

/** A place for folders, which its owner removes. */
export const createPlace = () => mkdtemp(join(tmpdir(), 'pytorch-'));
export const removePlace = (place: string) => rm(place, { recursive: true, force: true });

/** A place and a PyTorch for the tests of a file, on wasm; both end with them. Call at its top. */
export function usePyTorchFolders(): { readonly place: string; readonly pytorch: PyTorch } {
  const used = {} as { place: string; pytorch: PyTorch };
  beforeAll(async () => {
    await useWasm();
    used.place = await createPlace();
    if (python) used.pytorch = startPyTorch();
  });
  afterAll(async () => {
    if (python) used.pytorch.end();
    await removePlace(used.place);
  });
  return used;
}

export interface Unpacked {
  /** The folder. */
  place: string;
  events: RunEvent[];
}

/** Trains a recipe and writes the project of it with its data, as after unpacking. */
export async function unpacked(
  root: string,
  name: string,
  recipe: Recipe,
  set: Dataset = tinyDataset(),
): Promise<Unpacked> {
  const { run, events } = await train(recipe, set);
  const failed = events.find((event) => event.type === 'failed');
  if (failed?.type === 'failed') throw new Error(failed.message);
  await written(root, name, run, set);
  run.dispose();
  return { place: join(root, name), events };
}

/**
 * The same of a run that rests after so many steps, at an evaluation, and then goes on to its end: a folder as it rests, whose events
 * are those of the whole run, and the folder `name` of its end.
 */
export async function stoppedAt(
  after: number,
  root: string,
  name: string,
  recipe: Recipe,
  set: Dataset = tinyDataset(),
  help: Partial<RunHelp> = {},
): Promise<{ stopped: Unpacked; ended: Unpacked }> {
  const run = new Run(recipe, set, { fetchAsset: noAssets, ...help });
  const events: RunEvent[] = [];
  const before = `${name}, stopped`;
  for await (const tick of run.ticks()) {
    events.push(...tick);
    const failed = tick.find((event) => event.type === 'failed');
    if (failed?.type === 'failed') throw new Error(failed.message);
    const isNow = ofType(tick, 'evaluation').some(({ phase, step }) => phase === 'student' && step === after);
    if (isNow) await written(root, before, run, set);
  }
  await written(root, name, run, set);
  run.dispose();
  return { stopped: { place: join(root, before), events }, ended: { place: join(root, name), events } };
}

/** Writes the project of a run that rests. */
async function written(root: string, name: string, run: Run, set: Dataset): Promise<void> {
  const before = tf.memory().numTensors;
  const bundle = (await run.exportBundle({ rests: true }))!;
  if (tf.memory().numTensors !== before) throw new Error('The export bundle has left tensors behind.');
  const { title } = bundle.recipe;
  const zip = await pytorchZip(bundle, { title, name, set, onProgress: () => undefined });
  const files = unzipSync(new Uint8Array(await zip.blob.arrayBuffer()));
  for (const [path, bytes] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
}

/** What the tests read of `recipe.json`. */
export async function aboutOf({ place }: Unpacked) {
  return JSON.parse(await readFile(join(place, 'recipe.json'), 'utf8')) as {
    recipe: Recipe;
    hintKeys: string[];
    firstBatch: { rows: number[]; losses: Record<string, number> };
    score: { student: number; teacher?: number };
  };
}

/** What the page measured at the end of those who leave. A spoiled teacher was measured as it was shown. */
export function finalOf({ teacher: { knobs } }: Recipe, events: readonly RunEvent[]) {
  const { student, teacher } = ofType(events, 'finished')[0]!.final;
  const spoiled = (knobs['corruption'] ?? 'none') !== 'none';
  return { student, ...(teacher === undefined || spoiled ? {} : { teacher }) };
}

/** How far a run is from another one of the same recipe. */
export interface Distance {
  /** Steps that were compared. */
  steps: number;
  /** Largest difference of a loss of any step, as a share of the largest value of that loss. */
  losses: number;
  /** Largest difference of a weight at the end, as a share of the largest weight of its tensor. */
  weights: number;
}

/** Largest weight of a tensor at least: biases and running means near zero are made of larger terms. */
const leastWeight = 0.05;

/** What a run has computed: per loss its value in each step, and the student's last weights. */
export interface Curve {
  losses: ReadonlyMap<string, readonly number[]>;
  weights: ReadonlyMap<string, ArrayLike<number>>;
}

const weightsIn = async (file: string) =>
  new Map(readSafetensors(await readFile(file)).map(({ name, data }) => [name, data]));

/** Runs `train.py` in a folder, in one process or as many as `processes` says, and reads what it has computed. */
export async function curveOf(
  { place, processes = 1 }: { place: string; processes?: number },
  pytorch: PyTorch,
  ...options: string[]
): Promise<Curve> {
  const log = join(place, 'log.csv');
  await pytorch.together(processes, join(place, 'train.py'), '--device', 'cpu', '--csv', log, ...options);
  return lastCurve({ place });
}

/** What the last run of a folder that `curveOf` has started has computed. */
export async function lastCurve({ place }: { place: string }): Promise<Curve> {
  const [heading, ...lines] = (await readFile(join(place, 'log.csv'), 'utf8')).trim().split(/\r?\n/);
  const rows = lines.map((line) => line.split(',').map(Number));
  const names = heading!.split(',').slice(1);
  return {
    losses: new Map(names.map((name, j) => [name, rows.map((row) => row[j + 1]!)])),
    weights: await weightsIn(join(place, 'student.safetensors')),
  };
}

/** The same of the page's run. */
export async function curveOfPage({ place, events }: Unpacked): Promise<Curve> {
  const steps = ofType(events, 'step').filter(({ phase }) => phase === 'student');
  const names = Object.keys(steps[0]!.values);
  return {
    losses: new Map(names.map((name) => [name, steps.map(({ values }) => values[name]!)])),
    weights: await weightsIn(join(place, 'weights/student.safetensors')),
  };
}

/** How far a run is from another one, in what it has computed: from its last steps, where it has taken fewer. */
export function between(run: Curve, other: Curve): Distance {
  const largest = (values: ArrayLike<number>, least: number) =>
    Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), least);
  const apart = (values: ArrayLike<number>, from: ArrayLike<number>, least: number) => {
    const more = from.length - values.length;
    if (more < 0) throw new Error(`${values.length} numbers here, ${from.length} there.`);
    const differences = Array.from(values, (value, i) => value - from[more + i]!);
    return largest(differences, 0) / largest(from, least);
  };
  const losses = [...run.losses].map(([name, values]) => apart(values, other.losses.get(name)!, 1e-6));
  const weights = [...run.weights].map(([name, values]) =>
    apart(values, other.weights.get(name)!, leastWeight),
  );
  const [steps] = run.losses.values();
  return { steps: steps!.length, losses: Math.max(...losses), weights: Math.max(...weights) };
}

/** How far the folder's run is from the page's, from the same first weights. */
export async function distanceOf(
  folder: Unpacked,
  pytorch: PyTorch,
  ...options: string[]
): Promise<Distance> {
  return between(await curveOf(folder, pytorch, ...options), await curveOfPage(folder));
}

/**
 * Holds a folder to the page: losses to `within`, weights, which may be near zero, to fifty times that; or both to what PyTorch's
 * own runs are apart (`spreadOf`).
 */
export async function expectNear(
  folder: Unpacked,
  pytorch: PyTorch,
  distances: readonly Distance[],
  within: number,
  options: readonly string[],
): Promise<void> {
  const [losses, weights] = (['losses', 'weights'] as const).map((what) =>
    Math.max(...distances.map((distance) => distance[what])),
  );
  if (losses! < within && weights! < 50 * within) return;
  const chaos = await spreadOf(folder, pytorch, ...options);
  expect(losses).toBeLessThan(Math.max(within, 4 * chaos.losses));
  expect(weights).toBeLessThan(Math.max(50 * within, 4 * chaos.weights));
}

const jitters = 3;
const isStudent = (file: string) => file.startsWith('student');

/**
 * How far the folder's runs are from each other when first weights differ in the last digits, those of the student
 * alone and those of all networks that learn: the largest of several distances. A difference from the page that is no larger is chaos and not an error.
 */
async function spreadOf({ place }: Unpacked, pytorch: PyTorch, ...options: string[]): Promise<Distance> {
  const plain = await curveOf({ place }, pytorch, ...options);
  const folder = join(place, 'weights');
  const learners = (await readdir(folder)).filter((file) =>
    /^(student|teacher.*)-start\.safetensors$/.test(file),
  );
  const firsts = await Promise.all(learners.map((file) => readFile(join(folder, file))));
  const distances: Distance[] = [];
  const learnsBeside = learners.length > 1;
  for (const moving of learnsBeside ? [isStudent, () => true] : [isStudent])
    for (let i = 0; i < jitters; i++) {
      const random = RandomStream.fork(i, 'last digits');
      for (const [at, bytes] of firsts.entries()) {
        const jittered = readSafetensors(bytes).map(({ name, shape, data }) => ({
          name,
          shape,
          data: Float32Array.from(data, (value) => value * (1 + (random.uniform() - 0.5) * 2 ** -22)),
        }));
        const file = learners[at]!;
        await writeFile(join(folder, file), moving(file) ? writeSafetensors(jittered) : bytes);
      }
      distances.push(between(await curveOf({ place }, pytorch, ...options), plain));
    }
  for (const [at, bytes] of firsts.entries()) await writeFile(join(folder, learners[at]!), bytes);
  const largest = (key: keyof Distance) => Math.max(...distances.map((distance) => distance[key]));
  return { steps: largest('steps'), losses: largest('losses'), weights: largest('weights') };
}
