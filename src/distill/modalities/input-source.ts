/** Gives batches of the instances of one data set, ready for a network. One kind per modality. */
import type { Dataset, InputSpec, Split } from '../../data/dataset';
import type { InputShape } from '../../nn/describe';
import { ImageSource } from './image/image-source';
import { plainView, type InputView } from './input-view';
import { VectorSource } from './vector/vector-source';

/** How inputs are brought to about mean 0 and deviation 1: one pair of numbers for all pixels, or one per column. */
export interface Normalisation<Numbers extends number | readonly number[] = number | readonly number[]> {
  mean: Numbers;
  deviation: Numbers;
}

/** Of normalised inputs: one number for all pixels, or one per column. */
export interface InputRange {
  low: readonly number[];
  high: readonly number[];
}

export interface InputSource {
  /** What of an instance it gives. */
  readonly view: InputView;
  readonly spec: InputSpec;
  /** Of one instance, as networks see it. */
  readonly shape: InputShape;
  /** Numbers per instance. */
  readonly size: number;
  /** Of the given rows of the training split, as the student sees them. */
  normalisation(rows: ArrayLike<number>): Normalisation;
  /** What a pixel can be, or what the training rows are in each column. */
  range(normalisation: Normalisation): InputRange;
  /**
   * @param rows of `split`; a negative row gives an empty instance (padding of a last batch)
   * @param moves of each image, from `drawMoves`; null for other modalities
   * @param out [rows*size] is written over; a new one where it is left out
   * @returns `out`, normalised
   */
  batch(
    split: Split,
    rows: ArrayLike<number>,
    normalisation: Normalisation,
    moves?: Int32Array | null,
    out?: Float32Array,
  ): Float32Array;
}

/** What a network is given: a view of the instances, and how it is normalised. */
export interface Feed {
  source: InputSource;
  normalisation: Normalisation;
}

/** Of the student (and the lines beside it) and of the teacher; the same object where both see the same view. */
export interface Feeds {
  student: Feed;
  teacher: Feed;
}

/** The source of one view of a set. */
export function inputSourceOf(dataset: Dataset, view: InputView = plainView): InputSource {
  return dataset.inputs[view.input]!.kind === 'image'
    ? new ImageSource(dataset, view)
    : new VectorSource(dataset, view);
}
