/** What must hold for every method of the picker when its numbers are lost, or when it is broken off. */
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { DrivenOptimiser } from '../../../src/nn/driven-optimiser';
import { useWasm } from '../../support/wasm-in-node';
import { begun, comparable, endAfterCut, eventsIn, hurry, toTheEnd } from '../storage/kept-run';
import { memoryStorage } from '../storage/memory-storage';
import { methodsOfClasses, smallRecipeOf } from './method-recipes';
import { ofType, tinyDataset, train } from './tiny';

beforeAll(useWasm);
afterEach(() => vi.restoreAllMocks());

/** Steps are from now on as they are where a rate is far too high: no numbers. Recorded steps are prepared, too. */
function loseNumbers(): void {
  const prepare = Reflect.get(DrivenOptimiser.prototype, 'prepare') as DrivenOptimiser['prepare'];
  vi.spyOn(DrivenOptimiser.prototype, 'prepare').mockImplementation(function (this: DrivenOptimiser) {
    prepare.call(this, NaN);
  });
}

describe.each(methodsOfClasses.map((method) => [method.id, method] as const))('%s', (_, method) => {
  it('ends in a sentence that names a knob when its numbers are lost, and keeps what came before', async () => {
    const recipe = smallRecipeOf(method, { steps: 12, evaluateEvery: 3 });
    const before = tf.memory().numTensors;
    const { run, events } = await train(recipe, tinyDataset(), (_run, tick) => {
      if (ofType(tick, 'step').some(({ phase, step }) => phase === 'student' && step === 4)) loseNumbers();
    });
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
    const [failed] = ofType(events, 'failed');
    expect(failed).toMatchObject({ phase: 'student', step: expect.any(Number) as number });
    expect(failed!.message).toMatch(
      /^Stopped at step \d+: the loss is no longer a number .* is too high.*[tT]ry a tenth of it\.$/,
    );
    expect(failed!.knob).toMatch(/^(schedule|teacher\.knobs)\.learningRate$|^hints\.\d\.weight$/);
    const told = ofType(events, 'step').filter(({ phase }) => phase === 'student');
    expect(told.slice(0, 4).map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(ofType(events, 'evaluation').some(({ phase }) => phase === 'student')).toBe(true);
    expect(ofType(events, 'finished')).toEqual([]);
  });

  it('goes on from what is stored with the same numbers when the power is cut', async () => {
    const recipe = smallRecipeOf(method, { steps: 12, evaluateEvery: 3 });
    const before = tf.memory().numTensors;
    hurry();
    const carried = begun(await memoryStorage(), recipe);
    await toTheEnd(carried);
    const whole = comparable(eventsIn(carried));
    expect(whole.failed).toEqual([]);
    const ends = [await endAfterCut(14, whole, recipe), await endAfterCut(30, whole, recipe)];
    expect(ends).toContain('resumed');
    expect(tf.memory().numTensors).toBe(before);
  });
});
