/** A teacher that adapts to a second domain beside the student. */
import { beforeAll, describe, expect, it } from 'vitest';
import { overBothHalves } from '../../../src/distill/hints/kd-reverse/loss';
import { mmd } from '../../../src/distill/teachers/adapting/mmd';
import { onPrincipalAxes } from '../../../src/distill/teachers/adapting/principal-axes';
import { adaptationWeight, distillationShare } from '../../../src/distill/teachers/adapting/schedule';
import { tf } from '../../../src/engine/tf';
import { entriesOf } from '../../../src/storage/event-log';
import { pack, unpack } from '../../../src/storage/pack';
import { soundEntries } from '../../../src/storage/run-contents';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const recipeWith = (knobs: Record<string, unknown> = {}, others: Record<string, unknown> = {}) =>
  tinyRecipe({
    teacher: { kind: 'adapting', knobs: { network: 'cnn-4-8', ...knobs } },
    hints: [{ id: 'kd-reverse', weight: 1 }],
    objective: { ceWeight: 0.7 },
    schedule: { steps: 8, batch: 12, evaluateEvery: 4, curve: 'inverse', warmup: 0 },
    material: {
      dataset: 'upload',
      unlabelled: 1000,
      unlabelledFrom: 'second-domain',
      secondDomain: 'inverted',
    },
    ...others,
  });

const studentSteps = (events: Awaited<ReturnType<typeof train>>['events']) =>
  ofType(events, 'step').filter(({ phase }) => phase === 'student');

describe('the parts', () => {
  it('grow from 0 and exponentially', () => {
    expect(adaptationWeight(0)).toBe(0);
    expect(adaptationWeight(1)).toBeCloseTo(0.99991, 5);
    expect(distillationShare(0.1, 0.9, 0)).toBe(0.1);
    expect(distillationShare(0.1, 0.9, 0.5)).toBeCloseTo(0.3, 10);
  });

  it('find no discrepancy between features that are all alike, and stay finite', async () => {
    const flat = tf.zeros([6, 4]) as tf.Tensor2D;
    const value = mmd(flat, flat);
    expect((await value.data())[0]).toBe(0);
    tf.dispose([flat, value]);
  });

  it('weigh each half of a batch by its own mean', async () => {
    const losses = tf.tensor1d([1, 3, 10, 20, 30, 40]);
    const targets = tf.tensor2d([1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], [6, 2]);
    const scaled = overBothHalves(losses, targets, 0.3);
    const mean = tf.mean(scaled);
    expect((await mean.data())[0]).toBeCloseTo(0.3 * 2 + 25, 5);
    tf.dispose([losses, targets, scaled, mean]);
  });

  it('show features along their widest spread first, with a sign that stays', () => {
    const features = [10, 1, 0, 20, -1, 0, 30, 1, 0, 40, -1, 0];
    const places = onPrincipalAxes(features, 3);
    const along = [0, 2, 4, 6].map((i) => places[i]!);
    expect(along[3]! - along[0]!).toBeCloseTo(30, 0);
    expect(Math.max(...[1, 3, 5, 7].map((i) => Math.abs(places[i]!)))).toBeLessThan(1.5);
  });
});

describe('a run', () => {
  it('trains both, tells both domains, and leaves no tensor', async () => {
    const before = tf.memory().numTensors;
    const { run, events } = await train(recipeWith());
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(ofType(events, 'failed')).toEqual([]);
    const told = studentSteps(events);
    expect(told[0]!.values['uda/beta']).toBeCloseTo(0.1, 6);
    expect(told[0]!.values['uda/g']).toBe(0);
    expect(told.at(-1)!.values['uda/beta']).toBeCloseTo(0.1 * 9 ** (7 / 8), 5);
    for (const { values } of told) {
      expect(values['uda/mmd']).toBeGreaterThan(0);
      const whole = 0.7 * values['ce']! + values['kd-reverse']!;
      expect(values['total']! / (values['uda/beta']! * whole)).toBeCloseTo(1, 4);
    }
    expect(told.at(-1)!.learningRate / told[0]!.learningRate).toBeCloseTo((1 + 70 / 8) ** -0.75, 6);
    const { secondDomain } = ofType(events, 'finished')[0]!;
    expect(Object.keys(secondDomain!['accuracy']!).toSorted()).toEqual(['control', 'student', 'teacher']);
    const [view] = ofType(events, 'views').flatMap(({ views }) =>
      views.filter(({ view }) => view === 'domains'),
    );
    if (view?.view !== 'domains') throw new Error('There is no view of the domains.');
    expect(new Set(view.target)).toEqual(new Set([0, 1]));
    const log = entriesOf(events);
    expect(soundEntries(unpack(pack(log)))).toEqual(log);
    expect([...view.points].every(Number.isFinite)).toBe(true);
  });

  it('adapts first and distils then, if so told: the student stands still in the first half', async () => {
    const { run, events } = await train(recipeWith({ order: 'first' }));
    run.dispose();
    expect(ofType(events, 'failed')).toEqual([]);
    const told = studentSteps(events);
    expect(told.map(({ values }) => values['uda/beta'])).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(told[4]!.learningRate).toBeCloseTo(told[0]!.learningRate, 8);
  });

  it('moves the teacher by distillation too, if so told', async () => {
    const runs = [await train(recipeWith()), await train(recipeWith({ moveTeacher: true }))];
    const losses = runs.map(({ run, events }) => {
      run.dispose();
      expect(ofType(events, 'failed')).toEqual([]);
      return studentSteps(events).map(({ values }) => values['uda/teacher']!);
    });
    expect(losses[1]![0]).toBe(losses[0]![0]);
    expect(losses[1]!.at(-1)).not.toBe(losses[0]!.at(-1));
  });

  it.each([
    ['all have a label', { dataset: 'upload' }, /compares what has a label .* with what has none/],
    [
      'none has a label',
      { dataset: 'upload', unlabelled: 1000, unlabelledFrom: 'second-domain', realShare: 0 },
      /learns from the labelled instances of the batches/,
    ],
  ])('is refused where %s', async (_, material, sentence) => {
    const { run, events } = await train(recipeWith({}, { material }));
    run.dispose();
    expect(ofType(events, 'failed')[0]?.message).toMatch(sentence);
  });
});
