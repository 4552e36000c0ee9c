/** Reading a file without waiting, and how much of one is read into memory as a whole. */
import type { ReadBytes } from '../data/stored-column';
import { StorageFault } from './faults';

/** Larger sets stay in their files where the browser can read these at once. */
const largestInMemory = 512 * 2 ** 20;
/** Share of the machine's memory that a set may take. */
const share = 1 / 8;

/** Bytes of the largest set that is held in memory; Infinity where a file cannot be read without waiting. */
export function mostInMemory(): number {
  if (typeof FileReaderSync === 'undefined') return Infinity;
  // In GB, and told by some browsers only.
  const { deviceMemory } = navigator as { deviceMemory?: number };
  return Math.min(largestInMemory, (deviceMemory ?? Infinity) * 2 ** 30 * share);
}

/** Only in workers. @throws StorageFault `lost` from then on when the file is gone */
export function readerOf(file: Blob): ReadBytes {
  const reader = new FileReaderSync();
  return (at, length) => {
    try {
      return new Uint8Array(reader.readAsArrayBuffer(file.slice(at, at + length)));
    } catch {
      throw new StorageFault(
        'lost',
        'The data set can no longer be read from where it is stored: the browser’s storage was cleared, or its disk failed. Import it again.',
      );
    }
  };
}
