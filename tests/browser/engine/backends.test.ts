import { expect, test } from 'vitest';
import type { BackendName } from '../../../src/engine/backend-names';
import { chooseBackend } from '../../../src/engine/backends';
import { selfTest } from '../../../src/engine/self-test';
import { tf } from '../../../src/engine/tf';
import { expectForced } from './forced';

test('the test browser offers a WebGPU adapter', async () => {
  expect(await navigator.gpu.requestAdapter()).not.toBeNull();
});

test('a software adapter is passed over for WebAssembly, and the reason is told', async () => {
  const choice = await chooseBackend(null);
  expect(choice).toMatchObject({ name: 'wasm', device: '1 thread, SIMD', forced: false });
  expect(choice.rejected).toHaveLength(1);
  expect(choice.rejected[0]).toMatchObject({ name: 'webgpu' });
  expect(choice.rejected[0]!.why).toMatch(/software adapter .*SwiftShader/i);
  expect(choice.reason).toContain(choice.rejected[0]!.why);
  expect(tf.getBackend()).toBe('wasm');
});

// WebGL is a long test (`backends.long.test.ts`).
test.each<BackendName>(['webgpu', 'wasm', 'cpu'])(
  '%s starts when it is forced, and leaves no tensors behind',
  expectForced,
);

test('a forced software adapter is named as such', async () => {
  expect((await chooseBackend('webgpu')).device).toMatch(/swiftshader.*\(software\)/i);
});

test('a backend that computes wrong numbers is rejected', async () => {
  await chooseBackend('cpu');
  const kernel = tf.getKernel('Relu', 'cpu');
  tf.unregisterKernel('Relu', 'cpu');
  tf.registerKernel({ ...kernel, kernelFunc: (call) => tf.getKernel('Identity', 'cpu').kernelFunc(call) });
  try {
    await expect(selfTest('cpu')).rejects.toThrow('wrong numbers');
    const choice = await chooseBackend('cpu');
    expect(choice).toMatchObject({ name: 'wasm', forced: false });
    expect(choice.rejected.map(({ name }) => name)).toEqual(['cpu', 'webgpu']);
  } finally {
    tf.unregisterKernel('Relu', 'cpu');
    tf.registerKernel(kernel);
  }
});
