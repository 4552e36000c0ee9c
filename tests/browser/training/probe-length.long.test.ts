/** On WebGPU what `tests/unit/distill/probe-length.test.ts` holds on cpu and wasm. */
import { expect, it } from 'vitest';
import { hintDynamicKnobs } from '../../../src/distill/weighting/hint-dynamic/about';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import { probeErrors } from '../../support/hkd-probe';

it('on WebGPU the default probe length is right within 1.5 %, ten times its length is not', async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
  const errors = await probeErrors([0.01, hintDynamicKnobs.delta.default]);
  expect(errors[1]).toBeLessThan(0.015);
  expect(errors[0]).toBeGreaterThan(0.05);
});
