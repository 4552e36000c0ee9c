/** Every method's steps can be recorded, and replayed they give bit for bit what they give op by op. */
import { describe, it } from 'vitest';
import { methodsOfClasses, smallRecipeOf } from '../../unit/training/method-recipes';
import { onWebgpu } from '../on-webgpu';
import { expectSameBits } from './recorded-runs';

/** Long enough for images to come by again, so that a teacher is recalled. */
const schedule = { steps: 20, evaluateEvery: 20 };

onWebgpu({ allOps: true });

/** The others are recorded in `recorded.test.ts`. */
describe.each(methodsOfClasses.map((method) => ({ id: method.id, method })))('$id', ({ method }) => {
  it('gives the same bits recorded as op by op', () => expectSameBits(smallRecipeOf(method, schedule)));
});
