/** Losses of many kinds in stock ops, with their gradients, in steps that are recorded and replayed or carried out op by op. */
import { expect, test } from 'vitest';
import { captureStep, liveTensor } from '../../../src/engine/capture/capture';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Scalar, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';

interface Given {
  /** [4,6,6,2], new in every step */
  x: Tensor4D;
  /** [4] int32, new in every step */
  rows: Tensor1D;
  /** [3,3,2,4] */
  kernel: tf.Tensor;
  /** [4,8] */
  table: tf.Tensor;
}

const conv = ({ x, kernel }: Given, stride = 1) => tf.conv2d(x, kernel as Tensor4D, stride, 'same');
/** [4,4] */
const pooled = (given: Given) => tf.mean(conv(given), [1, 2]) as Tensor2D;

type Losses = Record<string, (given: Given) => tf.Tensor>;

/** Every way in which a stock op can come by its numbers: constants, uniforms, whole numbers, masks, several results. */
export const kindsOfOps: Losses = {
  'strided convolution, resizing, concatenation': (given) => {
    const small = conv(given, 2);
    return tf.square(
      tf.concat([tf.image.resizeBilinear(small, [6, 6]), tf.image.resizeNearestNeighbor(small, [6, 6])], 3),
    );
  },
  'gather and its scattering gradient': ({ table, rows }) => tf.square(tf.gather(table, rows)),
  'rows scattered into a table as a target': (given) => {
    const places = tf.expandDims(given.rows, 1);
    const target = tf.tensorScatterUpdate(tf.zeros([6, 2]), places, tf.mean(given.x, [1, 2]));
    return tf.squaredDifference(tf.slice(pooled(given), [0, 0], [4, 2]), tf.slice(target, [1, 0], [4, 2]));
  },
  'conditions on constants': (given) => {
    const seen = tf.mean(given.x, [1, 2, 3]);
    const isUsable = tf.logicalAnd(tf.isFinite(seen), tf.greater(seen, 0));
    return tf.mul(tf.where(isUsable, tf.add(seen, 1), tf.zerosLike(seen)), tf.sum(pooled(given), 1));
  },
  'normalisation with given statistics': (given) => {
    const points = conv(given);
    const { mean, variance } = tf.moments(given.x);
    const each = (x: tf.Tensor) => tf.mul(tf.ones([4]), x) as Tensor1D;
    return tf.square(tf.batchNorm(points, each(mean), each(variance), tf.ones([4]), each(mean)));
  },
  'argmax as a target': (given) => {
    const logits = pooled(given);
    const targets = tf.cast(tf.oneHot(tf.argMax(tf.mean(given.x, [1, 2]), -1), 4), 'float32');
    return tf.mul(targets, tf.logSoftmax(logits));
  },
  'the largest of a row as a target': (given) => {
    const { values } = tf.topk(tf.mean(given.x, [1, 2]), 1);
    return tf.squaredDifference(pooled(given), values);
  },
  'running sums and padding': (given) =>
    tf.square(
      tf.pad(tf.cumsum(pooled(given), 1), [
        [0, 0],
        [1, 1],
      ]),
    ),
  'stacking and unstacking': (given) => {
    const [first, second, ...rest] = tf.unstack(conv(given));
    return tf.stack([tf.mul(first!, second!), ...rest]);
  },
  'smooth activations': (given) =>
    tf.add(tf.add(tf.elu(conv(given)), tf.selu(conv(given))), tf.softplus(conv(given))),
  'mirrored edges, slices and blurred maps': (given) => {
    const padded = tf.mirrorPad(
      conv(given),
      [
        [0, 0],
        [1, 1],
        [2, 2],
        [0, 0],
      ],
      'reflect',
    );
    const blurred = tf.avgPool(padded as Tensor4D, 3, 1, 'valid');
    return tf.square(
      tf.sub(
        tf.slice(blurred, [0, 1, 1, 0], [4, 4, 4, 4]),
        tf.slice(conv(given), [0, 0, 0, 0], [4, 4, 4, 4]),
      ),
    );
  },
  'depthwise by strides and transposed convolution': (given) => {
    const each = tf.slice(given.kernel, [0, 0, 0, 0], [3, 3, 2, 1]) as Tensor4D;
    const half = tf.depthwiseConv2d(given.x, each, 2, 'same');
    const filter = tf.transpose(given.kernel, [0, 1, 3, 2]) as Tensor4D;
    const grown = tf.conv2dTranspose(half, filter, [4, 6, 6, 4], 2, 'same');
    return tf.elu(
      tf.mul(grown, tf.image.resizeBilinear(tf.maxPool(conv(given), 3, 2, 'same'), [6, 6], true)),
    );
  },
  'a margin with a mask and a straight-through step': (given) => {
    const points = pooled(given);
    const mask = tf.cast(tf.notEqual(tf.oneHot(given.rows, 4), 1), 'float32');
    return tf.mul(tf.relu(tf.add(tf.mul(points, mask), 0.5)), tf.add(tf.step(points), mask));
  },
};

/** More of what losses of the field are made of. */
export const compositions: Losses = {
  'dot-product attention': (given) => {
    const flat = tf.reshape(conv(given), [4, 36, 4]);
    const scores = tf.softmax(tf.mul(tf.matMul(flat, flat, false, true), 0.5));
    return tf.matMul(scores, flat);
  },
  'local response normalisation and a batch as a product': (given) => {
    const normal = tf.localResponseNormalization(conv(given), 2, 1, 0.5, 0.6) as Tensor4D;
    return tf.matMul(tf.reshape(normal, [4, 36, 4]), tf.reshape(conv(given), [4, 36, 4]), true, false);
  },
  'depthwise convolution and average pooling': ({ x, kernel }) => {
    const depthwise = tf.depthwiseConv2d(
      x,
      tf.slice(kernel, [0, 0, 0, 0], [3, 3, 2, 1]) as Tensor4D,
      1,
      'same',
    );
    return tf.sigmoid(tf.avgPool(depthwise, 2, 2, 'valid'));
  },
  'layer norm': (given) => {
    const { mean, variance } = tf.moments(conv(given), -1, true);
    return tf.mul(tf.div(tf.sub(conv(given), mean), tf.sqrt(tf.add(variance, 1e-5))), tf.mean(given.x));
  },
  'Gram matrices': (given) => {
    const flat = tf.reshape(conv(given), [4, 36, 4]);
    return tf.square(tf.div(tf.matMul(flat, flat, true, false), 36));
  },
  'cosine similarity': (given) => {
    const points = pooled(given);
    const unit = tf.div(points, tf.add(tf.norm(points, 'euclidean', 1, true), 1e-6));
    return tf.matMul(unit, unit, false, true);
  },
  'clipping, powers, exponentials': (given) =>
    tf.exp(tf.clipByValue(tf.pow(tf.abs(pooled(given)), 1.5), 1e-4, 2)),
  'log-sum-exp, largest, smallest': (given) => {
    const points = pooled(given);
    return tf.add(tf.logSumExp(points, 1), tf.sub(tf.max(points, 1), tf.min(points, 1)));
  },
  'softmax over the places of a map': (given) => {
    const places = tf.transpose(tf.reshape(conv(given), [4, 36, 4]), [0, 2, 1]);
    const shares = tf.softmax(tf.div(places, 4), -1);
    const other = tf.softmax(tf.tile(tf.mean(places, 1, true), [1, 4, 1]), -1);
    return tf.mul(shares, tf.sub(tf.log(tf.add(shares, 1e-6)), tf.log(tf.add(other, 1e-6))));
  },
  'correlations between layers and images': (given) => {
    const [early, late] = [tf.reshape(given.x, [4, 72]), tf.reshape(conv(given, 2), [4, 36])];
    const gram = (rows: tf.Tensor) => {
      const product = tf.matMul(rows as Tensor2D, rows as Tensor2D, false, true);
      return tf.div(product, tf.add(tf.norm(product, 'euclidean', 1, true), 1e-6));
    };
    return tf.squaredDifference(gram(early), gram(late));
  },
  'rows chosen by one-hot products': ({ table, rows, ...given }) => {
    const chosen = tf.matMul(tf.cast(tf.oneHot(rows, 4), 'float32') as Tensor2D, table as Tensor2D);
    return tf.mul(
      tf.neg(tf.softplus(tf.neg(chosen))),
      tf.sigmoid(tf.tile(pooled({ table, rows, ...given }), [1, 2])),
    );
  },
  'error function, powers of tensors, hyperbolic functions': (given) => {
    const points = pooled(given);
    const positive = tf.add(tf.abs(points), 0.1);
    return tf.add(tf.erf(points), tf.mul(tf.pow(positive, tf.add(tf.tanh(points), 1.5)), tf.atan(points)));
  },
  'standard deviations and correlations of answers': (given) => {
    const points = pooled(given);
    const centred = tf.sub(points, tf.mean(points, 1, true));
    const { variance } = tf.moments(points, 1, true);
    const unit = tf.div(centred, tf.sqrt(tf.add(variance, 1e-6)));
    const target = tf.softmax(tf.mean(given.x, [1, 2]));
    return tf.sub(1, tf.mean(tf.mul(tf.tile(target, [1, 2]), unit), 1));
  },
  'absolute and largest norms, soft maxima over images': (given) => {
    const points = pooled(given);
    const soft = tf.logSumExp(tf.mul(points, 3), 0, true);
    return tf.add(tf.norm(points, 1, 1, true), tf.add(tf.max(tf.abs(points), 0, true), soft));
  },
  'parts of channels, turned round and summed backwards': (given) => {
    const [first, second] = tf.split(conv(given), 2, -1) as [Tensor4D, Tensor4D];
    const turned = tf.reverse(tf.leakyRelu(second, 0.1), 1);
    // The last axis by its number: of any other, and of -1, TensorFlow.js has a gradient in the wrong shape.
    return tf.cumsum(tf.mul(first, tf.squeeze(tf.expandDims(turned, 0), [0])), 3, true, true);
  },
};

async function train(loss: (given: Given) => tf.Tensor, captured: boolean): Promise<number[]> {
  const [x, rows] = [liveTensor<Tensor4D>([4, 6, 6, 2]), liveTensor<Tensor1D>([4], 'int32')];
  const variable = (shape: number[], seed: number) =>
    tf.tidy(() => tf.variable(tf.randomNormal(shape, 0, 0.3, 'float32', seed)));
  const [kernel, table] = [variable([3, 3, 2, 4], 1), variable([4, 8], 2)];
  const step = () => {
    const given = { x: x.tensor, rows: rows.tensor, kernel, table };
    const { value, gradients } = gradientsOf(() => tf.mean(loss(given)) as Scalar, [kernel, table]);
    [kernel, table].forEach((weights, i) => {
      if (gradients[i]) weights.assign(tf.sub(weights, tf.mul(gradients[i], 0.1)));
    });
    return { value };
  };
  const graph = captured ? captureStep(step, { inputs: [x, rows] }) : null;
  const seen: number[] = [];
  for (let i = 0; i < 5; i++) {
    x.write(Float32Array.from({ length: 288 }, (_, j) => Math.sin(1.7 * j + 5.1 * i)));
    // A permutation: rows written twice would be written in any order.
    rows.write([i % 4, (i + 1) % 4, (i + 2) % 4, (i + 3) % 4]);
    if (graph) {
      seen.push((await graph.replay())!['value']![0]!);
    } else {
      const { value } = tf.tidy(step);
      seen.push((await value.data<'float32'>())[0]!);
      value.dispose();
    }
  }
  seen.push(...(await kernel.data<'float32'>()), ...(await table.data<'float32'>()));
  graph?.dispose();
  [x, rows, kernel, table].forEach((thing) => thing.dispose());
  return seen;
}

/** Both must give the same bits. */
export function replayedLosses(losses: Losses): void {
  test.each(Object.entries(losses))('%s', async (_, loss) => {
    await withValidation(async () => {
      const eager = await train(loss, false);
      const captured = await train(loss, true);
      expect(captured).toEqual(eager);
      expect(eager.every(Number.isFinite)).toBe(true);
      expect(eager[0]).not.toBe(eager[1]);
    });
  });
}
