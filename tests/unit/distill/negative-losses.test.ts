/** A loss that may be negative (VID is a likelihood) keeps its sign wherever losses are measured or compared. */
import '@tensorflow/tfjs-backend-cpu';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultHint } from '../../../src/distill/recipe';
import { signsOf } from '../../../src/distill/hints/weights';
import { Balance } from '../../../src/distill/weighting/balance';
import { HistoryTable } from '../../../src/distill/weighting/hint-dynamic/ensembling';
import { metaFeatures } from '../../../src/distill/weighting/hint-dynamic/features';
import { classification } from '../../../src/distill/tasks/classification';
import { tf, type Tensor2D } from '../../../src/engine/tf';

beforeAll(() => tf.setBackend('cpu'));
const owned: { dispose(): void }[] = [];
afterEach(() => owned.splice(0).forEach((one) => one.dispose()));

it('is declared by the loss', () => {
  expect(signsOf([defaultHint('kd'), defaultHint('vid')])).toEqual([false, true]);
});

describe('HKD’s features of the losses', () => {
  /** Losses [B,H] as the meta network sees them: the log losses of each image. */
  function logsOf(losses: number[][], negative?: boolean[]): number[][] {
    const history = new HistoryTable(8, 2, 'negative');
    owned.push(history);
    return tf.tidy(() => {
      const logits = tf.zeros([losses.length, 3]);
      const features = metaFeatures(
        {
          rows: tf.tensor1d(
            losses.map((_, i) => i),
            'int32',
          ),
          targets: tf.zeros([losses.length, 3]),
          taskLosses: tf.zeros([losses.length]),
          hints: tf.tensor2d(losses),
          student: logits,
          teacher: logits,
          progress: tf.scalar(0.5),
        },
        history,
        classification(3),
        negative,
      );
      return tf.slice(features, [0, 5], [-1, 2]).arraySync() as number[][];
    });
  }
  const losses = [
    [-1e-7, -2],
    [3, 0.5],
  ];

  it('keep the sign of what may be negative, and cut rounding below zero off the others', () => {
    const [first, second] = logsOf(losses, [false, true]);
    expect(first![0]).toBe(0);
    expect(first![1]).toBeCloseTo(-Math.log(3), 6);
    expect(second).toEqual(logsOf(losses)[1]);
  });

  it('are what they were where no loss may be negative', () => {
    expect(logsOf(losses, [false, false])).toEqual(logsOf(losses));
  });
});

describe('auto-balance', () => {
  function balanced(losses: number[][], negative?: boolean[]): number[][] {
    const balance = new Balance(2, true, 'negative', negative);
    owned.push(balance);
    return tf.tidy(() => {
      const batch = tf.tensor2d(losses) as Tensor2D;
      balance.open(batch);
      balance.observe(batch);
      return balance.apply(batch).arraySync();
    });
  }

  it('divides what may be negative by its mean size', () => {
    const [first, second] = balanced(
      [
        [1, -3],
        [3, 1],
      ],
      [false, true],
    );
    expect(first![0]).toBeCloseTo(0.5, 6);
    expect(first![1]).toBeCloseTo(-1.5, 6);
    expect(second![0]).toBeCloseTo(1.5, 6);
    expect(second![1]).toBeCloseTo(0.5, 6);
  });
});
