/** What files on WebGPU have in common. All files share one page, and so its device and compiled kernels. */
import { afterAll, beforeAll, expect } from 'vitest';
import { chooseBackend } from '../../src/engine/backends';
import { tf } from '../../src/engine/tf';

/**
 * Makes WebGPU the backend of the tests that follow.
 * @param allOps also ops on small tensors, which TensorFlow.js else computes on the processor where nothing is recorded:
 *   with other roundings, and none of our kernels
 */
export function onWebgpu({ allOps }: { allOps: boolean }): void {
  beforeAll(async () => {
    await chooseBackend('webgpu');
    expect(tf.getBackend()).toBe('webgpu');
    if (allOps) tf.env().set('WEBGPU_CPU_FORWARD', false);
  });
  // Other files want what the page does.
  afterAll(() => tf.env().set('WEBGPU_CPU_FORWARD', true));
}
