/** Rows of a table: each column by its own mean and deviation. */
import type { Dataset, Split, VectorSpec } from '../../../data/dataset';
import type { InputRange, InputSource, Normalisation } from '../input-source';
import { plainView, type InputView } from '../input-view';

export class VectorSource implements InputSource {
  readonly spec: VectorSpec;
  readonly shape: readonly [columns: number];
  readonly size: number;
  readonly view: InputView;
  private readonly dataset: Dataset;

  constructor(dataset: Dataset, view: InputView = plainView) {
    this.view = view;
    this.spec = dataset.inputs[view.input] as VectorSpec;
    this.size = this.spec.names.length;
    this.shape = [this.size];
    this.dataset = dataset;
  }

  normalisation(rows: ArrayLike<number>): Normalisation<readonly number[]> {
    const { values } = this.dataset.train.inputs[this.view.input]!;
    const count = Math.max(1, rows.length);
    const mean = this.perColumn(rows, (row, column) => values[row * this.size + column]! / count);
    const variance = this.perColumn(
      rows,
      (row, column) => (values[row * this.size + column]! - mean[column]!) ** 2 / count,
    );
    // A column of one value has no spread to divide by.
    return { mean, deviation: variance.map((value) => (value > 0 ? Math.sqrt(value) : 1)) };
  }

  range(normalisation: Normalisation): InputRange {
    const { mean, deviation } = normalisation as Normalisation<readonly number[]>;
    const { values } = this.dataset.train.inputs[this.view.input]!;
    const low = mean.map(() => Infinity);
    const high = mean.map(() => -Infinity);
    for (let i = 0; i < this.dataset.train.count * this.size; i++) {
      const column = i % this.size;
      low[column] = Math.min(low[column]!, values[i]!);
      high[column] = Math.max(high[column]!, values[i]!);
    }
    const normalised = (value: number, column: number) => (value - mean[column]!) / deviation[column]!;
    return { low: low.map(normalised), high: high.map(normalised) };
  }

  batch(
    split: Split,
    rows: ArrayLike<number>,
    normalisation: Normalisation,
    _moves: Int32Array | null = null,
    out = new Float32Array(rows.length * this.size),
  ): Float32Array {
    const { mean, deviation } = normalisation as Normalisation<readonly number[]>;
    const { values } = split.inputs[this.view.input]!;
    for (let i = 0; i < rows.length; i++) {
      if (rows[i]! < 0) {
        out.fill(0, i * this.size, (i + 1) * this.size);
        continue;
      }
      for (let c = 0; c < this.size; c++)
        out[i * this.size + c] = (values[rows[i]! * this.size + c]! - mean[c]!) / deviation[c]!;
    }
    return out;
  }

  /** Sum over the rows, per column. */
  private perColumn(rows: ArrayLike<number>, of: (row: number, column: number) => number): number[] {
    const sums = new Array<number>(this.size).fill(0);
    for (let i = 0; i < rows.length; i++) for (let c = 0; c < this.size; c++) sums[c]! += of(rows[i]!, c);
    return sums;
  }
}
