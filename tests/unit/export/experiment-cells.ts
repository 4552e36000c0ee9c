/** A small experiment on a small set, and its folder. */
import { unzipSync } from 'fflate';
import {
  cellsOf,
  experimentOfMethods,
  fileOfMethods,
  type Experiment,
} from '../../../src/experiment/experiment';
import { ExperimentFolder } from '../../../src/export/pytorch/experiment-folder';
import type { Recipe } from '../../../src/distill/recipe';
import type { RunHelp } from '../../../src/training/run';
import { noAssets, tinyDataset, tinyRecipe, train } from '../training/tiny';

export interface SmallExperiment {
  base: Recipe;
  methods: readonly string[];
  experiment: Experiment;
}

/** Methods on the small set, a few steps each. @param changes of the recipe that they have in common */
export function experimentOf(
  methods: readonly string[],
  seeds: readonly number[],
  changes: Record<string, unknown> = {},
): SmallExperiment {
  const base = tinyRecipe({
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-2-4', epochs: 1, batch: 20 } },
    ...changes,
  });
  const { experiment } = experimentOfMethods(base, methods, seeds);
  return { base, methods, experiment };
}

/** The folder as a zip, with its data. */
export async function folderOf(
  { base, methods, experiment }: SmallExperiment,
  help: Partial<RunHelp> = {},
): Promise<Blob> {
  const folder = new ExperimentFolder();
  const set = tinyDataset();
  for (const { entry, seed, recipe } of cellsOf(experiment)) {
    const { run } = await train(recipe, set, undefined, { fetchAsset: noAssets, ...help });
    await folder.add({ entry, seed, bundle: (await run.exportBundle())! }, `Cell ${entry}`, set);
    run.dispose();
  }
  const file = fileOfMethods(base, methods, experiment.seeds);
  return folder.zip({ name: 'small', experiment, file, results: [], staying: [] }).blob;
}

/** Files by their path in the folder. */
export async function unzipped(zip: Blob): Promise<Record<string, Uint8Array>> {
  const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
  return Object.fromEntries(
    Object.entries(files).map(([path, bytes]) => [path.slice('small/'.length), bytes]),
  );
}
