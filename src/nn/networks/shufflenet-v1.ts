import type { Ops } from '../../engine/ops';
import type { NetworkDefinition } from './define-network';
import { reluStages, traceWith } from './building-blocks';

/** Channels after each stage and its blocks, for three groups. */
const layout = [
  [240, 4],
  [480, 8],
  [960, 4],
] as const;
const groups = 3;
const stemChannels = 24;

/**
 * ShuffleNet (Zhang et al. 2018) with three groups in the form of the distillation benchmarks: a 1x1 stem without
 * stride, three stages that each begin with stride 2.
 *
 * Equal to HobbitLong/RepDistiller (`ShuffleV1`) in parameters, names, first values and traces.
 */
export function shufflenetV1(classes: number): NetworkDefinition {
  return (ops, images) => {
    const stem = ops.batchNormRelu(
      ops.conv(images, { name: 'conv1', filters: stemChannels, kernel: 1 }),
      'bn1',
    );
    const blocks = layout.map(([, count]) => count);
    const stages = reluStages(ops, stem, blocks, (x, name, stage, isFirst) =>
      shuffleBlock(ops, x, name, layout[stage]![0], isFirst),
    );
    const embedding = ops.globalAveragePool(stages.at(-1)!.stage);
    return traceWith(ops, { stem, stages, embedding }, { name: 'linear', units: classes });
  };
}

/**
 * A block up to its sum, or up to its concatenation when it halves the map: then the shortcut is an average pool, and
 * the block computes only the added channels.
 */
function shuffleBlock<T>(ops: Ops<T>, x: T, name: string, filters: number, shrinks: boolean): T {
  const channels = ops.shapeOf(x)[2]!;
  const made = shrinks ? filters - channels : filters;
  const narrow = Math.floor(made / 4);
  const stride = shrinks ? 2 : 1;
  // The stem has too few channels for groups.
  const first = channels === stemChannels ? 1 : groups;
  let y = ops.conv(x, { name: `${name}.conv1`, filters: narrow, kernel: 1, groups: first });
  y = ops.batchNormRelu(y, `${name}.bn1`);
  if (first > 1) y = ops.shuffle(y, first);
  y = ops.depthwiseConv(y, { name: `${name}.conv2`, kernel: 3, stride, padding: 1 });
  y = ops.batchNormRelu(y, `${name}.bn2`);
  y = ops.batchNorm(ops.conv(y, { name: `${name}.conv3`, filters: made, kernel: 1, groups }), `${name}.bn3`);
  return shrinks ? ops.concat([y, ops.averagePool(x, 3, 2, 1)]) : ops.add(y, x);
}
