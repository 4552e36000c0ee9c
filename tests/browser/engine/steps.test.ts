/** Small ops that become steps of the kernels before them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { opsOverTensors } from '../../../src/engine/fused';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RetortBackend } from '../../../src/engine/webgpu-backend';
import { chains, chainsAgree } from './layer-chains';

chainsAgree('the software adapter', chains);

describe('what is put off', () => {
  beforeAll(() => chooseBackend('webgpu'));
  const backend = () => tf.backend() as RetortBackend;
  const made = (work: () => void) => {
    const before = backend().dispatches;
    tf.tidy(work);
    return backend().dispatches - before;
  };
  const variable = (values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));

  test('is not computed if nobody looks, and once with its steps if somebody does', async () => {
    await withValidation(async () => {
      const x = tf.ones<tf.Rank.R4>([2, 4, 4, 4]);
      const filter = tf.ones<tf.Rank.R4>([3, 3, 4, 4]);
      await Promise.all([tf.tidy(() => tf.conv2d(x, filter, 1, 1)).data(), x.data()]);
      const ops = opsOverTensors({ weights: () => filter, statistics: () => filter, training: false });
      expect(made(() => ops.relu(tf.add(tf.conv2d(x, filter, 1, 1), x)))).toBe(0);
      const sum = tf.tidy(() => ops.relu(tf.add(tf.conv2d(x, filter, 1, 1), x)));
      const before = backend().dispatches;
      expect((await sum.data())[0]).toBe(17);
      expect(backend().dispatches - before).toBe(1);
      tf.dispose([x, filter, sum]);
    });
  });

  test('sees the numbers from before a change in place', async () => {
    await withValidation(async () => {
      const w = variable([1, 2, 3]);
      await tf.tidy(() => tf.mul(w, tf.ones([3]))).data();
      const sum = tf.add(w, w);
      const kernel = {
        name: 'adds ten',
        wgsl: `@group(0) @binding(0) var<storage, read_write> w: array<f32>;
          @compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
            if (id.x < 3) { w[id.x] += 10.0; }
          }`,
        workgroups: [1, 1, 1],
      } as const;
      backend().runRaw(kernel, [{ tensor: w, access: 'read_write' }], []);
      expect([...(await sum.data())]).toEqual([2, 4, 6]);
      expect([...(await w.data())]).toEqual([11, 12, 13]);
      tf.dispose([w, sum]);
    });
  });
});
