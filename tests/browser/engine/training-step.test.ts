import { beforeAll, expect, test } from 'vitest';
import { tf } from '../../../src/engine/tf';
import { expectSameWeights, startBackends, train } from './sgd-steps';

beforeAll(startBackends);

test.each([
  ['mlp-16', 8],
  ['cnn-4-8', 9],
] as const)('three steps of %s give the same weights on every backend', expectSameWeights);

test('a long run on wasm does not use ever more memory', async () => {
  await tf.setBackend('wasm');
  const heap = () => (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm.HEAPU8.length;
  await train('cnn-8-16', 8, 20);
  const before = heap();
  await train('cnn-8-16', 8, 200);
  expect(heap()).toBe(before);
});
