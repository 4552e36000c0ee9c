/** The losses and kinds of teachers that `recorded.test.ts` leaves out. */
import { it } from 'vitest';
import { onWebgpu } from '../on-webgpu';
import { dataset, otherGroups, recipeOf } from './recorded-groups';
import { expectSameBits } from './recorded-runs';

onWebgpu({ allOps: true });

it.each(Object.entries(otherGroups))('%s: the same bits recorded as op by op', (_, group) =>
  expectSameBits(recipeOf(group), group.dataset ?? dataset),
);
