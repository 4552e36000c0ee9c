import { beforeAll, expect, it, vi } from 'vitest';
import type { Recipe } from '../../../src/distill/recipe';
import { FrozenTeacher } from '../../../src/training/teachers/frozen-teacher';
import { TraceTables } from '../../../src/training/trace-tables';
import { useWasm } from '../../support/wasm-in-node';
import { expectSame } from './same';
import { noAssets, numbersOf, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const dataset = tinyDataset();
const recipeOf = (changes: object = {}) =>
  tinyRecipe({
    hints: [{ id: 'kd', weight: 1 }],
    schedule: { steps: 40, batch: 12, evaluateEvery: 20 },
    ...changes,
  });

/** @returns what the run tells, and how often it asked the teacher */
async function carriedOut(recipe: Recipe, traces?: TraceTables) {
  const asked = vi.spyOn(FrozenTeacher.prototype, 'trace');
  const help = { fetchAsset: noAssets, ...(traces ? { traces } : {}) };
  const { run, events } = await train(recipe, dataset, undefined, help);
  run.dispose();
  const asks = asked.mock.calls.length;
  asked.mockRestore();
  return { told: numbersOf(events), asks };
}

it('asks a teacher once about each instance, in whatever run, and changes no number', async () => {
  const traces = new TraceTables();
  const first = await carriedOut(recipeOf(), traces);
  // Other batches of the same rows, and a part of them.
  const others = [
    { student: { network: 'cnn-4-8' } },
    { material: { dataset: 'upload', labelsPerClass: 6 } },
  ];
  for (const changes of others) {
    const alone = await carriedOut(recipeOf(changes));
    const after = await carriedOut(recipeOf(changes), traces);
    expectSame(after.told, alone.told);
    expect(after.asks).toBeLessThan(Math.min(alone.asks, first.asks));
  }
});

it('asks anew where the teacher, its view or what the losses read is another one', async () => {
  const traces = new TraceTables();
  await carriedOut(recipeOf(), traces);
  const others = [
    { seed: 4 },
    { hints: [{ id: 'fitnet', weight: 1 }] },
    { schedule: { steps: 40, batch: 16, evaluateEvery: 20 } },
    { material: { dataset: 'upload', halve: true } },
  ];
  for (const changes of others) {
    const alone = await carriedOut(recipeOf(changes));
    const after = await carriedOut(recipeOf(changes), traces);
    expectSame(after.told, alone.told);
    expect(after.asks, JSON.stringify(changes)).toBe(alone.asks);
  }
});
