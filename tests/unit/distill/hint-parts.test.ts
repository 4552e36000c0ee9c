/** What golden numbers do not say of the classical hints: draws, margins, medians, shares, other forms. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { Negatives } from '../../../src/distill/hints/negatives';
import { ctkdLosses, curriculum, scaleGradient, temperatureOf } from '../../../src/distill/hints/ctkd/loss';
import { labelSmoothingLosses } from '../../../src/distill/hints/ls/loss';
import { mlldParts } from '../../../src/distill/hints/mlld/loss';
import { notAboveMedian } from '../../../src/distill/hints/mlld/median';
import { marginOfBatch } from '../../../src/distill/hints/ofd/margin';
import { normsBeforeStages } from '../../../src/distill/hints/ofd/norms';
import { hclLosses, hclParts } from '../../../src/distill/hints/review/hcl';
import { rkdParts } from '../../../src/distill/hints/rkd/loss';
import { overLabelled } from '../../../src/distill/hints/targets';
import { firstStageSteps } from '../../../src/distill/hints/two-stage';
import { deeperTwin } from '../../../src/distill/hints/fsp/method';
import { crossEntropies, meanOverLabelled } from '../../../src/distill/objective';
import { describeNetwork, planNetwork } from '../../../src/nn/describe';
import { networkSuggestions } from '../../../src/nn/network-names';
import { RandomStream } from '../../../src/random/streams';
import { useWasm } from '../../support/wasm-in-node';

beforeAll(useWasm);

/** Numbers that look random and are the same each time. */
function values(count: number, name: string): Float32Array {
  const random = RandomStream.fork(5, name);
  return Float32Array.from({ length: count }, () => random.normal());
}
const matrix = (rows: number, columns: number, name: string) =>
  tf.tensor2d(values(rows * columns, name), [rows, columns]);

describe('negatives', () => {
  const labels = Int32Array.from({ length: 40 }, (_, i) => (i % 8 === 7 ? -1 : i % 4));
  const draw = (count: number, rows: number[], seed = 1, positive: 'exact' | 'relax' = 'exact') => {
    const negatives = new Negatives(labels, { count, positive });
    const picks = negatives.draw(rows, RandomStream.fork(seed, 'draw'));
    const width = 1 + negatives.count;
    return rows.map((_, i) => Array.from(picks.subarray(i * width, (i + 1) * width)));
  };

  it('are of other classes and differ, with the image itself first', () => {
    for (const [own, ...others] of draw(20, [0, 5, 9, 13])) {
      expect([0, 5, 9, 13]).toContain(own);
      expect(new Set(others).size).toBe(20);
      for (const other of others) expect(labels[other]).not.toBe(labels[own!]);
    }
  });

  it('of an image without a label are any others', () => {
    const [picks] = draw(39, [7]);
    expect(picks![0]).toBe(7);
    expect(new Set(picks).size).toBe(40);
  });

  it('repeat themselves where there are too few, and are never more than the pool has', () => {
    const [picks] = draw(500, [0]);
    expect(picks).toHaveLength(40);
    expect(picks!.slice(1).every((row) => labels[row] !== labels[0])).toBe(true);
  });

  it('depend on the stream alone, not on what was drawn before', () => {
    const negatives = new Negatives(labels, { count: 10, positive: 'relax' });
    const first = negatives.draw([0, 1, 2], RandomStream.fork(1, 'a'));
    negatives.draw([3, 4, 5], RandomStream.fork(2, 'b'));
    expect(negatives.draw([0, 1, 2], RandomStream.fork(1, 'a'))).toEqual(first);
  });

  it('belong with an image of their class, if asked', () => {
    for (let seed = 0; seed < 20; seed++)
      for (const [i, [positive]] of draw(5, [0, 6], seed, 'relax').entries())
        expect(labels[positive!]).toBe(labels[[0, 6][i]!]);
    expect(draw(5, [7], 3, 'relax')[0]![0]).toBe(7);
  });
});

describe('the batch norm before a stage’s ReLU', () => {
  it('is the last branch’s in sums, the next block’s where blocks end in a sum, none without', () => {
    expect(normsBeforeStages('cnn2-4-8', [8, 8, 1], 4)).toEqual(['blocks.0.4', 'blocks.1.4']);
    expect(normsBeforeStages('resnet14', [8, 8, 1], 4)).toEqual([
      'layer1.1.bn2',
      'layer2.1.bn2',
      'layer3.1.bn2',
    ]);
    expect(normsBeforeStages('wrn_16_1', [8, 8, 1], 4)).toEqual([
      'block2.layer.0.bn1',
      'block3.layer.0.bn1',
      'bn1',
    ]);
    expect(normsBeforeStages('mlp-8-4', [8, 8, 1], 4)).toEqual([null, null]);
    expect(normsBeforeStages('two of them', [8, 8, 1], 4)).toEqual([]);
  });

  it('has the channels of its stage, whatever the network', () => {
    for (const { value } of networkSuggestions) {
      const plan = planNetwork(value, [32, 32, 3], 4);
      if ('problem' in plan) throw new Error(plan.problem);
      const { parameters, output } = plan.description;
      for (const [stage, norm] of normsBeforeStages(value, [32, 32, 3], 4).entries()) {
        if (norm === null) continue;
        const weight = parameters.find(({ name }) => name === `${norm}.weight`);
        expect(weight?.shape, `${value} ${norm}`).toEqual([output.preActivations[stage]!.at(-1)]);
      }
    }
  });
});

describe('margins of a batch', () => {
  it('are the mean of what is below zero, channel by channel', async () => {
    const maps = tf.tensor4d([-1, 2, -3, 4, 5, 6, -2, -8], [2, 2, 1, 2]);
    // Channel 0 holds -1, -3, 5, -2; channel 1 holds 2, 4, 6, -8.
    expect(await marginOfBatch(maps).array()).toEqual([-2, -8]);
    expect(await marginOfBatch(tf.abs(maps)).array()).toEqual([0, 0]);
  });
});

describe('the median', () => {
  it('splits any numbers as sorting them does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 12 }), (list) => {
        const sorted = [...list].sort((a, b) => a - b);
        const at = (place: number) => sorted[place]!;
        const median = (at((list.length - 1) >> 1) + at(list.length >> 1)) / 2;
        const found = tf.tidy(() => notAboveMedian(tf.tensor1d(list, 'float32')).arraySync());
        expect(found).toEqual(list.map((value) => Number(value <= median)));
      }),
    );
  });
});

describe('multi-level logits', () => {
  it('scale with the share of unsure images as coded, and otherwise drop the sure ones', async () => {
    const [student, teacher] = [matrix(4, 5, 'student'), matrix(4, 5, 'teacher')];
    const views = {
      studentWeak: student,
      studentStrong: student,
      teacherWeak: teacher,
      teacherStrong: teacher,
    };
    const batchOf = async (asCoded: boolean) => mlldParts(views, { temperature: 4, asCoded }).batch.array();
    const [coded, masked] = [await batchOf(true), await batchOf(false)];
    const unsure = await notAboveMedian(tf.max(tf.softmax(teacher), -1)).array();
    expect(unsure.filter((value) => value === 1)).toHaveLength(2);
    unsure.forEach((mask, i) => expect(masked[i]).toBeCloseTo(mask * coded[i]! * 2, 5));
  });
});

describe('the learned temperature', () => {
  it('climbs the loss that the student descends, as hard as the curriculum says', async () => {
    const theta = tf.tensor1d([0.3]);
    const [student, teacher] = [matrix(6, 5, 's'), matrix(6, 5, 't')];
    const slope = async (progress: number) => {
      const strength = curriculum(tf.scalar(progress), { from: 0, to: -1 });
      const loss = () =>
        tf.mean<tf.Scalar>(
          ctkdLosses(student, teacher, temperatureOf(scaleGradient(theta, strength), { start: 1, span: 20 })),
        );
      return (await gradientsOf(loss, [theta]).gradients[0]!.data())[0]!;
    };
    const free = tf.mean<tf.Scalar>(
      ctkdLosses(student, teacher, temperatureOf(theta, { start: 1, span: 20 })),
    );
    const moved = tf.mean<tf.Scalar>(
      ctkdLosses(student, teacher, temperatureOf(tf.add(theta, 0.05), { start: 1, span: 20 })),
    );
    const rising = Math.sign((await moved.data())[0]! - (await free.data())[0]!);
    expect(await slope(0)).toBeCloseTo(0, 9);
    const [half, full, past] = [await slope(0.5), await slope(1), await slope(3)];
    expect(Math.sign(full)).toBe(-rising);
    expect(half / full).toBeCloseTo(0.5, 4);
    expect(past).toBe(full);
  });
});

describe('losses of labelled images', () => {
  it('count as the labels’ own part does, whoever has no label', async () => {
    const logits = matrix(5, 3, 'logits');
    const oneHot = tf.tensor2d([1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1], [5, 3]);
    const smooth = labelSmoothingLosses(logits, oneHot, { smoothing: 0, spread: 'all' });
    const labels = meanOverLabelled(crossEntropies(logits, oneHot), 3);
    const found = await tf.mean(overLabelled(smooth, oneHot)).data();
    expect(found[0]).toBeCloseTo((await labels.data())[0]!, 5);
    expect((await smooth.array())[1]).toBeCloseTo(0, 9);
  });
});

describe('angles', () => {
  it('of a part of the batch are those of that part alone', async () => {
    const [student, teacher] = [matrix(6, 4, 'a'), matrix(6, 4, 'b')];
    const part = (x: Tensor2D) => tf.slice(x, [0, 0], [4, 4]);
    const some = tf.mean(rkdParts(student, teacher, 4).angle);
    const alone = tf.mean(rkdParts(part(student), part(teacher)).angle);
    expect((await some.data())[0]).toBeCloseTo((await alone.data())[0]!, 5);
  });
});

describe('the context loss', () => {
  it('is the sum of its scales, each counted by its order among those that are used', async () => {
    const map = (name: string) => tf.tensor4d(values(2 * 6 * 6 * 3, name), [2, 6, 6, 3]);
    const [student, teacher] = [map('student') as Tensor4D, map('teacher') as Tensor4D];
    const parts = hclParts(student, teacher, [2, 1]);
    expect(parts.map(({ side }) => side)).toEqual([6, 2, 1]);
    const sum = tf.addN(parts.map(({ losses }) => losses));
    const whole = await hclLosses(student, teacher, [2, 1]).array();
    ((await sum.array()) as unknown as number[]).forEach((value, i) =>
      expect(value).toBeCloseTo(whole[i]!, 6),
    );
    const plain = await tf.mean(tf.squaredDifference(student, teacher), [1, 2, 3]).array();
    (await hclLosses(student, teacher, []).array()).forEach((value, i) =>
      expect(value).toBeCloseTo((plain as number[])[i]!, 6),
    );
  });
});

describe('a first stage', () => {
  it('is a share of the student’s steps, and none beside the labels', () => {
    expect(firstStageSteps({ stages: 'two', initShare: 12.5 }, 240)).toBe(30);
    expect(firstStageSteps({ initShare: 12.5 }, 240)).toBe(30);
    expect(firstStageSteps({ stages: 'joint', initShare: 12.5 }, 240)).toBe(0);
  });
});

describe('a deeper twin', () => {
  it('has the channels of the network in the first layer and every stage', () => {
    const channels = (name: string) => {
      const description = describeNetwork(name, [32, 32, 3], 4);
      if ('problem' in description) throw new Error(description.problem);
      const { stem, stages } = description.trace;
      return [stem, ...stages].map((shape) => shape.at(-1));
    };
    for (const { value } of networkSuggestions)
      expect(channels(deeperTwin(value)), value).toEqual(channels(value));
    expect(deeperTwin('cnn-4-8-16')).toBe('cnn2-4-8-16');
    expect(deeperTwin('resnet8x4')).toBe('resnet32x4');
  });
});
