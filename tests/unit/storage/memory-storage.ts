/** A storage in memory whose power can be cut, and which can be full, cleared or damaged. */
import 'fake-indexeddb/auto';
import type { Files, Part } from '../../../src/storage/file-system';
import type { Locks } from '../../../src/storage/locks';
import { openDatabase } from '../../../src/storage/database';
import type { Storage } from '../../../src/storage/storage';

export class MemoryFiles implements Files {
  readonly contents = new Map<string, Uint8Array<ArrayBuffer>>();
  /** Asked before each write: what it throws, the write throws, and half of the file is there. */
  beforeWrite: () => void = () => undefined;

  async write(path: string, parts: readonly Part[]): Promise<void> {
    const whole = new Uint8Array(await new Blob([...parts]).arrayBuffer());
    try {
      this.beforeWrite();
    } catch (error) {
      this.contents.set(path, whole.slice(0, whole.length >> 1));
      throw error;
    }
    this.contents.set(path, whole);
  }
  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const found = this.contents.get(path);
    if (!found) throw new DOMException(path, 'NotFoundError');
    return found.slice();
  }
  async blob(path: string): Promise<Blob> {
    return new Blob([await this.read(path)]);
  }
  async remove(path: string): Promise<void> {
    for (const name of this.contents.keys())
      if (name === path || name.startsWith(`${path}/`)) this.contents.delete(name);
  }
  async list(folder: string): Promise<string[]> {
    const below = [...this.contents.keys()].filter((name) => name.startsWith(`${folder}/`));
    return [...new Set(below.map((name) => name.slice(folder.length + 1).split('/')[0]!))];
  }
  async bytes(folder: string): Promise<number> {
    const below = [...this.contents].filter(([name]) => name.startsWith(`${folder}/`));
    return below.reduce((sum, [, { length }]) => sum + length, 0);
  }
}

/** As much of the browser's lock manager as is used. */
export class MemoryLocks {
  private readonly held = new Map<string, { mode: LockMode; count: number }>();
  private waiting: (() => void)[] = [];

  readonly request = (async (name: string, ...rest: unknown[]) => {
    const work = rest.at(-1) as (lock: unknown) => unknown;
    const { mode = 'exclusive', ifAvailable = false } = (rest.length > 1 ? rest[0] : {}) as LockOptions;
    const free = () => {
      const holder = this.held.get(name);
      return !holder || (mode === 'shared' && holder.mode === 'shared');
    };
    if (!free() && ifAvailable) return work(null);
    while (!free()) await new Promise<void>((resolve) => this.waiting.push(resolve));
    const holder = this.held.get(name) ?? { mode, count: 0 };
    holder.count += 1;
    this.held.set(name, holder);
    try {
      return await work({ name, mode });
    } finally {
      this.letGo(name);
    }
  }) as Locks['request'];

  readonly query = async () => ({
    held: [...this.held].map(([name, { mode }]) => ({ name, mode })),
    pending: [],
  });

  /** What the browser does when a worker dies. */
  breakAll(): void {
    this.held.clear();
    this.waiting.splice(0).forEach((resolve) => resolve());
  }

  private letGo(name: string): void {
    const holder = this.held.get(name);
    if (holder && --holder.count === 0) this.held.delete(name);
    this.waiting.splice(0).forEach((resolve) => resolve());
  }
}

export interface MemoryStorage extends Storage {
  files: MemoryFiles;
  locks: MemoryLocks & Locks;
  /** The machine stops before the n-th write from now on; nothing is written until `powerOn`. */
  cutPowerAfter(writes: number): void;
  /** A new process finds what is there. @returns whether the power had been cut */
  powerOn(): boolean;
  /** The browser has closed the database and removed everything. */
  clear(): Promise<void>;
}

let databases = 0;

export async function memoryStorage(): Promise<MemoryStorage> {
  let lost = false;
  let left = Number.POSITIVE_INFINITY;
  const locks = new MemoryLocks();
  const write = () => {
    if (--left < 0) throw new Error('The power was cut.');
  };
  const database = await openDatabase(`memory-${++databases}`, { onLost: () => (lost = true), locks });
  const guarded = new Proxy(database, {
    get(target, key) {
      if (key === 'transaction')
        return (...args: Parameters<typeof target.transaction>) => {
          if (args[1] === 'readwrite') write();
          return target.transaction(...args);
        };
      const value: unknown = Reflect.get(target, key, target);
      if (key === 'put' && typeof value === 'function')
        return (...args: unknown[]): unknown => {
          write();
          return Reflect.apply(value, target, args);
        };
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const files = new MemoryFiles();
  files.beforeWrite = write;
  return {
    database: guarded,
    files,
    locks,
    tell: () => undefined,
    hear: () => () => undefined,
    isLost: () => lost,
    close: () => database.close(),
    cutPowerAfter: (writes) => (left = writes),
    powerOn() {
      const cut = left < 0;
      left = Number.POSITIVE_INFINITY;
      locks.breakAll();
      return cut;
    },
    async clear() {
      for (const name of database.objectStoreNames) await database.clear(name);
      files.contents.clear();
      lost = true;
    },
  };
}
