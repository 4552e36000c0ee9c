/**
 * Images that are too many for the memory: they stay in a file, and a row is read when it is asked for. What computes with
 * rows gets them through `imageRow`, from memory or from the file.
 */
import type { Column } from './dataset';

/** Reads bytes of a file, from a place on, at once: a training step does not wait between two of its rows. */
export type ReadBytes = (at: number, length: number) => Uint8Array;

/** Rows are read in blocks of about so many bytes, which a pass over neighbouring rows makes use of. */
const blockBytes = 256 * 1024;
/** Blocks of a column that stay in memory. */
const keptBytes = 64 * 1024 * 1024;

export class StoredColumn implements Column<Uint8Array> {
  readonly shape: readonly number[];
  /** Bytes of all rows. */
  readonly bytes: number;
  private readonly count: number;
  private readonly size: number;
  private readonly perBlock: number;
  private readonly read: ReadBytes;
  /** By number, the one that was used last at the end. */
  private readonly blocks = new Map<number, Uint8Array>();

  /** @param shape of one row @param at place of the first row in the file */
  constructor(
    { shape, count, at }: { shape: readonly number[]; count: number; at: number },
    read: ReadBytes,
  ) {
    this.shape = shape;
    this.count = count;
    this.size = shape.reduce((product, side) => product * side, 1);
    this.bytes = count * this.size;
    this.perBlock = Math.max(1, Math.floor(blockBytes / this.size));
    this.read = (from, length) => read(at + from, length);
  }

  /** @throws Error always: there are too many */
  get values(): Uint8Array {
    throw new Error(
      'The images of this set are too many to be in memory at once, and this needs all of them. Import fewer or smaller ones.',
    );
  }

  /** [H*W*C] of an image; a view that must not be changed. */
  row(row: number): Uint8Array {
    const number = Math.floor(row / this.perBlock);
    const from = number * this.perBlock;
    let block = this.blocks.get(number);
    this.blocks.delete(number);
    block ??= this.read(from * this.size, Math.min(this.perBlock, this.count - from) * this.size);
    this.blocks.set(number, block);
    const most = Math.max(1, Math.floor(keptBytes / (this.perBlock * this.size)));
    if (this.blocks.size > most) this.blocks.delete(this.blocks.keys().next().value!);
    return block.subarray((row - from) * this.size, (row - from + 1) * this.size);
  }
}

/** One image of a column [size], wherever it lies; a view that must not be changed. */
export function imageRow(column: Column, row: number, size: number): Uint8Array {
  if (column instanceof StoredColumn) return column.row(row);
  return (column.values as Uint8Array).subarray(row * size, (row + 1) * size);
}

/** Whether images of a set are read from a file. */
export function isStored(split: { inputs: Readonly<Record<string, Column>> }): boolean {
  return Object.values(split.inputs).some((column) => column instanceof StoredColumn);
}
