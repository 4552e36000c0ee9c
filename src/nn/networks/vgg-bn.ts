import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { traceWith } from './building-blocks';
import { vggWidths } from './vgg';

export type VggBnDepth = Exclude<keyof typeof vggWidths, 8>;

/**
 * VGG with batch norm (Simonyan and Zisserman 2015) as torchvision writes it: five blocks of 3x3 convolutions, each pooled
 * to half, under the names `features.N`; then the average over all places.
 *
 * With `hidden` units the classifier is torchvision's (`classifier.0`, `.3`, `.6`, without its dropout). Its first layer
 * reads the mean over all places, or with `flat` all numbers of the last map in NHWC order (`classifier.places`, as the
 * kernels of torchvision for 7x7 places lie in another order; they become such ones in `foreign-names.ts`). Without, it is one layer (`classifier`), as in the networks for CIFAR.
 */
export function vggBn(
  { depth, hidden, flat }: { depth: VggBnDepth; hidden: number | null; flat: boolean },
  classes: number,
): NetworkDefinition {
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
    const pooled = flat ? ops.flatten(x) : ops.globalAveragePool(x);
    const init = { deviation: 0.01 };
    return traceWith(
      ops,
      {
        stem: blocks[0]!.stage,
        stages: blocks.slice(1),
        embedding: hidden === null ? pooled : hiddenLayers(ops, pooled, hidden, flat),
      },
      { name: hidden === null ? 'classifier' : 'classifier.6', units: classes, init },
    );
  };
}

function hiddenLayers<T>(ops: Ops<T>, x: T, units: number, flat: boolean): T {
  const init = { deviation: 0.01 };
  const name = flat ? 'classifier.places' : 'classifier.0';
  const first = ops.relu(ops.dense(x, { name, units, init }));
  return ops.relu(ops.dense(first, { name: 'classifier.3', units, init }));
}
