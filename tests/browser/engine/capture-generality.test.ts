/** Losses of many kinds in stock ops, with their gradients: whatever a method may be written in can be replayed. */
import { expect, test } from 'vitest';
import { captureStep } from '../../../src/engine/capture/capture';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Scalar } from '../../../src/engine/tf';
import { onWebgpu } from '../on-webgpu';
import { kindsOfOps, replayedLosses } from './stock-losses';

onWebgpu({ allOps: true });

replayedLosses(kindsOfOps);

/** The gradient of tf.logSigmoid looks at its input, which nobody keeps for it. */
test('a step that reads what was disposed is refused with a sentence', async () => {
  const variable = tf.tidy(() => tf.variable(tf.tensor1d([1, 2, 3])));
  const before = tf.memory();
  const step = () => {
    const loss = () => tf.sum<Scalar>(tf.logSigmoid(tf.square(variable)));
    const { value, gradients } = gradientsOf(loss, [variable]);
    variable.assign(tf.sub(variable, gradients[0]!));
    return { value };
  };
  expect(() => captureStep(step, { inputs: [] })).toThrow('reads a tensor after it was disposed');
  expect([...(await variable.data())]).toEqual([1, 2, 3]);
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors });
  variable.dispose();
});
