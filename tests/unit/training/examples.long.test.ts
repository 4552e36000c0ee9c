/**
 * The example recipes on real digits. Asserted is only what held in every seed when the recipes were chosen: the sign
 * and a lower bound of a gain; never a paper's figure.
 */
import { expect, it } from 'vitest';
import { readRecipe } from '../../../src/distill/recipe';
import { example, final, finish, meanWeight, useDigits } from './example-runs';
import { ofType } from './tiny';

useDigits();

it('hkd-half-wrong-teacher: turned down where the teacher is wrong, and better than equal weights', async () => {
  const recipe = await example('hkd-half-wrong-teacher');
  const events = await finish(recipe);
  const wrong = meanWeight(events, 'kd', (label) => label >= 5);
  expect(wrong).toBeLessThan(0.3);
  expect(meanWeight(events, 'kd', (label) => label < 5)).toBeGreaterThan(wrong);
  const { recipe: equal } = readRecipe({
    ...recipe,
    weighting: { id: 'fixed', knobs: { autoBalance: true } },
  });
  expect(final(events).student! - final(await finish(equal)).student!).toBeGreaterThan(0.03);
});

it.each([
  ['few-labels', 0.04],
  ['soft-or-hard', 0.04],
  ['wrong-labels', 0.1],
  ['bss-boundary', 0],
  ['holistic-neighbours', 0],
  ['generated-digits', 0],
])('%s: the student beats its control', async (id, gain) => {
  const { student, control, teacher } = final(await finish(await example(id)));
  expect(student! - control!).toBeGreaterThan(gain);
  expect(teacher).toBeCloseTo(0.9917, 3);
});

it('dfa-mix: the bridge gives the deeper map of the middle size most of the weight, the plain search does not', async () => {
  const recipe = await example('dfa-mix');
  const deeper = async (bridge: boolean) => {
    const hints = [{ ...recipe.hints[0]!, knobs: { ...recipe.hints[0]!.knobs, bridge } }];
    const events = await finish({ ...recipe, hints, schedule: { ...recipe.schedule, evaluateEvery: 200 } });
    return ofType(events, 'step').findLast(({ phase }) => phase === 'prelude')!.values['mix 2.2/dfa']!;
  };
  expect(await deeper(true)).toBeGreaterThan(0.55);
  expect(await deeper(false)).toBeLessThan(0.5);
});

it('ternary-weights: rounding afterwards destroys the network, training with it does not', async () => {
  const { student, control, full, rounded } = final(await finish(await example('ternary-weights')));
  expect(student! - control!).toBeGreaterThan(0.04);
  expect(student!).toBeGreaterThan(0.8);
  expect(rounded!).toBeLessThan(full! - 0.3);
});

it('unnamed-class: the student knows a class for which it has no label, the control does not', async () => {
  const { perClass, final } = ofType(await finish(await example('unnamed-class')), 'finished')[0]!;
  expect(final.student! - final.control!).toBeGreaterThan(0.04);
  expect(perClass.control![3]).toBe(0);
  expect(perClass.student![3]).toBeGreaterThan(0.5);
});

it('hkd-nonsense-hint: the nonsense sinks, the real hint stays', async () => {
  const events = await finish(await example('hkd-nonsense-hint'));
  expect(meanWeight(events, 'kd-2', () => true)).toBeLessThan(0.1);
  expect(meanWeight(events, 'kd', () => true)).toBeGreaterThan(1);
});

it('mismatched: the student reads most digits without having seen one', async () => {
  const { student, control } = final(await finish(await example('mismatched')));
  expect(student).toBeGreaterThan(0.6);
  expect(control).toBeUndefined();
});

it('ensemble-switch: without a label, near the baseline that has those of all teachers', async () => {
  const { student, control } = final(await finish(await example('ensemble-switch')));
  expect(student).toBeGreaterThan(0.87);
  expect(student! - control!).toBeGreaterThan(-0.06);
});

it('kd-uda: both learn the second domain, of which no label is used', async () => {
  const { secondDomain } = ofType(await finish(await example('kd-uda')), 'finished')[0]!;
  const { student, teacher, control } = secondDomain!['accuracy']!;
  expect(student! - control!).toBeGreaterThan(0.2);
  expect(teacher! - control!).toBeGreaterThan(0.2);
});
