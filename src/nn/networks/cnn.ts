import type { NetworkSpec } from '../network-names';
import type { NetworkDefinition } from './define-network';
import { traceWith } from './building-blocks';

/**
 * Plain convolutional network: per width a block of one or two (conv 3x3 without bias, batch norm, ReLU), 2x2 max
 * pooling between blocks (with `poolLast` after the last one too), global average, dense. Names as in a PyTorch `Sequential` per block:
 * `blocks.{b}.{0,3}` convolutions, `blocks.{b}.{1,4}` batch norms, `fc`.
 */
export function cnn(
  { widths, convsPerBlock, poolLast }: Extract<NetworkSpec, { family: 'cnn' }>,
  classes: number,
): NetworkDefinition {
  return (ops, images) => {
    let x = images;
    let stem = images;
    const stages = widths.map((filters, block) => {
      if (block > 0) x = ops.maxPool(x, 2, 2);
      let preActivation = x;
      for (let i = 0; i < convsPerBlock; i++) {
        x = ops.conv(x, { name: `blocks.${block}.${3 * i}`, filters, kernel: 3, padding: 1 });
        preActivation = ops.batchNorm(x, `blocks.${block}.${3 * i + 1}`);
        x = ops.relu(preActivation);
        if (block === 0 && i === 0) stem = x;
      }
      return { preActivation, stage: x };
    });
    const embedding = ops.globalAveragePool(poolLast ? ops.maxPool(x, 2, 2) : x);
    return traceWith(ops, { stem, stages, embedding }, { name: 'fc', units: classes });
  };
}
