/**
 * A teacher whose trace is a table by rows of the set: it computes nothing. Whatever can be written down beforehand for each
 * instance becomes a teacher with it: answers of a file, or what a model outside of this page shows.
 */
import type { TracePart } from '../../distill/hints/hint';
import type { View } from '../../distill/views';
import { tf, type Tensor, type Tensor1D } from '../../engine/tf';
import type { Trace } from '../../nn/network';
import { traceOfParts } from '../trace-parts';
import type { Teacher, TeacherState, TeacherTurns } from './teacher';

/** A part of a trace for every row of the set, those of the training split first. */
export interface RecordedPart {
  part: TracePart;
  /** Of one row. */
  shape: readonly number[];
  /** [rows, ...shape] */
  values: Float32Array;
}

export interface RecordedExtras {
  turns?: TeacherTurns;
  /** Whether the test split is among the rows. */
  isWhole: boolean;
  /** See `Teacher.views`. */
  views?: (teacher: Teacher, codes: Tensor) => Promise<View[]>;
}

export class RecordedTeacher implements Teacher {
  readonly networks = [];
  readonly version = 0;
  readonly outputs: number;
  readonly recorded: readonly RecordedPart[];
  readonly unmeasured: boolean;
  readonly turns?: TeacherTurns;
  private readonly extras: RecordedExtras;
  private readonly tables: Tensor[];

  /** @param parts logits [C] among them */
  constructor(parts: readonly RecordedPart[], extras: RecordedExtras) {
    this.recorded = parts;
    this.extras = extras;
    this.unmeasured = !extras.isWhole;
    this.outputs = parts.find(({ part }) => part === 'logits')!.shape[0]!;
    if (extras.turns) this.turns = extras.turns;
    // Parts of the same values have one table.
    const made = new Map<Float32Array, Tensor>();
    this.tables = parts.map(({ shape, values }) => {
      const size = shape.reduce((product, side) => product * side, 1);
      const table = made.get(values) ?? tf.tensor(values, [values.length / size, ...shape]);
      made.set(values, table);
      return table;
    });
  }

  /** @param codes [B,1] numbers of rows, as `RowSource` gives them */
  trace(codes: Tensor): Trace {
    const rows = tf.cast(tf.reshape(codes, [-1]), 'int32') as Tensor1D;
    return traceOfParts(
      this.recorded,
      this.tables.map((table) => tf.gather(table, rows)),
    );
  }

  async views(codes: Tensor): Promise<View[]> {
    return (await this.extras.views?.(this, codes)) ?? [];
  }

  state(): Promise<TeacherState> {
    return Promise.resolve({ networks: [] });
  }

  dispose(): void {
    tf.dispose(this.tables);
  }
}
