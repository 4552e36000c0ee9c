import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import type { PredictionsView, MethodView, RouteView, View } from '../../../src/distill/views';
import type { RunEvent } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import type { Checkpoint } from '../../../src/training/checkpoint';
import { isLong, tried } from '../../support/long';
import { useWasm } from '../../support/wasm-in-node';
import { expectSame } from './same';
import { noAssets, numbersOf, ofType, tinyDataset, tinyRecipe, train } from './tiny';

const kd = { id: 'kd', weight: 0.9, knobs: { temperature: 2 } };
const trained = { network: 'cnn-4-8', epochs: 4, batch: 20 };
const teacher = (kind: string, knobs: Record<string, unknown>) => ({ kind, knobs });
const validated = { dataset: 'upload', validation: 20 };

/** One of every kind, and of every way it can come to be. */
const recipes = {
  'a route within one run': {
    hints: [kd],
    teacher: teacher('route', { ...trained, anchors: 2, dropWeak: false }),
  },
  'a route in stages': {
    hints: [kd],
    teacher: teacher('route', { ...trained, strategy: 'stages', anchors: 2, dropWeak: false }),
  },
  'a route searched greedily, with a feature hint': {
    hints: [kd, { id: 'fitnet', weight: 1 }],
    material: validated,
    teacher: teacher('route', { ...trained, strategy: 'greedy', maxAnchors: 3, dropWeak: false }),
  },
  'an ensemble of two kinds of networks': {
    hints: [kd],
    teacher: teacher('ensemble', { ...trained, members: 2, others: 'mlp-8', average: 'probabilities' }),
  },
  'specialists by class number, with a feature hint': {
    hints: [
      { id: 'soft-answers', weight: 1 },
      { id: 'at', weight: 1 },
    ],
    teacher: teacher('specialists', { ...trained, epochs: 2, width: 2, branches: 3, trunk: 2 }),
  },
  'specialists by confusion, as published': {
    hints: [{ id: 'soft-answers', weight: 1 }],
    teacher: teacher('specialists', {
      ...trained,
      diversity: false,
      network: 'mlp-8',
      split: 'confusion',
      branches: 3,
      heads: 'faithful',
    }),
  },
  'a teacher with two further views': {
    hints: [kd, { id: 'codes', weight: 1 }],
    teacher: teacher('granular', { ...trained, source: 'train', headEpochs: 2, keptHeads: 'best' }),
  },
  'one peer': { hints: [{ id: 'dml', weight: 1 }], teacher: teacher('peers', { network: 'cnn-4-8' }) },
  'two peers, images without labels': {
    hints: [{ id: 'dml', weight: 1 }, kd],
    material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 40 },
    teacher: teacher('peers', { network: 'mlp-8', peers: 2 }),
  },
} satisfies Record<string, Record<string, unknown>>;

const few = 15;
const runs: Run[] = [];
/** What runs told, by recipe: several tests look at the same one. */
const told = new Map<string, RunEvent[]>();
async function carriedOut(changes: Record<string, unknown>): Promise<RunEvent[]> {
  const recipe = tinyRecipe(changes);
  const known = told.get(JSON.stringify(recipe));
  if (known) return known;
  const { run, events } = await train(recipe, tinyDataset(few));
  runs.push(run);
  expect(ofType(events, 'failed')).toEqual([]);
  told.set(JSON.stringify(recipe), events);
  return events;
}

/** To the end, or to a tick at which the state is taken. Counts tensors at each measurement of the student. */
async function until(recipe: ReturnType<typeof tinyRecipe>, ticks: number, from: Checkpoint | null = null) {
  const run = new Run(recipe, tinyDataset(few), { fetchAsset: noAssets }, from);
  const events: RunEvent[] = [];
  const tensors: number[] = [];
  let state: Checkpoint | null = null;
  let ticked = 0;
  for await (const tick of run.ticks()) {
    events.push(...tick);
    if (ofType(tick, 'evaluation').some(({ step, phase }) => phase === 'student' && step > 0))
      tensors.push(tf.memory().numTensors);
    if (++ticked !== ticks) continue;
    events.push(...(await run.flush()));
    state = structuredClone(await run.checkpoint());
    break;
  }
  run.dispose();
  return { events, state, ticked, tensors };
}

beforeAll(useWasm);
afterEach(() => {
  runs.splice(0).forEach((run) => run.dispose());
});

/** The last picture of a kind. */
function lastView<V extends View>(events: readonly RunEvent[], view: V['view'], title?: string): V {
  const views = ofType(events, 'views').flatMap((event) => event.views);
  const found = views.filter((shown) => shown.view === view && (!title || shown.title === title)).at(-1);
  expect(found).toBeDefined();
  return found as V;
}

describe('every kind of teacher', () => {
  for (const [name, changes] of tried(Object.entries(recipes)))
    it(`${name}: finite numbers, the same when broken off, nothing left behind`, async () => {
      const before = tf.memory().numTensors;
      const recipe = tinyRecipe(changes);
      const { events, ticked, tensors } = await until(recipe, Number.POSITIVE_INFINITY);
      expect(ofType(events, 'failed')).toEqual([]);
      told.set(JSON.stringify(recipe), events);
      expect(ofType(events, 'finished')[0]?.step).toBe(6);
      for (const { values } of ofType(events, 'step'))
        for (const [part, value] of Object.entries(values)) expect(value, part).toSatisfy(Number.isFinite);
      expect(tensors).toHaveLength(2);
      expect(tensors[0]).toBe(tensors[1]);

      const making = ofType(events, 'step').filter(({ phase }) => phase === 'teacher');
      expect(making.map(({ step }) => step)).toEqual(making.map((_, i) => i + 1));
      expect(making).toHaveLength(ofType(events, 'started')[0]!.facts.teacherSteps);

      // In the teacher's making (in its second part, where it has two), and while the student learns.
      for (const ticks of isLong ? [Math.floor(ticked / 2), ticked - 4] : [Math.floor(ticked / 2)]) {
        const first = await until(recipe, ticks);
        const second = await until(recipe, Number.POSITIVE_INFINITY, first.state);
        expectSame(numbersOf([...first.events, ...second.events]), numbersOf(events));
      }
      expect(tf.memory().numTensors).toBe(before);
    });
});

describe('a stop while a teacher is on its way', () => {
  it('ends every kind with a last measurement and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    for (const [name, changes] of Object.entries(recipes)) {
      let ticks = 0;
      const { run, events } = await train(tinyRecipe(changes), tinyDataset(few), (stopped) => {
        if (++ticks === 4) stopped.requestStop();
      });
      run.dispose();
      expect(ofType(events, 'failed'), name).toEqual([]);
      expect(ofType(events, 'finished')[0], name).toMatchObject({ stopped: true });
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a route', () => {
  it('changes its teacher at equal intervals, the converged one last', async () => {
    const events = await carriedOut(recipes['a route within one run']);
    const { states, anchors, student } = lastView<RouteView>(events, 'route');
    expect(states.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(anchors.map(({ state, fromStep }) => [states[state]!.epoch, fromStep])).toEqual([
      [2, 0],
      [4, 3],
    ]);
    expect(student.map(({ step }) => step)).toEqual([3, 6]);
    for (const { gaps } of student) for (const gap of gaps) expect(gap).toBeGreaterThan(0);
    // What is shown as the teacher's answers is the anchor of the moment.
    const answers = ofType(events, 'instances').map(({ snapshot }) => snapshot.probabilities.teacher);
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[1]).not.toEqual(answers[2]);
  });

  it('says on which images it was measured', async () => {
    const learned = await carriedOut(recipes['a route within one run']);
    expect(lastView<RouteView>(learned, 'route').images).toBe('learned');
    expect(ofType(learned, 'started')[0]!.facts.notes.join(' ')).toContain('Set “Validation split”');
    const held = await carriedOut({ ...recipes['a route within one run'], material: validated });
    expect(lastView<RouteView>(held, 'route').images).toBe('validation');
    expect(ofType(held, 'started')[0]!.facts.notes.join(' ')).not.toContain('has learned from');
  });

  it('starts the rate curve anew for each stage', async () => {
    const changes = { ...recipes['a route in stages'] };
    const events = await carriedOut({
      ...changes,
      schedule: { steps: 6, batch: 12, evaluateEvery: 3, warmup: 0 },
    });
    const rates = ofType(events, 'step')
      .filter(({ phase }) => phase === 'student')
      .map(({ learningRate }) => learningRate);
    expect(rates.slice(0, 3)).toEqual(rates.slice(3));
    expect(rates[0]).toBeGreaterThan(rates[2]!);
  });

  it('is searched no further than the threshold allows', async () => {
    const greedy = (delta: number) => ({
      ...recipes['a route searched greedily, with a feature hint'],
      teacher: teacher('route', { ...trained, strategy: 'greedy', maxAnchors: 6, dropWeak: false, delta }),
    });
    const small = lastView<RouteView>(await carriedOut(greedy(1)), 'route');
    const large = lastView<RouteView>(await carriedOut(greedy(5)), 'route');
    expect(large.anchors.length).toBeLessThanOrEqual(small.anchors.length);
    for (const { anchors, states, criterion } of [small, large]) {
      expect(anchors[0]).toMatchObject({ state: 0, fromStep: 0 });
      expect(anchors.at(-1)!.state).toBe(states.length - 1);
      expect(criterion!.values).toHaveLength(states.length);
    }
  });
});

describe('a teacher that stops early', () => {
  it('is the one that would go on, as it is by then', async () => {
    const single = (knobs: object) => ({
      hints: [kd],
      teacher: teacher('single', { ...trained, source: 'train', network: 'cnn-2-4', ...knobs }),
    });
    const [whole, stopped] = [await carriedOut(single({})), await carriedOut(single({ stopAfter: 3 }))];
    const losses = (events: RunEvent[]) =>
      ofType(events, 'step')
        .filter(({ phase }) => phase === 'teacher')
        .map(({ values, learningRate }) => [values, learningRate]);
    const [all, some] = [losses(whole), losses(stopped)];
    expect(some).toHaveLength((all.length / 4) * 3);
    expect(some).toEqual(all.slice(0, some.length));
    expect(ofType(stopped, 'started')[0]!.facts.notes.join(' ')).toContain('after 3 of the 4 epochs');
  });
});

describe('specialists', () => {
  it('show who knows what, and parts that add up to the target', async () => {
    const events = await carriedOut(recipes['specialists by class number, with a feature hint']);
    const parts = lastView<PredictionsView>(events, 'answers', 'Who speaks for which class');
    expect(parts.covers).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [3, 0],
    ]);
    const target = ofType(events, 'instances').at(-1)!.snapshot.probabilities.teacher!;
    target.forEach((probability, i) => {
      const sum = parts.probabilities.reduce((total, part) => total + part[i]!, 0);
      expect(sum).toBeCloseTo(probability, 5);
    });
    const alone = lastView<PredictionsView>(events, 'answers', 'Specialists');
    alone.probabilities.forEach((probabilities, b) =>
      probabilities.forEach((p, i) => {
        if (!alone.covers[b]!.includes(i % 4)) expect(p).toBe(0);
      }),
    );
  });

  it('as published are never surer than two softmaxes allow', async () => {
    const events = await carriedOut(recipes['specialists by confusion, as published']);
    const target = ofType(events, 'instances').at(-1)!.snapshot.probabilities.teacher!;
    expect(Math.max(...target)).toBeLessThanOrEqual(Math.E / (Math.E + 3) + 1e-6);
  });

  it.each([
    ['layout-a', {}, 'ten classes'],
    ['manual', { groups: '0,1; 2' }, 'class 3'],
    ['manual', { groups: '0-3; 7' }, 'class 7'],
  ])('of %s %o are refused', async (split, knobs, reason) => {
    const recipe = tinyRecipe({
      hints: [kd],
      teacher: teacher('specialists', { ...trained, split, ...knobs }),
    });
    const { run, events } = await train(recipe, tinyDataset(few));
    runs.push(run);
    expect(ofType(events, 'failed')[0]?.message).toContain(reason);
  });
});

describe('a teacher with two further views', () => {
  it('shows the mean of three answers, or its own', async () => {
    const mean = await carriedOut(recipes['a teacher with two further views']);
    const own = await carriedOut({
      ...recipes['a teacher with two further views'],
      teacher: teacher('granular', { ...trained, source: 'train', headEpochs: 2, mode: 'granular' }),
    });
    const shown = (events: RunEvent[]) => ofType(events, 'instances').at(-1)!.snapshot.probabilities.teacher!;
    const [ofOwn, , , ofMean] = lastView<PredictionsView>(mean, 'answers').probabilities;
    shown(own).forEach((p, i) => expect(p).toBeCloseTo(ofOwn![i]!, 5));
    shown(mean).forEach((p, i) => expect(p).toBeCloseTo(ofMean![i]!, 5));
  });

  it('shows both codes of every watched image, the teacher’s and the student’s', async () => {
    const events = await carriedOut(recipes['a teacher with two further views']);
    const { panels } = lastView<MethodView>(events, 'look', 'codes');
    const [images] = [ofType(events, 'started')[0]!.watched.images.length];
    // The embedding has 8 numbers: codes of 4 and 16.
    expect(panels.map(({ who, shape }) => [who, shape])).toEqual([
      ['teacher', [images, 2, 2]],
      ['student', [images, 2, 2]],
      ['teacher', [images, 4, 4]],
      ['student', [images, 4, 4]],
    ]);
    for (const { values } of panels)
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(images, 3);
  });

  it('teaches its heads to answer as it does', async () => {
    const events = await carriedOut({
      ...recipes['a teacher with two further views'],
      teacher: teacher('granular', {
        ...trained,
        source: 'train',
        network: 'mlp-16',
        epochs: 15,
        learningRate: 0.01,
        headEpochs: 60,
      }),
    });
    const agreement = ofType(events, 'step').flatMap(({ values }) => values['agreement/detailed'] ?? []);
    expect(agreement.at(-1)).toBeGreaterThan(0.9);
  });

  it.each([
    ['validation instances', { ...validated, validation: 40 }],
    ['instances that the heads did not learn from', { dataset: 'upload' }],
  ])('keeps each head of the epoch that is best on %s', async (images, material) => {
    const events = await carriedOut({
      ...recipes['a teacher with two further views'],
      material,
      // A rate at which the heads wander, so that the last epoch is not the best.
      teacher: teacher('granular', {
        ...trained,
        source: 'train',
        network: 'mlp-8',
        keptHeads: 'best',
        headEpochs: 12,
        headRate: 0.2,
      }),
    });
    const told = (head: string) =>
      ofType(events, 'step').flatMap(({ values }) => values[`head accuracy/${head}`] ?? []);
    const view = lastView<PredictionsView>(events, 'answers');
    expect(view.line).toContain(images);
    const heads = ['abstract', 'detailed'].map((head) => {
      const right = told(head);
      expect(right).toHaveLength(12);
      const best = Math.max(...right);
      expect(view.line).toContain(
        `the ${head} head of epoch ${right.lastIndexOf(best) + 1} (${(100 * best).toFixed(1)} %)`,
      );
      return { best, last: right.at(-1)! };
    });
    expect(heads.some(({ best, last }) => last < best)).toBe(true);
    // With a validation split the view itself is measured on the same images.
    if (images === 'validation instances')
      expect(view.accuracy.slice(1, 3).map((measured) => measured!.own)).toEqual(
        heads.map(({ best }) => best),
      );
  });

  it('keeps the heads of the last epoch, learned from all of the teacher’s images, where that is asked for', async () => {
    const heads = (keptHeads: string) => ({
      ...recipes['a teacher with two further views'],
      teacher: teacher('granular', { ...trained, source: 'train', headEpochs: 2, keptHeads }),
    });
    const steps = async (changes: Record<string, unknown>) => {
      const events = await carriedOut(changes);
      const told = ofType(events, 'step').filter(({ values }) => 'head loss/abstract' in values);
      return { told, line: lastView<PredictionsView>(events, 'answers').line };
    };
    const [last, best] = [await steps(heads('last')), await steps(heads('best'))];
    // 60 images in batches of 20: a tenth that is held back leaves two batches of three.
    expect([last.told.length, best.told.length]).toEqual([6, 4]);
    expect(last.told.some(({ values }) => 'head accuracy/abstract' in values)).toBe(false);
    expect([last.line, best.line].map((line) => line.includes('Kept are'))).toEqual([false, true]);
  });

  it('says which rate is too high when its heads diverge', async () => {
    const { run, events } = await train(
      tinyRecipe({
        hints: [kd],
        teacher: teacher('granular', {
          ...trained,
          source: 'train',
          network: 'mlp-16',
          epochs: 15,
          learningRate: 0.03,
          headEpochs: 20,
          headRate: 0.5,
        }),
      }),
      tinyDataset(few),
    );
    runs.push(run);
    expect(ofType(events, 'failed')[0]?.knob).toBe('teacher.knobs.headRate');
  });

  it('is needed for codes', async () => {
    const { run, events } = await train(
      tinyRecipe({ hints: [{ id: 'codes', weight: 1 }] }),
      tinyDataset(few),
    );
    runs.push(run);
    expect(ofType(events, 'failed')[0]?.message).toContain('two further views');
  });
});

describe('peers', () => {
  it('learn beside the student, from the same batches and from it', async () => {
    const schedule = { steps: 40, batch: 12, evaluateEvery: 20, learningRate: 0.02 };
    const events = await carriedOut({ ...recipes['one peer'], schedule });
    const accuracies = ofType(events, 'evaluation').map(({ scores }) => scores['accuracy']!.teacher!);
    expect(accuracies.at(-1)).toBeGreaterThan(0.8);
    // Six steps tell the two apart.
    const beside = await carriedOut(recipes['one peer']);
    const alone = await carriedOut({
      ...recipes['one peer'],
      teacher: teacher('peers', { network: 'cnn-4-8', lambda: 0 }),
    });
    const ce = (run: RunEvent[]) => ofType(run, 'step').map(({ values }) => values['peers’ CE/1']);
    expect(ce(beside)[0]).toBe(ce(alone)[0]);
    expect(ce(beside).at(-1)).not.toBe(ce(alone).at(-1));
  });
});
