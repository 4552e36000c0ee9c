/**
 * The view of a teacher whose answers are recorded by rows: an instance is its number in the set, first those of the
 * training split, then those of the test split. Nothing done to an instance (moves, disturbances, another size) changes it.
 */
import type { Dataset, InputSpec, Split } from '../../data/dataset';
import { onlyView } from '../../data/dataset';
import type { InputRange, InputSource, Normalisation } from './input-source';
import type { InputView } from './input-view';

export class RowSource implements InputSource {
  readonly spec: InputSpec;
  readonly shape = [1] as const;
  readonly size = 1;
  readonly view: InputView;
  private readonly dataset: Dataset;

  /** @param view of the student, which does not matter here */
  constructor(dataset: Dataset, view: InputView) {
    this.dataset = dataset;
    this.spec = dataset.inputs[onlyView]!;
    this.view = view;
  }

  normalisation(): Normalisation {
    return { mean: 0, deviation: 1 };
  }

  range(): InputRange {
    const { train, test } = this.dataset;
    return { low: [0], high: [train.count + test.count - 1] };
  }

  /** @returns [rows] numbers in the set; whole below 2^24, which no set reaches */
  batch(
    split: Split,
    rows: ArrayLike<number>,
    _normalisation: Normalisation,
    _moves: Int32Array | null = null,
    out = new Float32Array(rows.length),
  ): Float32Array {
    const before = split === this.dataset.test ? this.dataset.train.count : 0;
    for (let i = 0; i < rows.length; i++) out[i] = Math.max(0, rows[i]! + before);
    return out;
  }
}
