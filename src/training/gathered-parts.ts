import { liveTensor, type LiveTensor } from '../engine/capture/capture';
import type { Trace } from '../nn/network';
import type { MemoryPlan } from './teacher-memory';
import { traceOfParts } from './trace-parts';

/** The parts of the batch of a step, gathered from tables; written over from step to step. */
export class GatheredParts {
  readonly tensors: LiveTensor[];
  private readonly numbers: Float32Array[];

  /** @param batch rows per step */
  constructor(
    private readonly parts: MemoryPlan['parts'],
    batch: number,
  ) {
    this.tensors = parts.map(({ shape }) => liveTensor([batch, ...shape]));
    this.numbers = parts.map(({ shape }) => new Float32Array(batch * sizeOf(shape)));
  }

  /** @param tables of each part @param rows [B] of the tables */
  write(tables: readonly Float32Array[], rows: Int32Array): void {
    this.parts.forEach(({ shape }, p) => {
      const [table, numbers, size] = [tables[p]!, this.numbers[p]!, sizeOf(shape)];
      for (let i = 0; i < rows.length; i++) {
        const from = rows[i]! * size;
        for (let n = 0; n < size; n++) numbers[i * size + n] = table[from + n]!;
      }
      this.tensors[p]!.write(numbers);
    });
  }

  trace(): Trace {
    return traceOfParts(
      this.parts,
      this.tensors.map(({ tensor }) => tensor.clone()),
    );
  }

  dispose(): void {
    this.tensors.forEach((tensor) => tensor.dispose());
  }
}

/** Numbers of one row. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
