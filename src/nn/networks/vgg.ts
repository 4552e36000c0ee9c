import type { NetworkDefinition } from './define-network';
import { traceWith } from './building-blocks';

/** Widths of the convolutions, per block, by depth. */
export const vggWidths: Record<8 | 11 | 13 | 16 | 19, readonly (readonly number[])[]> = {
  8: [[64], [128], [256], [512], [512]],
  11: [[64], [128], [256, 256], [512, 512], [512, 512]],
  13: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
  16: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
  19: [
    [64, 64],
    [128, 128],
    [256, 256, 256, 256],
    [512, 512, 512, 512],
    [512, 512, 512, 512],
  ],
};

/**
 * VGG with batch norm and a single dense layer (Simonyan and Zisserman 2015, CIFAR form). Five blocks, 2x2 max pooling
 * after blocks 0, 1 and 2, after block 3 for 64-pixel images only, global average after block 4. Names
 * `block{b}.{0,3,..}` convolutions (with bias), `block{b}.{1,4,..}` batch norms, `classifier`.
 *
 * Equal to HobbitLong/RepDistiller in parameters, names, first values and traces (stem = block 0).
 */
export function vgg(depth: keyof typeof vggWidths, classes: number): NetworkDefinition {
  return (ops, images, from) => {
    // The first block is the stem, so stage 0 is block 1.
    const start = from ? from.stage + 2 : 0;
    const large = ops.shapeOf(images)[0]! >= 64;
    let x = from?.map ?? images;
    const blocks = vggWidths[depth].slice(start).map((widths, index) => {
      const block = start + index;
      const maps = [];
      if ((block >= 1 && block <= 3) || (block === 4 && large)) x = ops.maxPool(x, 2, 2);
      let preActivation = x;
      for (const [i, filters] of widths.entries()) {
        const name = `block${block}.${3 * i}`;
        x = ops.conv(x, { name, filters, kernel: 3, padding: 1, bias: true, init: 'he-fan-out' });
        preActivation = ops.batchNorm(x, `block${block}.${3 * i + 1}`);
        x = ops.relu(preActivation);
        maps.push(x);
      }
      return { preActivation, stage: x, maps };
    });
    const embedding = ops.globalAveragePool(x);
    const stages = from ? blocks : blocks.slice(1);
    return traceWith(
      ops,
      { stem: from ? x : blocks[0]!.stage, stages, embedding },
      { name: 'classifier', units: classes, init: { deviation: 0.01 } },
    );
  };
}
