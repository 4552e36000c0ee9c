import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { digestOf } from '../../../src/storage/digest';
import { openStorage } from '../../../src/storage/storage';
import { isLong } from '../../support/long';

afterEach(() => vi.unstubAllGlobals());

const bytes = (length: number) => new Uint8Array(length).map((_, i) => (i * 31 + (i >> 7)) % 256);
const piece = 8 * 1024 * 1024;
// A piece takes our own digest seconds.
const lengths = [0, 1, 55, 56, 64, 1000, ...(isLong ? [piece] : []), piece + 3];

test.each(lengths)('of %i bytes is the same without the browser’s own digest', async (length) => {
  const parts = [bytes(length).subarray(0, length >> 1), bytes(length).subarray(length >> 1)];
  const own = await digestOf(parts);
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(await digestOf(parts)).toBe(own);
});

test('is the SHA-256 of the SHA-256 of each piece', async () => {
  vi.stubGlobal('crypto', {});
  const inner = createHash('sha256').update(bytes(1000)).digest();
  expect(await digestOf([bytes(1000)])).toBe(createHash('sha256').update(inner).digest('hex'));
});

test('storage without a secure context is refused with a sentence that names https', async () => {
  vi.stubGlobal('isSecureContext', false);
  await expect(openStorage()).rejects.toMatchObject({
    kind: 'denied',
    message: expect.stringContaining('https') as string,
  });
});
