import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { traceWith } from './building-blocks';

/** Channels after each stage, and its number of blocks after the one that halves the map. */
const layout = [
  [116, 3],
  [232, 7],
  [464, 3],
] as const;
const headChannels = 1024;

/**
 * ShuffleNet V2 (Ma et al. 2018) at width 1 in the form of the distillation benchmarks: a 1x1 stem without stride, three
 * stages that each begin with stride 2, a 1x1 convolution and the global average.
 *
 * Equal to HobbitLong/RepDistiller (`ShuffleV2`) in parameters, names, first values and traces. There, too, a stage's
 * pre-activation is taken before the shuffle: its channels are those of the stage in another order.
 */
export function shufflenetV2(classes: number): NetworkDefinition {
  return (ops, images) => {
    const stem = ops.batchNormRelu(pointwise(ops, images, 'conv1', 24), 'bn1');
    let x = stem;
    const stages = layout.map(([filters, blocks], stage) => {
      const name = `layer${stage + 1}`;
      x = shrinkingBlock(ops, x, `${name}.0`, filters);
      let [passed, made] = [x, x];
      for (let block = 1; block <= blocks; block++) {
        [passed, made] = splitBlock(ops, x, `${name}.${block}`);
        x = ops.shuffle(ops.concat([passed, ops.relu(made)]), 2);
      }
      return { preActivation: ops.concat([passed, made]), stage: x };
    });
    const head = ops.batchNormRelu(pointwise(ops, x, 'conv2', headChannels), 'bn2');
    const embedding = ops.globalAveragePool(head);
    return traceWith(ops, { stem, stages, embedding }, { name: 'linear', units: classes });
  };
}

/** Passes half of the channels through and computes the other half, up to its last ReLU. */
function splitBlock<T>(ops: Ops<T>, x: T, name: string): [passed: T, made: T] {
  const half = ops.shapeOf(x)[2]! / 2;
  const [passed, taken] = ops.split(x, [half, half]) as [T, T];
  let y = ops.batchNormRelu(pointwise(ops, taken, `${name}.conv1`, half), `${name}.bn1`);
  y = ops.depthwiseConv(y, { name: `${name}.conv2`, kernel: 3, padding: 1 });
  y = ops.batchNorm(y, `${name}.bn2`);
  return [passed, ops.batchNorm(pointwise(ops, y, `${name}.conv3`, half), `${name}.bn3`)];
}

/** Computes both halves from the whole map, each with stride 2. */
function shrinkingBlock<T>(ops: Ops<T>, x: T, name: string, filters: number): T {
  const half = filters / 2;
  const strided = (map: T, conv: string) =>
    ops.depthwiseConv(map, { name: `${name}.${conv}`, kernel: 3, stride: 2, padding: 1 });
  let left = ops.batchNorm(strided(x, 'conv1'), `${name}.bn1`);
  left = ops.batchNormRelu(pointwise(ops, left, `${name}.conv2`, half), `${name}.bn2`);
  let right = ops.batchNormRelu(pointwise(ops, x, `${name}.conv3`, half), `${name}.bn3`);
  right = ops.batchNorm(strided(right, 'conv4'), `${name}.bn4`);
  right = ops.batchNormRelu(pointwise(ops, right, `${name}.conv5`, half), `${name}.bn5`);
  return ops.shuffle(ops.concat([left, right]), 2);
}

function pointwise<T>(ops: Ops<T>, x: T, name: string, filters: number): T {
  return ops.conv(x, { name, filters, kernel: 1 });
}
