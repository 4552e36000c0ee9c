import { beforeAll, beforeEach, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import { RetortBackend, type RawKernel } from '../../../src/engine/webgpu-backend';

let backend: RetortBackend;

beforeAll(async () => {
  await chooseBackend('webgpu');
  backend = tf.backend() as RetortBackend;
});

/** Sum and difference of two vectors of four. */
const sumAndDifference: RawKernel = {
  name: 'sumAndDifference',
  workgroups: [1, 1, 1],
  wgsl: `
    @group(0) @binding(0) var<storage, read> a: array<f32>;
    @group(0) @binding(1) var<storage, read> b: array<f32>;
    @group(0) @binding(2) var<storage, read_write> sum: array<f32>;
    @group(0) @binding(3) var<storage, read_write> difference: array<f32>;
    @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
      sum[id.x] = a[id.x] + b[id.x];
      difference[id.x] = a[id.x] - b[id.x];
    }`,
};

/** Doubles a vector of four where it is; leaves its second binding unused. */
const double: RawKernel = {
  name: 'double',
  workgroups: [1, 1, 1],
  wgsl: `
    @group(0) @binding(0) var<storage, read_write> a: array<f32>;
    @group(0) @binding(1) var<storage, read> unused: array<f32>;
    @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) { a[id.x] = 2 * a[id.x]; }`,
};

const read = (tensor: tf.TensorInfo) => ({ tensor, access: 'read' as const });
const write = (tensor: tf.TensorInfo) => ({ tensor, access: 'read_write' as const });

let before: tf.MemoryInfo;
beforeEach(() => {
  before = tf.memory();
});

test('the device has all the storage buffers that its adapter offers', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const offered = adapter!.limits.maxStorageBuffersPerShaderStage;
  expect(offered).toBeGreaterThan(8);
  expect(backend.device.limits.maxStorageBuffersPerShaderStage).toBe(offered);
});

test('a raw kernel has several outputs, in order with stock kernels, and leaves nothing behind', async () => {
  await withValidation(async () => {
    const made = backend.dispatches;
    const [sum, difference] = tf.tidy(() => {
      const a = tf.square(tf.tensor1d([1, 2, 3, 4]));
      const infos = backend.runRaw(sumAndDifference, [read(a), read(tf.tensor1d([1, 1, 1, 1]))], [[4], [4]]);
      return infos.map((info) => tf.relu(tf.engine().makeTensorFromTensorInfo(info, backend)));
    }) as [tf.Tensor, tf.Tensor];
    expect([...(await sum.data())]).toEqual([2, 5, 10, 17]);
    expect([...(await difference.data())]).toEqual([0, 3, 8, 15]);
    expect(backend.dispatches - made).toBeGreaterThanOrEqual(3);
    tf.dispose([sum, difference]);
  });
  expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
});

test('a tensor changed in place is not read from an older copy', async () => {
  await withValidation(async () => {
    const [a, other] = [tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([0])];
    for (const expected of [
      [2, 4, 6, 8],
      [4, 8, 12, 16],
    ]) {
      backend.runRaw(double, [write(a), read(other)], []);
      expect([...(await a.data())]).toEqual(expected);
    }
    tf.dispose([a, other]);
  });
});

test('what others share or what is not float in storage is refused', () => {
  tf.tidy(() => {
    const a = tf.tensor1d([1, 2, 3, 4]);
    const other = a.clone();
    expect(() => backend.runRaw(double, [write(a), read(other)], [])).toThrow('share');
    other.dispose();
    backend.pin(a.dataId);
    backend.runRaw(double, [write(a), read(tf.ones([4]))], []);
    backend.unpin(a.dataId);
    const labelled = tf.cast(tf.tensor1d([1, 2, 3, 4], 'int32'), 'float32');
    expect(() => backend.runRaw(sumAndDifference, [read(labelled), read(a)], [[4], [4]])).toThrow('int32');
  });
});

test('errors outside of error scopes are recorded', async () => {
  const before = backend.uncaptured.length;
  const broken: RawKernel = { name: 'broken', workgroups: [1, 1, 1], wgsl: 'fn main() { return 1; }' };
  backend.runRaw(broken, [], []);
  backend.endComputePassEncoder();
  backend.submitQueue();
  await backend.device.queue.onSubmittedWorkDone();
  expect(backend.uncaptured.slice(before).join()).toContain('broken');
  backend.uncaptured.length = before;
});

test('a lost device is noticed and replaced when the backend is chosen again', async () => {
  backend.device.destroy();
  expect((await backend.lost).reason).toBe('destroyed');
  expect(backend.isLost).toBe(true);
  expect((await chooseBackend('webgpu')).name).toBe('webgpu');
  expect(tf.backend()).toBeInstanceOf(RetortBackend);
  expect(tf.backend()).not.toBe(backend);
});
