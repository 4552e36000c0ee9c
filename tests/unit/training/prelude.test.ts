import { beforeAll, describe, expect, it } from 'vitest';
import { Run } from '../../../src/training/run';
import { useWasm } from '../../support/wasm-in-node';
import { noAssets, ofType, tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);

/** All variables of the student's phase (its own, then its hint's) when the student's own training begins. */
async function atTheStart(initShare: number): Promise<Float32Array[]> {
  const recipe = tinyRecipe({ hints: [{ id: 'ft', knobs: { initShare } }] });
  const run = new Run(recipe, tinyDataset(), { fetchAsset: noAssets });
  try {
    for await (const events of run.ticks())
      if (ofType(events, 'phase').some(({ phase }) => phase === 'student'))
        return (await run.checkpoint()).students!.lines.variables;
    throw new Error('the student never began');
  } finally {
    run.dispose();
  }
}

describe('the first stage of factor transfer', () => {
  it('trains the paraphraser, and leaves the student with its running statistics as it was', async () => {
    const [without, after] = [await atTheStart(0), await atTheStart(50)];
    const changed = after.filter((values, i) => values.some((value, j) => value !== without[i]![j]));
    // Weights and biases of three convolutions that shorten and three that lengthen.
    expect(changed).toHaveLength(12);
  });
});
