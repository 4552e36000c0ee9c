/** On WebAssembly every method's steps, and every loss and kind of teacher, give the same bits recorded as op by op. */
import { beforeAll, describe, it } from 'vitest';
import { dataset, otherGroups, recipeOf } from '../../browser/training/recorded-groups';
import { expectSameBits } from '../../browser/training/recorded-runs';
import { useWasm } from '../../support/wasm-in-node';
import { methodsOfClasses, smallRecipeOf } from './method-recipes';

beforeAll(useWasm);

it.each(Object.entries(otherGroups))('%s: the same bits recorded as op by op', (_, group) =>
  expectSameBits(recipeOf(group), group.dataset ?? dataset),
);

/** Long enough for images to come by again, so that a teacher is recalled. */
const schedule = { steps: 20, evaluateEvery: 20 };

describe.each(methodsOfClasses.map((method) => ({ id: method.id, method })))('$id', ({ method }) => {
  it('gives the same bits recorded as op by op', () => expectSameBits(smallRecipeOf(method, schedule)));
});
