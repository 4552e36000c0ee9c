/** The gradient of max pooling where windows do not fill the sides, written into poisoned buffers, against plain loops. */
import { beforeAll, expect, test } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { maxPoolGradient } from '../../../src/engine/kernels/pool';
import { tf } from '../../../src/engine/tf';
import { withValidation } from '../../../src/engine/webgpu';
import type { RetortBackend } from '../../../src/engine/webgpu-backend';
import { RandomStream } from '../../../src/random/streams';

beforeAll(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
});

type Shape = [number, number, number, number];

/** Each window's gradient goes to its first maximum. */
function expected(x: Float32Array, dy: Float32Array, [batch, height, width, channels]: Shape, size: number) {
  const dx = new Float32Array(x.length);
  const at = (b: number, r: number, c: number, ch: number) => ((b * height + r) * width + c) * channels + ch;
  let n = 0;
  for (let b = 0; b < batch; b++)
    for (let r = 0; r + size <= height; r += size)
      for (let c = 0; c + size <= width; c += size)
        for (let ch = 0; ch < channels; ch++) {
          let best = at(b, r, c, ch);
          for (let i = 0; i < size * size; i++) {
            const other = at(b, r + Math.floor(i / size), c + (i % size), ch);
            if (x[other]! > x[best]!) best = other;
          }
          dx[best] = dy[n++]!;
        }
  return dx;
}

test.each<[number, Shape]>([
  [2, [2, 7, 9, 4]],
  [2, [2, 5, 6, 3]],
  [2, [1, 6, 5, 8]],
  [3, [2, 8, 7, 2]],
])('of %i pixels over [%s]', async (size, shape) => {
  const info = tf.backend_util.computePool2DInfo(shape, size, size, 1, 'valid');
  const random = RandomStream.fork(2, 'pool');
  // Ties, as after ReLU.
  const x = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () =>
    Math.max(Math.round(random.normal()), 0),
  );
  const dy = Float32Array.from({ length: tf.util.sizeFromShape(info.outShape) }, () => random.normal());
  const found = await withValidation(async () => {
    const given = [tf.tensor(dy, info.outShape), tf.tensor(x, shape)];
    // Room behind the last image, where nothing may be written: between images it would be written over.
    const written = tf.fill([2 * x.length], Number.NaN);
    const read = given.map((tensor) => ({ tensor, access: 'read' as const }));
    (tf.backend() as RetortBackend).runRaw(
      maxPoolGradient(info, []),
      [...read, { tensor: written, access: 'read_write' }],
      [],
    );
    const numbers = await written.data<'float32'>();
    tf.dispose([...given, written]);
    return numbers;
  });
  expect(found.subarray(0, x.length)).toEqual(expected(x, dy, shape, size));
  expect(found.subarray(x.length).every(Number.isNaN)).toBe(true);
});
