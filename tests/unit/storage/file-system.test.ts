import { afterEach, expect, test, vi } from 'vitest';
import { openFiles } from '../../../src/storage/file-system';

afterEach(() => vi.unstubAllGlobals());

/** A folder whose files have exclusive handles, or have the method and refuse it, as WebKitGTK up to 2.50 does. */
function rootWhere(areExclusiveHandlesRefused: boolean) {
  const files = new Map<string, Uint8Array>();
  const locked = new Set<string>();
  class FileHandle {
    constructor(private readonly name: string) {}
    createSyncAccessHandle() {
      if (areExclusiveHandlesRefused) {
        locked.add(this.name);
        return Promise.reject(new DOMException('Backend does not support this.', 'NotSupportedError'));
      }
      return Promise.resolve({
        truncate: () => files.set(this.name, new Uint8Array(0)),
        write: (bytes: Uint8Array) => {
          files.set(this.name, Uint8Array.of(...files.get(this.name)!, ...bytes));
          return bytes.length;
        },
        flush: () => undefined,
        close: () => undefined,
      });
    }
    createWritable() {
      if (locked.has(this.name)) return Promise.reject(new DOMException('Locked.', 'InvalidStateError'));
      files.set(this.name, new Uint8Array(0));
      return Promise.resolve({
        write: (bytes: Uint8Array) => files.set(this.name, Uint8Array.of(...files.get(this.name)!, ...bytes)),
        close: () => undefined,
      });
    }
  }
  vi.stubGlobal('FileSystemFileHandle', FileHandle);
  vi.stubGlobal('navigator', {
    storage: {
      getDirectory: () =>
        Promise.resolve({
          getFileHandle: (name: string) => {
            if (!files.has(name)) files.set(name, new Uint8Array(0));
            return Promise.resolve(new FileHandle(name));
          },
          removeEntry: (name: string) => Promise.resolve(void files.delete(name)),
        }),
    },
  });
  return files;
}

test.each([{ refused: false }, { refused: true }])(
  'a file is written whole where exclusive handles are refused: $refused',
  async ({ refused }) => {
    const files = rootWhere(refused);
    await (await openFiles()).write('state', [Uint8Array.of(1, 2), Uint8Array.of(3)]);
    expect([...files]).toEqual([['state', Uint8Array.of(1, 2, 3)]]);
  },
);
