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

/**
 * How a network begins: `small` (3x3, stride 1), `pooled` (the same, then max pooling to half) or `large` (7x7, stride 2,
 * then max pooling to half: for photographs).
 */
export type ImagenetStem = 'small' | 'pooled' | 'large';

/** Names of the shortcuts and of the last layer: of the distillation benchmarks, and of torchvision. */
const spellings = {
  small: { shortcut: 'shortcut', classifier: 'linear' },
  pooled: { shortcut: 'downsample', classifier: 'fc' },
  large: { shortcut: 'downsample', classifier: 'fc' },
} as const;

/** Output channels of a bottleneck block per inner channel. */
const expansion = 4;

/**
 * The residual networks of He et al. (2016) for ImageNet: four stages of 64, 128, 256 and 512 channels (four times as
 * many after bottlenecks), stride 2 at the start of stages 2 to 4, there in the 3x3 convolution of a bottleneck.
 *
 * With the small stem equal to HobbitLong/RepDistiller (`resnetv2`: ResNet18, ResNet34, ResNet50) in parameters, names,
 * first values and traces; with the large one to torchvision's resnet18, resnet34 and resnet50 in parameters, names and
 * outputs, with the pooled stem as the map after the stem.
 */
export function imagenetResnet(
  depth: ImagenetDepth,
  begins: ImagenetStem,
  classes: number,
): NetworkDefinition {
  const { blocks, bottleneck } = layouts[depth];
  const spelling = spellings[begins];
  return (ops, images) => {
    const [kernel, step] = begins === 'large' ? ([7, 2] as const) : ([3, 1] as const);
    const whole = ops.batchNormRelu(heConv(ops, images, 'conv1', 64, kernel, step), 'bn1');
    const stem = begins === 'small' ? whole : ops.maxPool(whole, 3, 2, 1);
    const block = bottleneck ? bottleneckBlock : basicBlock;
    const stages = reluStages(ops, stem, blocks, (x, name, stage, isFirst) =>
      block(ops, x, name, 64 * 2 ** stage, stage > 0 && isFirst ? 2 : 1, spelling.shortcut),
    );
    const embedding = ops.globalAveragePool(stages.at(-1)!.stage);
    return traceWith(ops, { stem, stages, embedding }, { name: spelling.classifier, units: classes });
  };
}

/** A block up to its sum; `reluStages` applies the last ReLU and keeps both. */
function basicBlock<T>(
  ops: Ops<T>,
  x: T,
  name: string,
  channels: number,
  stride: number,
  shortcutName: string,
): T {
  let y = ops.batchNormRelu(heConv(ops, x, `${name}.conv1`, channels, 3, stride), `${name}.bn1`);
  y = ops.batchNorm(heConv(ops, y, `${name}.conv2`, channels, 3, 1), `${name}.bn2`);
  return ops.add(y, shortcut(ops, x, `${name}.${shortcutName}`, channels, stride));
}

function bottleneckBlock<T>(
  ops: Ops<T>,
  x: T,
  name: string,
  channels: number,
  stride: number,
  shortcutName: string,
): T {
  let y = ops.batchNormRelu(heConv(ops, x, `${name}.conv1`, channels, 1, 1), `${name}.bn1`);
  y = ops.batchNormRelu(heConv(ops, y, `${name}.conv2`, channels, 3, stride), `${name}.bn2`);
  y = ops.batchNorm(heConv(ops, y, `${name}.conv3`, channels * expansion, 1, 1), `${name}.bn3`);
  return ops.add(y, shortcut(ops, x, `${name}.${shortcutName}`, channels * expansion, stride));
}

function shortcut<T>(ops: Ops<T>, x: T, name: string, filters: number, stride: number): T {
  if (stride === 1 && ops.shapeOf(x)[2] === filters) return x;
  return ops.batchNorm(heConv(ops, x, `${name}.0`, filters, 1, stride), `${name}.1`);
}
