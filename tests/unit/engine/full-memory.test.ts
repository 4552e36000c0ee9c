/** A memory of WebAssembly that is used up, without using it up: its allocator is replaced. */
import { afterAll, beforeEach, expect, test } from 'vitest';
import { deviceIsKnownLost } from '../../../src/engine/device-care';
import { tf } from '../../../src/engine/tf';
import { renewSpoiltMemory, throwWhenFull } from '../../../src/engine/wasm/full-memory';
import { wasmBackend } from '../../../src/engine/wasm/launch';
import { useOwnWasm, useWasm } from '../../support/wasm-in-node';

beforeEach(async () => {
  await useWasm();
  await useOwnWasm();
});
afterAll(useOwnWasm);

/** @param allocate for requests of more than a kilobyte */
function allocatingWith(allocate: (bytes: number) => number): void {
  const { wasm } = wasmBackend();
  wasm._free(wasm._malloc(4));
  const usual = wasm._malloc.bind(wasm);
  wasm._malloc = (bytes) => (bytes > 1024 ? allocate(bytes) : usual(bytes));
  throwWhenFull();
}

test('no room is an error, after which smaller tensors still work', () => {
  allocatingWith(() => 0);
  expect(() => tf.zeros([1000])).toThrow('WebAssembly has no room for 1 MB more of memory');
  expect(deviceIsKnownLost()).toBe(false);
  expect(tf.add(tf.zeros([4]), 1).arraySync()).toEqual([1, 1, 1, 1]);
});

test('an address beyond the end spoils the memory until it is renewed', async () => {
  const held = tf.zeros([4]);
  // As a signed number.
  allocatingWith(() => -4096);
  expect(() => tf.zeros([100_000])).toThrow('no room');
  expect(deviceIsKnownLost()).toBe(true);
  expect(() => tf.zeros([4])).toThrow('no room');
  held.dispose();
  renewSpoiltMemory();
  expect(await tf.setBackend('wasm')).toBe(true);
  expect(deviceIsKnownLost()).toBe(false);
  expect(tf.sum(tf.ones([1000])).arraySync()).toBe(1000);
});
