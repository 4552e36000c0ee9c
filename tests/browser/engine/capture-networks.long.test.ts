/** A training step of the networks with depthwise and grouped convolutions, replayed, gives what it gives op by op. */
import { test } from 'vitest';
import { Network } from '../../../src/nn/network';
import { onWebgpu } from '../on-webgpu';
import { classes, expectSameTraining, input } from './replayed-networks';

onWebgpu({ allOps: true });

test.each(['MobileNetV2', 'ShuffleV1', 'ShuffleV2'])(
  'a training step of %s is the same eagerly and replayed',
  (name) => expectSameTraining((random) => Network.create(name, input, classes, random)),
);
