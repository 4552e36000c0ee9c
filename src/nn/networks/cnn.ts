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
  return (ops, images, from) => {
    const first = from ? from.stage + 1 : 0;
    let x = from?.map ?? images;
    let stem = x;
    const stages = widths.slice(first).map((filters, i) => {
      const block = first + i;
      const maps = [];
      if (block > 0) x = ops.maxPool(x, 2, 2);
      let preActivation = x;
      for (let layer = 0; layer < convsPerBlock; layer++) {
        x = ops.conv(x, { name: `blocks.${block}.${3 * layer}`, filters, kernel: 3, padding: 1 });
        preActivation = ops.batchNorm(x, `blocks.${block}.${3 * layer + 1}`);
        x = ops.relu(preActivation);
        maps.push(x);
        if (block === 0 && layer === 0) stem = x;
      }
      return { preActivation, stage: x, maps };
    });
    const embedding = ops.globalAveragePool(poolLast ? ops.maxPool(x, 2, 2) : x);
    return traceWith(ops, { stem, stages, embedding }, { name: 'fc', units: classes });
  };
}
