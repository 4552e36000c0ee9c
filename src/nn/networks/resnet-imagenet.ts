import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { heConv, reluStages, traceWith } from './building-blocks';

/** Blocks per stage and whether they are bottlenecks, by depth. */
const layouts = {
  18: { blocks: [2, 2, 2, 2], bottleneck: false },
  34: { blocks: [3, 4, 6, 3], bottleneck: false },
  50: { blocks: [3, 4, 6, 3], bottleneck: true },
} as const;

export type ImagenetDepth = keyof typeof layouts;

/** Output channels of a bottleneck block per inner channel. */
const expansion = 4;

/**
 * The residual networks of He et al. (2016) for ImageNet, with a stem for small images (3x3, stride 1, no pooling) as in
 * the distillation benchmarks: four stages of 64, 128, 256 and 512 channels (four times as many after bottlenecks),
 * stride 2 at the start of stages 2 to 4.
 *
 * Equal to HobbitLong/RepDistiller (`resnetv2`: ResNet18, ResNet34, ResNet50) in parameters, names, first values and
 * traces.
 */
export function imagenetResnet(depth: ImagenetDepth, classes: number): NetworkDefinition {
  const { blocks, bottleneck } = layouts[depth];
  return (ops, images) => {
    const stem = ops.batchNormRelu(heConv(ops, images, 'conv1', 64, 3, 1), 'bn1');
    const block = bottleneck ? bottleneckBlock : basicBlock;
    const stages = reluStages(ops, stem, blocks, (x, name, stage, isFirst) =>
      block(ops, x, name, 64 * 2 ** stage, stage > 0 && isFirst ? 2 : 1),
    );
    const embedding = ops.globalAveragePool(stages.at(-1)!.stage);
    return traceWith(ops, { stem, stages, embedding }, { name: 'linear', units: classes });
  };
}

/** A block up to its sum; `reluStages` applies the last ReLU and keeps both. */
function basicBlock<T>(ops: Ops<T>, x: T, name: string, channels: number, stride: number): T {
  let y = ops.batchNormRelu(heConv(ops, x, `${name}.conv1`, channels, 3, stride), `${name}.bn1`);
  y = ops.batchNorm(heConv(ops, y, `${name}.conv2`, channels, 3, 1), `${name}.bn2`);
  return ops.add(y, shortcut(ops, x, name, channels, stride));
}

function bottleneckBlock<T>(ops: Ops<T>, x: T, name: string, channels: number, stride: number): T {
  let y = ops.batchNormRelu(heConv(ops, x, `${name}.conv1`, channels, 1, 1), `${name}.bn1`);
  y = ops.batchNormRelu(heConv(ops, y, `${name}.conv2`, channels, 3, stride), `${name}.bn2`);
  y = ops.batchNorm(heConv(ops, y, `${name}.conv3`, channels * expansion, 1, 1), `${name}.bn3`);
  return ops.add(y, shortcut(ops, x, name, channels * expansion, stride));
}

function shortcut<T>(ops: Ops<T>, x: T, name: string, filters: number, stride: number): T {
  if (stride === 1 && ops.shapeOf(x)[2] === filters) return x;
  return ops.batchNorm(heConv(ops, x, `${name}.shortcut.0`, filters, 1, stride), `${name}.shortcut.1`);
}
