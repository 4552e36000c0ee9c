/** A run of the page and its PyTorch folder, side by side. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Dataset } from '../../../src/data/dataset';
import type { Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import { pytorchZip } from '../../../src/export/pytorch/project-zip';
import { readSafetensors } from '../../../src/nn/safetensors';
import type { RunEvent } from '../../../src/training/events';
import type { PyTorch } from '../../support/pytorch';
import { ofType, tinyDataset, train } from '../training/tiny';

/** A place for folders, which its owner removes. */
export const createPlace = () => mkdtemp(join(tmpdir(), 'pytorch-'));
export const removePlace = (place: string) => rm(place, { recursive: true, force: true });

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
  const before = tf.memory().numTensors;
  const bundle = (await run.exportBundle())!;
  if (tf.memory().numTensors !== before) throw new Error('The export bundle has left tensors behind.');
  run.dispose();
  const zip = await pytorchZip(bundle, { title: recipe.title, name, set, onProgress: () => undefined });
  const files = unzipSync(new Uint8Array(await zip.blob.arrayBuffer()));
  for (const [path, bytes] of Object.entries(files)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return { place: join(root, name), events };
}

/** How far a folder's own run is from the page's. */
export interface Distance {
  /** Steps that were compared. */
  steps: number;
  /** Largest difference of a loss of any step, as a share of the largest value of that loss. */
  losses: number;
  /** Largest difference of a weight at the end, as a share of the largest weight of its tensor. */
  weights: number;
}

/** Trains in the folder from the page's first weights, and compares every step. */
export async function distanceOf(
  { place, events }: Unpacked,
  pytorch: PyTorch,
  ...options: string[]
): Promise<Distance> {
  const log = join(place, 'log.csv');
  await pytorch.run(join(place, 'train.py'), '--device', 'cpu', '--log', log, ...options);
  const [heading, ...lines] = (await readFile(log, 'utf8')).trim().split(/\r?\n/);
  const names = heading!.split(',');
  const rows = lines.map((line) => line.split(',').map(Number));
  const here = ofType(events, 'step').filter(({ phase }) => phase === 'student');
  if (rows.length !== here.length) throw new Error(`${rows.length} steps there, ${here.length} here.`);
  const losses = names.slice(1).map((name, j) => {
    const own = here.map(({ values }) => values[name]!);
    const largest = Math.max(...own.map(Math.abs), 1e-6);
    return Math.max(...own.map((value, i) => Math.abs(value - rows[i]![j + 1]!))) / largest;
  });
  const [there, page] = await Promise.all(
    ['student.safetensors', 'weights/student.safetensors'].map(async (file) =>
      readSafetensors(await readFile(join(place, file))),
    ),
  );
  const ofPage = new Map(page!.map(({ name, data }) => [name, data]));
  const weights = there!.map(({ name, data }) => {
    const own = ofPage.get(name)!;
    const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    return data.reduce((most, value, i) => Math.max(most, Math.abs(value - own[i]!)), 0) / largest;
  });
  return { steps: rows.length, losses: Math.max(...losses), weights: Math.max(...weights) };
}
