import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { pointwise, stageEnds, type BlockOptions } from './mobilenet';

/** The groups of blocks: expansion, channels, blocks, stride of the first for photographs and for images of 32 pixels. */
const layout = [
  [1, 16, 1, { photographs: 1, small: 1 }],
  [6, 24, 2, { photographs: 2, small: 1 }],
  [6, 32, 3, { photographs: 2, small: 2 }],
  [6, 64, 4, { photographs: 2, small: 2 }],
  [6, 96, 3, { photographs: 1, small: 1 }],
  [6, 160, 3, { photographs: 2, small: 2 }],
  [6, 320, 1, { photographs: 1, small: 1 }],
] as const;

/**
 * MobileNetV2 (Sandler et al. 2018) at full width with ReLU6, under torchvision's names. For `photographs` equal to
 * torchvision's mobilenet_v2 in parameters, names and outputs; for `small` images the first convolution and the second
 * group keep the size, as in chenyaofo/pytorch-cifar-models (mobilenetv2_x1_0). Without the dropout before the classifier.
 * Blocks end in a batch norm without ReLU, so stages can be negative and are their own pre-activations.
 */
export function wideMobilenetV2(images: 'photographs' | 'small', classes: number): NetworkDefinition {
  return (ops, pixels) => {
    const stride = images === 'photographs' ? 2 : 1;
    const first = ops.conv(pixels, {
      name: 'features.0.0',
      filters: 32,
      kernel: 3,
      stride,
      padding: 1,
      init: 'he-fan-out',
    });
    const stem = ops.clippedRelu(ops.batchNorm(first, 'features.0.1'), 6);
    let x = stem;
    let at = 1;
    const groups = layout.map(([expansion, filters, blocks, strides]) => {
      for (let block = 0; block < blocks; block++)
        x = invertedResidual(ops, x, {
          name: `features.${at++}.conv`,
          expansion,
          filters,
          stride: block === 0 ? strides[images] : 1,
        });
      return x;
    });
    const stages = stageEnds.map((group) => groups[group]!);
    const head = ops.batchNorm(pointwise(ops, x, `features.${at}.0`, 1280), `features.${at}.1`);
    const embedding = ops.globalAveragePool(ops.clippedRelu(head, 6));
    return {
      logits: ops.dense(embedding, { name: 'classifier.1', units: classes, init: { deviation: 0.01 } }),
      embedding,
      stem,
      stages,
      preActivations: stages,
    };
  };
}

/** 1x1 expansion (none in the first block), depthwise 3x3, 1x1 projection; a shortcut when shapes are equal. */
function invertedResidual<T>(ops: Ops<T>, x: T, { name, expansion, filters, stride }: BlockOptions): T {
  const channels = ops.shapeOf(x)[2]!;
  let y = x;
  let at = 0;
  if (expansion > 1) {
    y = ops.batchNorm(pointwise(ops, y, `${name}.0.0`, channels * expansion), `${name}.0.1`);
    y = ops.clippedRelu(y, 6);
    at = 1;
  }
  y = ops.depthwiseConv(y, { name: `${name}.${at}.0`, kernel: 3, stride, padding: 1, init: 'he-fan-out' });
  y = ops.clippedRelu(ops.batchNorm(y, `${name}.${at}.1`), 6);
  y = ops.batchNorm(pointwise(ops, y, `${name}.${at + 1}`, filters), `${name}.${at + 2}`);
  return stride === 1 && channels === filters ? ops.add(y, x) : y;
}
