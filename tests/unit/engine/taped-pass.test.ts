/** One forward pass, several gradients. */
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNormTraining } from '../../../src/engine/batch-norm';
import { gradientsOf } from '../../../src/engine/gradients';
import { TapedPass } from '../../../src/engine/taped-pass';
import { tf, type Scalar, type Tensor } from '../../../src/engine/tf';

beforeAll(() => tf.setBackend('cpu'));

const numbers = (tensor: Tensor | null) => (tensor ? Array.from(tensor.dataSync()) : null);

describe('a taped pass', () => {
  let [x, scale, offset, unused] = [] as unknown as [Tensor, Tensor, Tensor, Tensor];
  beforeAll(() => {
    x = tf.tensor2d([1, -2, 3, 0.5, 2, -1, 4, 1], [4, 2]);
    scale = tf.tensor1d([1.5, -0.5]);
    offset = tf.tensor1d([0.25, 1]);
    unused = tf.tensor1d([1]);
  });
  const forward = () => {
    const normal = batchNormTraining(x, scale, offset);
    return { squares: tf.square(normal), maps: { normal: tf.relu(normal) } };
  };
  type Looked = ReturnType<typeof forward>;
  const losses = [
    ({ squares }: Looked) => tf.sum<Scalar>(squares),
    ({ squares, maps }: Looked) => tf.sum<Scalar>(tf.mul(tf.mul(squares, maps.normal), x)),
    ({ maps }: Looked) => tf.mean<Scalar>(maps.normal),
  ];

  it('gives the gradients that passes of their own give, as often as asked, and leaves nothing', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      let runs = 0;
      const taped = new TapedPass(() => {
        runs++;
        return forward();
      });
      for (const loss of [...losses, losses[0]!]) {
        const found = taped.gradientsOf(loss, [scale, unused, offset]);
        const alone = gradientsOf(() => loss(forward()), [scale, unused, offset]);
        expect(numbers(found.value)).toEqual(numbers(alone.value));
        expect(found.gradients.map(numbers)).toEqual(alone.gradients.map(numbers));
        expect(found.gradients[0]).not.toBeNull();
      }
      expect(runs).toBe(1);
      taped.dispose();
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('forgets what was kept when the pass breaks off', () => {
    const before = tf.memory().numTensors;
    const broken = () =>
      new TapedPass(() => {
        forward();
        throw new Error('enough');
      });
    expect(broken).toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.engine().isTapeOn()).toBe(false);
  });

  it('is no part of another gradient', () => {
    expect(() => gradientsOf(() => losses[0]!(new TapedPass(forward).value), [scale])).toThrow(
      'part of another gradient',
    );
  });
});
