import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Tensor4D } from '../../../src/engine/tf';
import { describeNetwork } from '../../../src/nn/describe';
import { drawFactors, Dropout } from '../../../src/nn/dropout';
import { Network } from '../../../src/nn/network';
import { RandomStream } from '../../../src/random/streams';

beforeAll(() => tf.setBackend('cpu'));

const stream = (name: string) => RandomStream.fork(1, name);
const numbers = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe('what a dropout multiplies by', () => {
  it.each([0.2, 0.3, 0.5])('is zero in a share of %f and keeps the mean', (rate) => {
    const values = new Float32Array(100_001);
    drawFactors(values, rate, 7);
    const dropped = values.filter((value) => value === 0).length / values.length;
    // Five deviations of a share of so many draws.
    expect(Math.abs(dropped - rate)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / values.length));
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
  });

  it('does not depend on its neighbours, nor on those of the next seed', () => {
    const [first, second] = [new Float32Array(40_000), new Float32Array(40_000)];
    drawFactors(first, 0.5, 1);
    drawFactors(second, 0.5, 2);
    const agreement = (a: Float32Array, b: Float32Array, by: number) =>
      a.subarray(by).filter((value, i) => value === b[i]).length / (a.length - by);
    for (const by of [1, 2, 3, 16]) expect(agreement(first, first, by)).toBeCloseTo(0.5, 1);
    for (const by of [0, 1, 2, 3, 4]) expect(agreement(first, second, by)).toBeCloseTo(0.5, 1);
  });

  it('is drawn anew for each step and layer, and goes on from a state', () => {
    const specs = ['a', 'b'].map((name) => ({ name, rate: 0.4, shape: [3, 4] }));
    const dropout = new Dropout(specs, 5, stream('dropout'));
    dropout.draw();
    const state = dropout.state();
    const draw = () => {
      dropout.draw();
      return specs.map(({ name }) => numbers(dropout.factors(name)));
    };
    const [next, later] = [draw(), draw()];
    expect(next[0]).not.toEqual(next[1]);
    expect(later).not.toEqual(next);
    dropout.restore(state);
    expect(draw()).toEqual(next);
    dropout.dispose();
  });
});

describe('a network with dropout', () => {
  const batch = 6;
  const images = () => tf.randomNormal([batch, 8, 8, 3], 0, 1, 'float32', 4) as Tensor4D;
  const create = () => Network.create('elu-4-8', [8, 8, 3], 5, stream('init'));

  it('drops nothing in evaluation, nor in training before `drop` is called', () => {
    const network = create();
    const x = images();
    const answers = (training: boolean) => tf.tidy(() => numbers(network.forward(x, { training }).logits));
    const [evaluation, training] = [answers(false), answers(true)];
    network.drop(batch, stream('dropout'));
    network.dropout!.draw();
    expect(answers(false)).toEqual(evaluation);
    expect(answers(true)).not.toEqual(training);
    network.dropNoMore();
    expect(answers(true)).toEqual(training);
    network.dispose();
    x.dispose();
  });

  it('multiplies what comes out of the pooling, and so do its gradients', () => {
    const network = create();
    network.drop(batch, stream('dropout'));
    network.dropout!.draw();
    const x = images();
    const factors = network.dropout!.factors('blocks.1.drop');
    tf.tidy(() => {
      const pass = () => network.forward(x, { training: true });
      const { stages, embedding } = pass();
      const pooled = tf.mul(tf.maxPool(stages[1] as Tensor4D, 2, 2, 'valid'), factors);
      expect(numbers(embedding)).toEqual(numbers(pooled));
      // Of the sum of the logits, a weight of the last layer gets the sum of what comes in.
      const weight = network.module.trainable.get('fc.weight')!;
      const { gradients } = gradientsOf(() => tf.sum(pass().logits), [weight]);
      const sums = numbers(tf.sum(embedding, 0));
      numbers(tf.slice(gradients[0]!, [0, 0], [-1, 1])).forEach((value, i) =>
        expect(value).toBeCloseTo(sums[i]!, 4),
      );
    });
    network.dispose();
    x.dispose();
  });

  it('gives fewer images the zeros of the first ones', () => {
    const network = create();
    network.drop(batch, stream('dropout'));
    network.dropout!.draw();
    const x = images();
    tf.tidy(() => {
      const some = network.forward(tf.slice(x, 0, 2) as Tensor4D, { training: true });
      const zeros = numbers(
        tf.slice(tf.reshape(network.dropout!.factors('blocks.1.drop'), [batch, -1]), 0, 2),
      );
      numbers(some.embedding).forEach((value, i) => expect(value === 0).toBe(zeros[i] === 0));
    });
    network.dispose();
    x.dispose();
  });

  it('costs no parameters', () => {
    const sheet = describeNetwork('elu-4-8', [8, 8, 3], 5);
    expect('problem' in sheet ? sheet : sheet.parameters).toBe(
      3 * 9 * 4 + 4 + 2 * 4 + 4 * 9 * 8 + 8 + 2 * 8 + 32 * 5 + 5,
    );
  });
});
