/** Early-stopped distillation: what the student learns from before and after the stop. */
import { beforeAll, expect, it } from 'vitest';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const recipe = (distilUntil: number, changes: object = {}) =>
  tinyRecipe({
    hints: [{ id: 'kd', weight: 0.9 }],
    objective: { ceWeight: 0.1, hardAnswers: true },
    schedule: { steps: 10, batch: 12, evaluateEvery: 5, distilUntil },
    ...changes,
  });
const steps = async (of: ReturnType<typeof recipe>) => {
  const { run, events } = await train(of);
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  return { told: ofType(events, 'step').filter(({ phase }) => phase === 'student'), events };
};

it('learns from labels and teacher until the stop, as without one, and then from the labels alone', async () => {
  const [{ told, events }, { told: whole }] = [await steps(recipe(60)), await steps(recipe(100))];
  expect(told.slice(0, 6).map(({ values }) => values)).toEqual(whole.slice(0, 6).map(({ values }) => values));
  for (const { values } of told.slice(6)) {
    expect(values['kd·w']).toBe(0);
    expect(values['total']).toBeCloseTo(values['ce']!, 6);
    expect(values['kd']).toBeGreaterThan(0);
  }
  expect(told[6]!.values['total']).not.toBe(whole[6]!.values['total']);
  expect(ofType(events, 'knob').map(({ step, from, to }) => [step, from, to])).toEqual([[7, 'on', 'off']]);
});

it('stops weights that are learned, too', async () => {
  const weighting = {
    id: 'hint-dynamic',
    knobs: { metaInterval: 1, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16 },
  };
  const { told } = await steps(recipe(50, { weighting }));
  expect(told[4]!.values['kd·w']).not.toBe(0);
  for (const { values } of told.slice(5)) expect(values['kd·w']).toBe(0);
});
