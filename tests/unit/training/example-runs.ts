/** The example recipes on real digits, run to their end on wasm. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect } from 'vitest';
import { loadBundled } from '../../../src/data/bundled-sets';
import type { Dataset } from '../../../src/data/dataset';
import { readRecipe, type Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import type { RunEvent } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import { useWasm } from '../../support/wasm-in-node';
import { ofType } from './tiny';

const fileOf = (path: string) => readFile(new URL(`../../../public/${path}`, import.meta.url));
const fetchAsset = async (path: string) => new Uint8Array(await fileOf(path)).buffer;

export async function example(id: string): Promise<Recipe> {
  const { recipe, problems } = readRecipe(JSON.parse((await fileOf(`examples/${id}.json`)).toString()));
  expect(problems).toEqual([]);
  return recipe;
}

let digits: Dataset;

/** Call at the top of a test file. Its runs leave no tensor. */
export function useDigits(): void {
  let before = 0;
  beforeAll(async () => {
    await useWasm();
    digits = await loadBundled('digits-8x8', fetchAsset);
    before = tf.memory().numTensors;
  });
  afterAll(() => {
    expect(tf.memory().numTensors).toBe(before);
  });
}

export async function finish(recipe: Recipe): Promise<RunEvent[]> {
  const run = new Run(recipe, digits, { fetchAsset });
  const events: RunEvent[] = [];
  for await (const tick of run.ticks()) events.push(...tick);
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  return events;
}

export const final = (events: RunEvent[]) => ofType(events, 'finished')[0]!.final;

/** Mean final weight of a hint over the watched images whose true class passes. */
export function meanWeight(events: RunEvent[], hint: string, among: (trueLabel: number) => boolean): number {
  const { watched } = ofType(events, 'started')[0]!;
  const weights = ofType(events, 'instances').at(-1)!.snapshot.weights[hint]!;
  const chosen = weights.filter((_, i) => among(watched.images[i]!.trueLabel));
  return chosen.reduce((sum, weight) => sum + weight, 0) / chosen.length;
}
