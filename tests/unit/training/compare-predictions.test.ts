import { beforeAll, expect, test } from 'vitest';
import { tf, type Tensor } from '../../../src/engine/tf';
import { feedsOf, planRun } from '../../../src/training/plan';
import { comparePredictions } from '../../../src/training/teachers/compare-predictions';
import { useWasm } from '../../support/wasm-in-node';
import { tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);

/** The same logits for every image. */
const always = (logits: number[]) => (images: Tensor) => tf.tile(tf.tensor2d([logits]), [images.shape[0], 1]);

test('networks that know all classes, some, and “none of these” are measured on what they know', async () => {
  const plan = planRun(tinyRecipe(), tinyDataset());
  const setup = { setting: plan.teaching, normalisation: feedsOf(plan).teacher.normalisation };
  const before = tf.memory().numTensors;
  const images = tf.zeros([2, ...plan.input]);
  const last = Math.log(3);
  const view = await comparePredictions(
    { title: 'T', line: 'L' },
    [
      { name: 'all', logits: always([0, 0, 0, last]) },
      { name: 'two', logits: always([last, 0]), knows: { classes: [3, 1], hasNone: false } },
      { name: 'none', logits: always([0, 0, 2 * last]), knows: { classes: [0, 1], hasNone: true } },
    ],
    images,
    setup,
  );
  images.dispose();
  expect(tf.memory().numTensors).toBe(before);
  expect(view).toMatchObject({ view: 'answers', names: ['all', 'two', 'none'], classes: plan.outputs });
  expect(view.covers).toEqual([null, [3, 1], [0, 1]]);
  const [all, two, none] = view.probabilities.map((row) => row.slice(0, 4).map((p) => Math.round(1e4 * p)));
  expect(all).toEqual([1667, 1667, 1667, 5000]);
  expect(two).toEqual([0, 2500, 0, 7500]);
  expect(none).toEqual([909, 909, 0, 0]);
  // Every class has as many images in the sample.
  expect(view.accuracy).toEqual([
    { own: 0.25, others: null },
    { own: 0.5, others: null },
    { own: 0, others: 1 },
  ]);
});
