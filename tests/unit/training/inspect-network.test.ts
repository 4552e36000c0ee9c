import { beforeAll, expect, test } from 'vitest';
import { planNetwork } from '../../../src/nn/describe';
import { torchShape } from '../../../src/nn/layouts';
import { Network } from '../../../src/nn/network';
import { colourScales } from '../../../src/nn/network-names';
import { inColours } from '../../../src/nn/read-weights';
import { tf } from '../../../src/engine/tf';
import { useWasm } from '../../support/wasm-in-node';

beforeAll(useWasm);

test('a network that normalises each colour answers as the bare one on images normalised so', () => {
  const plan = planNetwork('resnet8', [8, 8, 3], 10);
  if ('problem' in plan) throw new Error(plan.problem);
  const weights = plan.description.parameters.map(({ name, shape }, p) => {
    const length = shape.reduce((product, side) => product * side, 1);
    const data = Float32Array.from({ length }, (_, i) => Math.sin(p + i) / 3);
    if (name.endsWith('running_var')) data.fill(1);
    return { name, shape: torchShape(shape), data };
  });
  const given = { mean: 0.45, deviation: 0.22 };
  const inside = inColours({ network: 'resnet8', weights }, 'imagenet', given);
  expect(inside.network).toBe('resnet8+imagenet');
  const [bare, own] = [
    Network.create('resnet8', [8, 8, 3], 10, weights),
    Network.create(inside.network, [8, 8, 3], 10, inside.weights),
  ];
  const { means, deviations } = colourScales.imagenet;
  const [expected, found] = tf.tidy(() => {
    const pixels = tf.tensor4d(
      Array.from({ length: 2 * 64 * 3 }, (_, i) => (i % 37) / 36),
      [2, 8, 8, 3],
    );
    const outside = tf.div(tf.sub(pixels, tf.tensor1d([...means])), tf.tensor1d([...deviations]));
    const alike = tf.div(tf.sub(pixels, given.mean), given.deviation);
    return [
      bare!.forward(outside, { training: false }).logits.dataSync(),
      own!.forward(alike, { training: false }).logits.dataSync(),
    ];
  });
  const difference = Math.max(...Array.from(expected!, (value, i) => Math.abs(value - found![i]!)));
  const size = Math.max(...Array.from(expected!, Math.abs));
  expect(difference / size).toBeLessThan(1e-5);
  bare!.dispose();
  own!.dispose();
});
