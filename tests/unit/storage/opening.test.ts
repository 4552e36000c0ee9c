import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { faultOf } from '../../../src/storage/faults';
import { openStorage } from '../../../src/storage/storage';
import { MemoryLocks } from './memory-storage';

/** A browser that has all that storing needs, with a file system that denies itself. */
const whole = {
  locks: new MemoryLocks(),
  storage: { getDirectory: () => Promise.reject(new DOMException('Denied.', 'SecurityError')) },
};

beforeEach(() => vi.stubGlobal('isSecureContext', true));
afterEach(() => vi.unstubAllGlobals());

const whyNot = (navigator: object) => {
  vi.stubGlobal('navigator', navigator);
  return openStorage().then(
    () => null,
    (error: unknown) => faultOf(error).message,
  );
};

test('a browser that lacks something says what, and no code', async () => {
  for (const [lacking, called] of [
    [{ ...whole, locks: undefined }, 'Web Locks'],
    [{ ...whole, storage: undefined }, 'origin private file system'],
    [{ ...whole, storage: {} }, 'origin private file system'],
  ] as const) {
    const why = await whyNot(lacking);
    expect(why).toContain(`this browser has no ${called}`);
    expect(why).not.toMatch(/private window|undefined|TypeError/);
  }
  vi.stubGlobal('BroadcastChannel', undefined);
  Reflect.deleteProperty(globalThis, 'BroadcastChannel');
  expect(await whyNot(whole)).toContain('this browser has no BroadcastChannel');
});

test('one that denies it says so', async () => {
  expect(await whyNot(whole)).toContain('private window');
});

test('a database of a newer page is no private window', async () => {
  (await openDB('retort', 99)).close();
  const folder = { getFileHandle: () => Promise.reject(new DOMException('', 'NotSupportedError')) };
  const why = await whyNot({ ...whole, storage: { getDirectory: () => Promise.resolve(folder) } });
  expect(why).toContain('written by a newer version of this page');
  expect(why).not.toContain('private window');
});
