/**
 * A WebAssembly module with a memory that threads can share. Whether a memory is shared is one bit of a module, and no
 * instruction depends on it: the same code computes the same numbers over either kind.
 */

const importSection = 2;
const memorySection = 5;
const memoryKind = 2;
/** Flags of a memory's limits: it has a maximum, and is shared, which needs one. */
const limited = 1;
const shared = 3;

/**
 * Copy of a module whose memory, its own or an imported one, is shared.
 * @throws Error when it has no memory with a maximum
 */
export function withSharedMemory(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = module.slice();
  const at = limitsOfMemory(copy);
  if (at === null || copy[at] !== limited)
    throw new Error('The WebAssembly module has no memory with a limit, so it cannot be shared.');
  copy[at] = shared;
  return copy;
}

/** Position of the limits of the first memory; null without one. */
function limitsOfMemory(module: Uint8Array): number | null {
  const reader = new Reader(module, 8);
  while (reader.at < module.length) {
    const section = reader.byte();
    const bytes = reader.number();
    const end = reader.at + bytes;
    if (section === memorySection) {
      reader.number();
      return reader.at;
    }
    if (section === importSection) {
      const imports = reader.number();
      for (let n = 0; n < imports; n++) {
        reader.skip(reader.number());
        reader.skip(reader.number());
        const kind = reader.byte();
        if (kind === memoryKind) return reader.at;
        reader.skipType(kind);
      }
    }
    reader.at = end;
  }
  return null;
}

/** Reads the binary format, see https://webassembly.github.io/spec/core/binary. */
class Reader {
  at: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  /** An unsigned number in LEB128. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const part = this.byte();
      value += (part & 127) * 2 ** shift;
      if (part < 128) return value;
    }
  }

  skip(bytes: number): void {
    this.at += bytes;
  }

  /** The type of an imported function (0), table (1) or global (3). */
  skipType(kind: number): void {
    if (kind === 0) this.number();
    else if (kind === 1) {
      this.skip(1);
      const flags = this.byte();
      this.number();
      if (flags === limited) this.number();
    } else this.skip(2);
  }
}
