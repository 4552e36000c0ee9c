/** The losses and kinds of teachers that `recorded.test.ts` leaves out. */
import { it } from 'vitest';
import { tinyRecipe } from '../../unit/training/tiny';
import { onWebgpu } from '../on-webgpu';
import { batch, dataset, otherGroups, recipeOf, steps } from './recorded-groups';
import { expectSameBits } from './recorded-runs';

onWebgpu({ allOps: true });

it.each(Object.entries(otherGroups))('%s: the same bits recorded as op by op', (_, group) =>
  expectSameBits(recipeOf(group), group.dataset ?? dataset),
);

it('draws anew what is dropped in a replayed step, in student, control and peers', async () => {
  const recipe = tinyRecipe({
    hints: [{ id: 'dml', weight: 1 }],
    teacher: { kind: 'peers', knobs: { network: 'elu-3-4', peers: 1 } },
    student: { network: 'elu-3-4' },
    schedule: { steps, batch, evaluateEvery: steps },
  });
  await expectSameBits(recipe, dataset);
});
