/** Every method goes on from its last good state when its device is lost, and ends with the same numbers. */
import { describe, it } from 'vitest';
import { methodsOfClasses, smallRecipeOf } from '../../unit/training/method-recipes';
import { expectSameAfterLoss } from './lost-devices';

describe.each(methodsOfClasses.map((method) => ({ id: method.id, method })))('$id', ({ method }) => {
  it('ends with the same numbers after its device is lost', () =>
    expectSameAfterLoss(smallRecipeOf(method, { steps: 8, evaluateEvery: 4 })));
});
