import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';

/** The groups of blocks: expansion, channels at full width, blocks, stride of the first. */
const layout = [
  [1, 16, 1, 1],
  [6, 24, 2, 1],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Indices of the groups whose outputs are the stages. */
export const stageEnds = [1, 2, 4, 6];

/** Channels before the classifier, the same at every width. */
const headChannels = 1280;

/**
 * MobileNetV2 (Sandler et al. 2018) at half width with the strides that the distillation benchmarks use for images of 32
 * pixels: a stem of stride 2, then inverted residual blocks, a 1x1 convolution and the global average. ReLU, not ReLU6.
 *
 * Equal to HobbitLong/RepDistiller (`mobile_half`) in parameters, names, first values and traces. Blocks end in a
 * batch norm without ReLU, so stages can be negative and are their own pre-activations.
 */
export function mobilenetV2(classes: number): NetworkDefinition {
  return (ops, images) => {
    const first = ops.conv(images, {
      name: 'conv1.0',
      filters: halved(32),
      kernel: 3,
      stride: 2,
      padding: 1,
      init: 'he-fan-out',
    });
    const stem = ops.batchNormRelu(first, 'conv1.1');
    let x = stem;
    const groups = layout.map(([expansion, channels, blocks, stride], group) => {
      for (let block = 0; block < blocks; block++)
        x = invertedResidual(ops, x, {
          name: `blocks.${group}.${block}.conv`,
          expansion,
          filters: halved(channels),
          stride: block === 0 ? stride : 1,
        });
      return x;
    });
    const stages = stageEnds.map((group) => groups[group]!);
    const head = ops.batchNormRelu(pointwise(ops, x, 'conv2.0', headChannels), 'conv2.1');
    const embedding = ops.globalAveragePool(head);
    return {
      logits: ops.dense(embedding, { name: 'classifier.0', units: classes, init: { deviation: 0.01 } }),
      embedding,
      stem,
      stages,
      preActivations: stages,
    };
  };
}

function halved(channels: number): number {
  return Math.floor(channels / 2);
}

export interface BlockOptions {
  name: string;
  expansion: number;
  filters: number;
  stride: number;
}

/** Inverted residual: 1x1 expansion, depthwise 3x3, 1x1 projection; with a shortcut when shapes are equal. */
function invertedResidual<T>(ops: Ops<T>, x: T, { name, expansion, filters, stride }: BlockOptions): T {
  const channels = ops.shapeOf(x)[2]!;
  let y = ops.batchNormRelu(pointwise(ops, x, `${name}.0`, channels * expansion), `${name}.1`);
  y = ops.depthwiseConv(y, { name: `${name}.3`, kernel: 3, stride, padding: 1, init: 'he-fan-out' });
  y = ops.batchNormRelu(y, `${name}.4`);
  y = ops.batchNorm(pointwise(ops, y, `${name}.6`, filters), `${name}.7`);
  return stride === 1 && channels === filters ? ops.add(y, x) : y;
}

export function pointwise<T>(ops: Ops<T>, x: T, name: string, filters: number): T {
  return ops.conv(x, { name, filters, kernel: 1, init: 'he-fan-out' });
}
