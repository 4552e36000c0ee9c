import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { heConv, reluStages, traceWith } from './building-blocks';

/**
 * Residual network for small images (He et al. 2016, CIFAR form) with the widths of the distillation benchmarks:
 * depth 6n+2, a 3x3 stem, three stages of n basic blocks, stride 2 at the start of stages 2 and 3. Width 1: stem 16,
 * stages 16-32-64; a wider one has a stem of 32 and stages 16, 32, 64 times the width.
 *
 * Equal to the networks of HobbitLong/RepDistiller in parameters, names, first values and traces.
 */
export function resnet(depth: number, width: number, classes: number): NetworkDefinition {
  const blocks = (depth - 2) / 6;
  const stem = width === 1 ? 16 : 32;
  return (ops, images, from) => {
    const f0 = from?.map ?? ops.batchNormRelu(heConv(ops, images, 'conv1', stem, 3, 1), 'bn1');
    const first = from ? from.stage + 1 : 0;
    const stages = reluStages(
      ops,
      f0,
      [blocks, blocks, blocks],
      (x, name, stage, isFirst) =>
        basicBlock(ops, x, name, [16, 32, 64][stage]! * width, stage > 0 && isFirst ? 2 : 1),
      first,
    );
    const embedding = ops.globalAveragePool(stages.at(-1)?.stage ?? f0);
    return traceWith(ops, { stem: f0, stages, embedding }, { name: 'fc', units: classes });
  };
}

/** A block up to its sum; `reluStages` applies the last ReLU and keeps both. */
function basicBlock<T>(ops: Ops<T>, x: T, name: string, filters: number, stride: number): T {
  let y = heConv(ops, x, `${name}.conv1`, filters, 3, stride);
  y = ops.batchNormRelu(y, `${name}.bn1`);
  y = heConv(ops, y, `${name}.conv2`, filters, 3, 1);
  y = ops.batchNorm(y, `${name}.bn2`);
  if (stride === 1 && ops.shapeOf(x)[2] === filters) return ops.add(y, x);
  const shortcut = heConv(ops, x, `${name}.downsample.0`, filters, 1, stride);
  return ops.add(y, ops.batchNorm(shortcut, `${name}.downsample.1`));
}
