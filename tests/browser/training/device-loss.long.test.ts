import { it } from 'vitest';
import { tinyRecipe } from '../../unit/training/tiny';
import { expectSameAfterLoss } from './lost-devices';

/** All that has a state: two lines with Adam's slots, a regressor, HKD's network and history, shuffles, augmentation. */
const recipe = tinyRecipe({
  material: { dataset: 'upload', labelsPerClass: 12, unlabelled: 40, shift: 1 },
  teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 40 } },
  student: { network: 'cnn-2-4' },
  hints: [
    { id: 'kd', weight: 1, knobs: { temperature: 2 } },
    { id: 'fitnet', weight: 1 },
  ],
  weighting: {
    id: 'hint-dynamic',
    knobs: { metaInterval: 2, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
  },
  schedule: { steps: 8, batch: 12, evaluateEvery: 4, learningRate: 0.01 },
});

it('a run with all kinds of states goes on from its last good one when its device is lost', () =>
  expectSameAfterLoss(recipe));
