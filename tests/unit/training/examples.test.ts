/**
 * The example recipes on real digits. Asserted is only what held in every seed when the recipes were chosen: the sign
 * and a lower bound of a gain, and where HKD's weights end; never a paper's figure.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundled } from '../../../src/data/bundled';
import type { Dataset } from '../../../src/data/dataset';
import { readRecipe, type Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import type { RunEvent } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import { useWasm } from '../../support/wasm-in-node';
import { ofType } from './tiny';

const fileOf = (path: string) => readFile(new URL(`../../../public/${path}`, import.meta.url));
const fetchAsset = async (path: string) => new Uint8Array(await fileOf(path)).buffer;

async function example(id: string): Promise<Recipe> {
  const { recipe, problems } = readRecipe(JSON.parse((await fileOf(`examples/${id}.json`)).toString()));
  expect(problems).toEqual([]);
  return recipe;
}

let digits: Dataset;
let before = 0;
beforeAll(async () => {
  await useWasm();
  digits = await loadBundled('digits-8x8', fetchAsset);
  before = tf.memory().numTensors;
});
afterAll(() => {
  expect(tf.memory().numTensors).toBe(before);
});

async function finish(recipe: Recipe): Promise<RunEvent[]> {
  const run = new Run(recipe, digits, { fetchAsset });
  const events: RunEvent[] = [];
  for await (const tick of run.ticks()) events.push(...tick);
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  return events;
}

const final = (events: RunEvent[]) => ofType(events, 'finished')[0]!.final;

/** Mean final weight of a hint over the watched images whose true class passes. */
function meanWeight(events: RunEvent[], hint: string, among: (trueLabel: number) => boolean): number {
  const { watched } = ofType(events, 'started')[0]!;
  const weights = ofType(events, 'instances').at(-1)!.snapshot.weights[hint]!;
  const chosen = weights.filter((_, i) => among(watched.images[i]!.trueLabel));
  return chosen.reduce((sum, weight) => sum + weight, 0) / chosen.length;
}

describe('examples on digits', () => {
  it.each([
    ['few-labels', 0.04],
    ['soft-or-hard', 0.04],
    ['wrong-labels', 0.1],
  ])('%s: the student beats its control', async (id, gain) => {
    const { student, control, teacher } = final(await finish(await example(id)));
    expect(student! - control!).toBeGreaterThan(gain);
    expect(teacher).toBeCloseTo(0.9917, 3);
  });

  it('unnamed-class: the student knows a class for which it has no label, the control does not', async () => {
    const { perClass, final } = ofType(await finish(await example('unnamed-class')), 'finished')[0]!;
    expect(final.student! - final.control!).toBeGreaterThan(0.04);
    expect(perClass.control![3]).toBe(0);
    expect(perClass.student![3]).toBeGreaterThan(0.5);
  });

  it('hkd-nonsense-hint: the nonsense sinks, the real hint stays', async () => {
    const events = await finish(await example('hkd-nonsense-hint'));
    expect(meanWeight(events, 'kd-2', () => true)).toBeLessThan(0.1);
    expect(meanWeight(events, 'kd', () => true)).toBeGreaterThan(1);
  });

  it('hkd-half-wrong-teacher: turned down where the teacher is wrong, and better than equal weights', async () => {
    const recipe = await example('hkd-half-wrong-teacher');
    const events = await finish(recipe);
    const wrong = meanWeight(events, 'kd', (label) => label >= 5);
    expect(wrong).toBeLessThan(0.3);
    expect(meanWeight(events, 'kd', (label) => label < 5)).toBeGreaterThan(wrong);
    const { recipe: equal } = readRecipe({
      ...recipe,
      weighting: { id: 'fixed', knobs: { autoBalance: true } },
    });
    expect(final(events).student! - final(await finish(equal)).student!).toBeGreaterThan(0.03);
  });
});
