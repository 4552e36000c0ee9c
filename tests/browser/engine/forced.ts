import { expect } from 'vitest';
import type { BackendName } from '../../../src/engine/backend-names';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';

/** A backend starts when it is forced, and leaves no tensors behind. */
export async function expectForced(name: BackendName): Promise<void> {
  const before = tf.memory().numTensors;
  const choice = await chooseBackend(name);
  expect(choice).toMatchObject({ name, forced: true, rejected: [] });
  expect(choice.device).not.toBe('');
  expect(tf.getBackend()).toBe(name);
  expect(tf.memory().numTensors).toBe(before);
}
