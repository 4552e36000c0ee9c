import { datasetOfImages } from '../../../src/data/labelled-images';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { readSafetensors } from '../../../src/nn/safetensors';
import type { RunEvent } from '../../../src/training/events';
import type { Run } from '../../../src/training/run';
import { tried } from '../../support/long';
import { useWasm } from '../../support/wasm-in-node';
import { expectSame } from './same';
import { ofType, tinyDataset, tinyImages, tinyRecipe, train } from './tiny';

const kd = { id: 'kd', weight: 0.9, knobs: { temperature: 2 } };
const fitnet = { id: 'fitnet', weight: 1, knobs: { hintLayer: 2 } };
const zoo = ['dkd', 'nkd', 'wsld', 'dist', 'lskd', 'logits', 'nst', 'vid', 'sp', 'rkd', 'pkt', 'cc'];
const at = { id: 'at', weight: 10, knobs: { p: '2' } };
const dynamic = (knobs: Record<string, unknown> = {}) => ({
  id: 'hint-dynamic',
  knobs: { metaInterval: 1, metaWarmup: 0, metaPerClass: 4, metaBatch: 8, metaHidden: 16, ...knobs },
});
const sgd = { steps: 6, batch: 12, evaluateEvery: 3, optimiser: 'sgd', learningRate: 0.05 };

const runs: Run[] = [];
async function trained(...args: Parameters<typeof train>): Promise<RunEvent[]> {
  const { run, events } = await train(...args);
  runs.push(run);
  return events;
}

beforeAll(useWasm);
afterEach(() => {
  runs.splice(0).forEach((run) => run.dispose());
});

/** Everything a run says but how long it took. */
function numbers(events: readonly RunEvent[]): unknown {
  return events
    .filter(({ type }) => type !== 'speed' && type !== 'times')
    .map((event) => (event.type === 'finished' ? { ...event, seconds: 0 } : event));
}

describe('a run', () => {
  const recipes = {
    'labels only': { teacher: { kind: 'none' }, hints: [] },
    kd: { hints: [kd], objective: { hardAnswers: true } },
    'three hints': { hints: [kd, fitnet, at] },
    'the logit hints of the zoo, half of the images without labels': {
      hints: zoo.slice(0, 6).map((id) => ({ id, weight: 0.1 })),
      material: { dataset: 'upload', labelsPerClass: 6, unlabelled: 40 },
    },
    'the feature and relation hints of the zoo': { hints: zoo.slice(6).map((id) => ({ id, weight: 0.1 })) },
    ReviewKD: { hints: [{ id: 'review', weight: 1, knobs: { maxMidChannels: 16 } }] },
    'hint-dynamic over hints of each kind': {
      hints: ['dkd', 'vid', 'rkd', 'sp'].map((id) => ({ id, weight: 0.1 })),
      weighting: dynamic(),
      schedule: sgd,
    },
    'hint-dynamic over two hints, SGD': { hints: [kd, fitnet], weighting: dynamic(), schedule: sgd },
    'hint-dynamic over one hint, Adam, training meta set': {
      hints: [kd],
      weighting: dynamic({ metaSet: 'training' }),
    },
    'unlabelled images, shift, spoiled teacher': {
      hints: [kd, { ...kd, shuffled: true }],
      material: {
        dataset: 'upload',
        labelsPerClass: 6,
        unlabelled: 40,
        shift: 1,
        flip: true,
        labelNoise: 25,
      },
      teacher: {
        kind: 'single',
        knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20, corruption: 'rotated' },
      },
    },
  };
  // Of the others it is held by the runs that are broken off and go on (resume.test.ts).
  const again = new Set(tried(Object.keys(recipes)));
  for (const [name, changes] of Object.entries(recipes)) {
    it(`${name}: finite numbers, same again, nothing left behind`, async () => {
      const before = tf.memory().numTensors;
      const first = await trained(tinyRecipe(changes));
      expect(ofType(first, 'failed')).toEqual([]);
      const [finished] = ofType(first, 'finished');
      expect(finished?.step).toBe(6);
      const steps = ofType(first, 'step').filter(({ phase }) => phase === 'student');
      expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
      for (const { values } of steps)
        for (const [part, value] of Object.entries(values)) expect(value, part).toSatisfy(Number.isFinite);
      for (const { snapshot } of ofType(first, 'instances'))
        for (const column of Object.values({ ...snapshot.losses, ...snapshot.weights }))
          expect(column.every(Number.isFinite)).toBe(true);
      if (again.has(name)) expectSame(numbers(await trained(tinyRecipe(changes))), numbers(first));
      runs.splice(0).forEach((run) => run.dispose());
      expect(tf.memory().numTensors).toBe(before);
    });
  }

  it('keeps the number of tensors from step to step', async () => {
    const counts: number[] = [];
    await trained(
      tinyRecipe({ hints: [kd, fitnet], weighting: dynamic(), schedule: sgd }),
      tinyDataset(),
      (_, events) => {
        if (ofType(events, 'evaluation').some(({ phase }) => phase === 'student'))
          counts.push(tf.memory().numTensors);
      },
    );
    expect(counts).toHaveLength(3);
    expect(new Set(counts).size).toBe(1);
  });

  it('starts student and control from the same weights, and the control is what labels alone give', async () => {
    const taught = await trained(tinyRecipe({ hints: [kd] }));
    const alone = await trained(
      tinyRecipe({ teacher: { kind: 'none' }, hints: [], objective: { ceWeight: 1 } }),
    );
    const [atStart] = ofType(taught, 'evaluation').filter(({ phase }) => phase === 'student');
    expect(atStart?.loss.student).toBe(atStart?.loss.control);
    const controls = ofType(taught, 'step').flatMap(({ values }) => values['control'] ?? []);
    const students = ofType(alone, 'step').map(({ values }) => values['total']);
    expect(controls).toEqual(students);
  });

  it('gives the teacher’s hard labels the weight of the losses on logits that they stand in for', async () => {
    const hardOf = async (hints: object[]) => {
      const schedule = { steps: 2, batch: 12, evaluateEvery: 2 };
      const events = await trained(tinyRecipe({ hints, objective: { hardAnswers: true }, schedule }));
      return ofType(events, 'step').flatMap(({ values }) => values['hard answers'] ?? []);
    };
    const half = { ...kd, weight: 0.5 };
    const reference = await hardOf([{ ...kd, weight: 1.5 }]);
    // Whatever they are called, and however many there are; features, nonsense and what needs no teacher do not count.
    expect(await hardOf([{ id: 'dkd', weight: 1.5 }])).toEqual(reference);
    expect(await hardOf([half, { id: 'dist', weight: 1 }])).toEqual(reference);
    const others = [fitnet, { ...kd, shuffled: true, weight: 7 }, { id: 'ls', weight: 3 }];
    expect(await hardOf([...others, { ...kd, weight: 1.5 }])).toEqual(reference);
    expect(await hardOf([half])).not.toEqual(reference);
    expect(await hardOf([fitnet])).toEqual(await hardOf([{ ...kd, weight: 1 }]));
  });

  it('refuses to corrupt half of two classes, where half is one class and nothing would change', async () => {
    const two = tinyImages();
    const pair = ({ labels, ...rest }: typeof two.train) => ({ ...rest, labels: labels.map((c) => c % 2) });
    const dataset = datasetOfImages({
      ...two,
      classes: ['a', 'b'],
      train: pair(two.train),
      test: pair(two.test),
    });
    const knobs = { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 20, corruption: 'rotated' };
    const events = await trained(tinyRecipe({ hints: [kd], teacher: { kind: 'single', knobs } }), dataset);
    expect(ofType(events, 'failed')[0]).toMatchObject({ knob: 'teacher.knobs.corruption' });
    const three = { ...two, classes: ['a', 'b', 'c'] };
    const third = ({ labels, ...rest }: typeof two.train) => ({ ...rest, labels: labels.map((c) => c % 3) });
    const wrong = await trained(
      tinyRecipe({ hints: [kd], teacher: { kind: 'single', knobs } }),
      datasetOfImages({ ...three, train: third(two.train), test: third(two.test) }),
    );
    expect(ofType(wrong, 'failed')).toEqual([]);
  });

  it('learns', async () => {
    const events = await trained(
      tinyRecipe({
        hints: [kd],
        teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-32', epochs: 10, batch: 12 } },
        student: { network: 'mlp-16' },
        schedule: { steps: 40, batch: 12, evaluateEvery: 40, learningRate: 0.02 },
      }),
    );
    const [finished] = ofType(events, 'finished');
    expect(finished?.final.student).toBeGreaterThan(0.8);
  });

  it('is the same with hint-dynamic weights that never learn as with fixed, balanced ones', async () => {
    const changes = {
      hints: [kd, fitnet],
      schedule: sgd,
      material: { dataset: 'upload', labelsPerClass: 10 },
    };
    const still = await trained(
      tinyRecipe({ ...changes, weighting: dynamic({ metaWarmup: 100, metaSet: 'training' }) }),
    );
    const fixed = await trained(
      tinyRecipe({ ...changes, weighting: { id: 'fixed', knobs: { autoBalance: true } } }),
    );
    const totals = (events: RunEvent[]) =>
      ofType(events, 'step')
        .filter(({ phase }) => phase === 'student')
        .map(({ values }) => values['total']!);
    totals(fixed).forEach((total, i) => expect(totals(still)[i]).toBeCloseTo(total, 4));
  });
});

describe('live knobs', () => {
  it('act on the next step and leave a mark', async () => {
    const plain = await trained(tinyRecipe({ hints: [kd] }));
    const turned = await trained(tinyRecipe({ hints: [kd] }), tinyDataset(), (run, events) => {
      if (events.some((event) => event.type === 'phase' && event.phase === 'student'))
        expect(run.turn('hints.0.weight', 5)).toBeNull();
    });
    const [mark] = ofType(turned, 'knob');
    expect(mark).toMatchObject({ path: 'hints.0.weight', from: 0.9, to: 5, step: 1 });
    const part = (events: RunEvent[], step: number) =>
      ofType(events, 'step').find((event) => event.phase === 'student' && event.step === step)!.values[
        'kd·w'
      ]!;
    expect(part(turned, 1) / part(plain, 1)).toBeCloseTo(5 / 0.9, 3);
  });

  it('are refused with a sentence when they are not live or out of range', async () => {
    const said: (string | null)[] = [];
    await trained(tinyRecipe({ hints: [kd] }), tinyDataset(), (run, events) => {
      if (!events.some(({ type }) => type === 'started')) return;
      said.push(
        run.turn('schedule.batch', 8),
        run.turn('hints.0.knobs.temperature', 100),
        run.turn('no.knob', 1),
      );
    });
    expect(said[0]).toMatch(/Batch size cannot be changed during a run/);
    expect(said[1]).toMatch(/Temperature must be between 1 and 20/);
    expect(said[2]).toMatch(/no\.knob/);
  });
});

describe('endings', () => {
  it('stops after the step under way, with a last measurement', async () => {
    const events = await trained(tinyRecipe({ hints: [kd] }), tinyDataset(), (run, tick) => {
      if (tick.some((event) => event.type === 'phase' && event.phase === 'student')) run.requestStop();
    });
    const [finished] = ofType(events, 'finished');
    expect(finished).toMatchObject({ stopped: true, step: 0 });
    expect(finished?.final.student).toBeTypeOf('number');
  });

  it('names the step and the knob when the loss diverges', async () => {
    const events = await trained(
      tinyRecipe({
        hints: [kd],
        student: { network: 'mlp-8' },
        schedule: {
          steps: 60,
          batch: 12,
          optimiser: 'sgd',
          learningRate: 1,
          momentum: 0.99,
          weightDecay: 0.1,
          warmup: 0,
        },
        objective: { ceWeight: 10 },
        material: { dataset: 'upload', labelNoise: 100 },
      }),
      exploding(),
    );
    const [failed] = ofType(events, 'failed');
    expect(failed?.message).toMatch(/Stopped at step \d+: the loss .* learning rate/);
    expect(failed?.knob).toBe('schedule.learningRate');
    expect(failed?.step).toBeGreaterThan(0);
    expect(ofType(events, 'finished')).toEqual([]);
  });

  it.each([
    [{ hints: [at], student: { network: 'mlp-8' } }, /needs feature maps, and this student has none/],
    [{ hints: [kd], teacher: { kind: 'none' } }, /needs a teacher/],
    [{ hints: [kd], material: { dataset: 'upload', unnamedClass: 9 } }, /classes 0 to 3/],
    [
      { hints: [kd], teacher: { kind: 'single', knobs: { source: 'digits-8x8-cnn-16-32-64' } } },
      /bundled teacher reads 8×8 grey images of 10 classes/,
    ],
  ])('refuses what cannot be, in plain words', async (changes, sentence) => {
    const before = tf.memory().numTensors;
    const events = await trained(tinyRecipe(changes));
    expect(ofType(events, 'failed')[0]?.message).toMatch(sentence);
    runs.splice(0).forEach((run) => run.dispose());
    expect(tf.memory().numTensors).toBe(before);
  });

  it('gives the weights of every learner as safetensors', async () => {
    const { run } = await train(tinyRecipe({ hints: [kd] }));
    runs.push(run);
    for (const learner of ['teacher', 'student', 'control'] as const) {
      const bytes = await run.weights(learner);
      expect(readSafetensors(bytes!).map(({ name }) => name)).toContain('blocks.0.0.weight');
    }
    expect(await run.weights('hard')).toBeNull();
  });
});

/** Images so unlike each other that a rate of 1 with heavy momentum throws the weights away. */
function exploding() {
  const images = tinyImages();
  const { labels, count, images: pixels } = images.train;
  const train = { images: pixels.map((_, i) => (i % 7 === 0 ? 255 : 0)), labels, count };
  return datasetOfImages({ ...images, train });
}
