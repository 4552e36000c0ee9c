/** A training step of the networks with depthwise and grouped convolutions, replayed, gives what it gives op by op. */
import { test } from 'vitest';
import type { Ops, TraceOf } from '../../../src/engine/ops';
import { Network } from '../../../src/nn/network';
import { onWebgpu } from '../on-webgpu';
import { classes, expectSameTraining, input } from './replayed-networks';

onWebgpu({ allOps: true });

/** All kinds of layers of MobileNetV2, ShuffleV1 and ShuffleV2, once or twice each. */
function small<T>(ops: Ops<T>, images: T): TraceOf<T> {
  const pointwise = (x: T, name: string, filters: number, groups?: number) =>
    ops.conv(x, { name, filters, kernel: 1, ...(groups && { groups }) });
  const depthwise = (x: T, name: string, stride: number) =>
    ops.batchNorm(ops.depthwiseConv(x, { name, kernel: 3, stride, padding: 1 }), `${name}.bn`);
  const stem = ops.batchNormRelu(pointwise(images, 'stem', 6), 'stem.bn');
  // As in ShuffleV1: groups, shuffled, beside an average pool.
  const halved = ops.relu(depthwise(ops.shuffle(pointwise(stem, 'in', 6, 3), 3), 'strided', 2));
  const grouped = ops.batchNorm(pointwise(halved, 'grouped', 6, 3), 'grouped.bn');
  const first = ops.relu(ops.concat([grouped, ops.averagePool(stem, 3, 2, 1)]));
  // As in ShuffleV2: one half passes by.
  const [passed, taken] = ops.split(first, [6, 6]) as [T, T];
  const made = ops.relu(depthwise(taken, 'half', 1));
  const second = ops.shuffle(ops.concat([passed, made]), 2);
  // As in MobileNetV2: a shortcut past an expansion.
  const wide = ops.batchNormRelu(pointwise(second, 'wide', 24), 'wide.bn');
  const narrow = ops.batchNorm(pointwise(ops.relu(depthwise(wide, 'all', 1)), 'narrow', 12), 'narrow.bn');
  const last = ops.add(narrow, second);
  const embedding = ops.globalAveragePool(last);
  return {
    logits: ops.dense(embedding, { name: 'linear', units: classes }),
    embedding,
    stem,
    stages: [first, last],
    preActivations: [first, last],
  };
}

test('a training step of a network with such layers is the same eagerly and replayed', async () => {
  await expectSameTraining((random) => Network.joined(small, 'small', input, classes, random));
});

test.each(['MobileNetV2', 'ShuffleV1', 'ShuffleV2'])(
  'a training step of %s is the same eagerly and replayed',
  (name) => expectSameTraining((random) => Network.create(name, input, classes, random)),
);
