import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { traceWith } from './building-blocks';
import { vggWidths } from './vgg';

export type VggBnDepth = Exclude<keyof typeof vggWidths, 8>;

/**
 * VGG with batch norm (Simonyan and Zisserman 2015) as torchvision writes it: five blocks of 3x3 convolutions, each pooled
 * to half, under the names `features.N`; then the average over all places.
 *
 * With `hidden` units the classifier is torchvision's (`classifier.0`, `.3`, `.6`, without its dropout), whose first layer
 * has one kernel value per channel where torchvision has 49 for 7x7 places: equal for images below 64 pixels, whose last
 * map has one place (see `foreign-names.ts`). Without, it is one layer (`classifier`), as in the networks for CIFAR.
 */
export function vggBn(depth: VggBnDepth, hidden: number | null, classes: number): NetworkDefinition {
  return (ops, images) => {
    let x = images;
    let at = 0;
    const blocks = vggWidths[depth].map((widths) => {
      const maps = [];
      let preActivation = x;
      for (const filters of widths) {
        const name = `features.${at}`;
        x = ops.conv(x, { name, filters, kernel: 3, padding: 1, bias: true, init: 'he-fan-out' });
        preActivation = ops.batchNorm(x, `features.${at + 1}`);
        x = ops.relu(preActivation);
        maps.push(x);
        at += 3;
      }
      const block = { preActivation, stage: x, maps };
      x = ops.maxPool(x, 2, 2);
      at++;
      return block;
    });
    const pooled = ops.globalAveragePool(x);
    const init = { deviation: 0.01 };
    return traceWith(
      ops,
      {
        stem: blocks[0]!.stage,
        stages: blocks.slice(1),
        embedding: hidden === null ? pooled : hiddenLayers(ops, pooled, hidden),
      },
      { name: hidden === null ? 'classifier' : 'classifier.6', units: classes, init },
    );
  };
}

function hiddenLayers<T>(ops: Ops<T>, x: T, units: number): T {
  const init = { deviation: 0.01 };
  const first = ops.relu(ops.dense(x, { name: 'classifier.0', units, init }));
  return ops.relu(ops.dense(first, { name: 'classifier.3', units, init }));
}
