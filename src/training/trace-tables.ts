/**
 * What frozen teachers have said of the instances of a data set, kept from one run of a worker to the next: the cells of an
 * experiment mostly have the same teacher, and asking it took a quarter of a short one. A trace does not depend on the
 * other instances of its batch, so that a run gives the same numbers whether it finds one here or asks.
 */
import type { Column } from '../data/dataset';
import { tf } from '../engine/tf';
import type { NamedArray } from '../nn/layouts';
import { sizeOf } from './gathered-parts';
import type { MemoryPlan } from './teacher-memory';
import type { FrozenTeacher } from './teachers/frozen-teacher';

/** Traces by row of the training split. */
export interface TraceTable {
  /** [N*size] of each part */
  parts: Float32Array[];
  /** [N] 1 where the row is known */
  known: Uint8Array;
}

/** On what a teacher is asked. */
export interface AskedOn {
  /** The instances as they are stored: the same object holds the same ones. */
  column: Column;
  /** How many there are. */
  rows: number;
  /** How they are shown to it: view, normalisation and batch. */
  shown: string;
}

interface Kept {
  column: WeakRef<Column>;
  key: string;
  weights: readonly NamedArray[];
  table: TraceTable;
  bytes: number;
}

/** Bytes of all tables with the weights of their teachers. */
const most = 32 * 2 ** 20;

export class TraceTables {
  /** The one that was used last comes last. */
  private kept: Kept[] = [];

  /**
   * The table of a teacher, with what is known. The caller may add to it.
   * @param plan whose parts it has
   * @returns null where it is too large to be kept
   */
  async of(
    { networks: [network] }: FrozenTeacher,
    { parts }: Pick<MemoryPlan, 'parts'>,
    { column, rows, shown }: AskedOn,
  ): Promise<TraceTable | null> {
    const weights = await network.module.exportState();
    const sizes = parts.map(({ shape }) => sizeOf(shape));
    const numbers = rows * sizes.reduce((sum, size) => sum + size, 0);
    const bytes = 4 * weights.reduce((sum, { data }) => sum + data.length, numbers) + rows;
    if (bytes > most) return null;
    const key = JSON.stringify([tf.getBackend(), network.name, network.input, parts, rows, shown]);
    const found = this.kept.find(
      (one) => one.key === key && one.column.deref() === column && areEqual(one.weights, weights),
    );
    const kept = found ?? {
      ...{ column: new WeakRef(column), key, weights, bytes },
      table: { parts: sizes.map((size) => new Float32Array(rows * size)), known: new Uint8Array(rows) },
    };
    this.kept = [...this.kept.filter((one) => one !== kept && one.column.deref()), kept];
    while (this.kept.reduce((sum, one) => sum + one.bytes, 0) > most) this.kept.shift();
    return kept.table;
  }
}

/** To the bit. */
function areEqual(a: readonly NamedArray[], b: readonly NamedArray[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, data }, i) => {
      const [bits, others] = [bitsOf(data), bitsOf(b[i]!.data)];
      return (
        name === b[i]!.name &&
        bits.length === others.length &&
        bits.every((value, place) => value === others[place])
      );
    })
  );
}

const bitsOf = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length);
