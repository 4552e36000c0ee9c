/** HKD's finite difference against exact backpropagation, on a state of a run with ReLU, max pooling and a regressor. */
import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import { hintDynamicKnobs } from '../../../src/distill/weighting/hint-dynamic/about';
import { tf } from '../../../src/engine/tf';
import { probeErrors } from '../../support/hkd-probe';
import { useWasm } from '../../support/wasm-in-node';

it.each([
  ['cpu', () => tf.setBackend('cpu')],
  ['wasm', useWasm],
])('on %s the default probe length is right within 1.5 %%, ten times its length is not', async (_, use) => {
  await use();
  const [atDefault, longer] = await probeErrors([hintDynamicKnobs.delta.default, 0.01]);
  expect(atDefault).toBeLessThan(0.015);
  expect(longer).toBeGreaterThan(0.05);
});
