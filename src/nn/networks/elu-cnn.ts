import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { traceWith } from './building-blocks';

/** One block: convolutions of one width, pooled 2x2, with dropout. */
export interface EluBlock {
  filters: number;
  convs: 1 | 2;
  /** Dropout rate after the pooling; 0 for none. */
  dropout: number;
  /** Number of convolutions, from the first, that are followed by a batch norm; all when left out. */
  norms?: number;
}

export interface EluCnn {
  blocks: readonly EluBlock[];
  activation: 'elu' | 'relu';
}

/**
 * Convolutional network as Keras users write it: per block (conv 3x3 with bias, activation, batch norm) once or twice,
 * 2x2 max pooling, dropout; then the map flattened in NHWC order and one dense layer. Names as in a PyTorch
 * `Sequential` per block: `blocks.{b}.{0,3}` convolutions, `blocks.{b}.{2,5}` batch norms, `fc`; `blocks.{b}.drop`
 * the dropouts. A stage is a block's map before pooling, its pre-activation the last convolution's output.
 *
 * Equal to the students and branches of Adamantios/NN-Train in layers and their order, and in parameters.
 */
export function eluCnn({ blocks, activation }: EluCnn, classes: number): NetworkDefinition {
  return <T>(ops: Ops<T>, images: T) => {
    let x = images;
    let stem = images;
    const stages = blocks.map(({ filters, convs, dropout, norms = convs }, block) => {
      let preActivation = x;
      for (let i = 0; i < convs; i++) {
        const name = (layer: number) => `blocks.${block}.${3 * i + layer}`;
        preActivation = ops.conv(x, { name: name(0), filters, kernel: 3, padding: 1, bias: true });
        x = activation === 'elu' ? ops.elu(preActivation) : ops.relu(preActivation);
        if (i < norms) x = ops.batchNorm(x, name(2));
        if (block === 0 && i === 0) stem = x;
      }
      const stage = x;
      x = ops.maxPool(x, 2, 2);
      if (dropout > 0) x = ops.dropout(x, { name: `blocks.${block}.drop`, rate: dropout });
      return { preActivation, stage };
    });
    const embedding = ops.flatten(x);
    return traceWith(ops, { stem, stages, embedding }, { name: 'fc', units: classes });
  };
}

/** The blocks of `elu2-32-64` or `elu-32-64`: dropout 0.2 after the first, 0.1 more after each next. */
export function eluBlocks(widths: readonly number[], convs: 1 | 2): EluBlock[] {
  return widths.map((filters, block) => ({ filters, convs, dropout: Math.min(0.2 + 0.1 * block, 0.5) }));
}
