/** What a run studies: instances of one kind, seen in one or several views, each with a target. Plain data. */

/** What goes in: how one instance looks in one view. */
export type InputSpec = ImageSpec | VectorSpec;

export interface ImageSpec {
  kind: 'image';
  height: number;
  width: number;
  /** 1 (grey) or 3 (colour) */
  channels: number;
}

/** A row of a table: one number per column. */
export interface VectorSpec {
  kind: 'vector';
  names: string[];
  /** The columns of the file without the target, and how they became these numbers; none for a set that is drawn. */
  columns?: FileColumn[] | undefined;
}

/** How a cell of a column in a file becomes numbers of a vector, in the order of `VectorSpec.names`. */
export type FileColumn =
  /**
   * The number itself. With a median there are gaps: a gap becomes the median of the training rows and a 1 in a second
   * number, which is 0 otherwise. With a unit its cells are written with that sign, as "5 %".
   */
  | { name: string; use: 'number'; median: number | null; unit?: string | undefined }
  /** A 1 for one of the values; a last number is 1 for a gap, where the file has gaps. Other texts give zeros. */
  | { name: string; use: 'category'; values: string[]; gaps: boolean }
  /** No number. */
  | { name: string; use: 'left out'; why: string };

/** What is asked of an instance. */
export type TargetSpec = ClassTarget | NumberTarget | LabelsTarget;

/** One of several classes. */
export interface ClassTarget {
  kind: 'class';
  names: string[];
}

/** One or several numbers. */
export interface NumberTarget {
  kind: 'number';
  names: string[];
  /** Per name, such as "°" or "years"; "" for a plain number. */
  units: string[];
}

/** Any number of labels at once. */
export interface LabelsTarget {
  kind: 'labels';
  names: string[];
}

/** One value, or one array of a shape, per instance. */
export interface Column<
  Values extends Uint8Array | Int32Array | Float32Array = Uint8Array | Int32Array | Float32Array,
> {
  /** [N, ...shape], row-major */
  values: Values;
  /** Without the axis of the instances. */
  shape: readonly number[];
}

export interface Attribution {
  text: string;
  licence: string;
  url?: string;
}

/** What the files of a set call its rows, and where a row lies in them: kept beside the set, and no part of its digest. */
export interface RowSources {
  /** [N] path or name in the source; "" where it has none. */
  readonly names?: readonly string[];
  /**
   * [N] places in the source, counted from 0 through all of its files, where the set's own split gave its rows another
   * order.
   */
  readonly places?: Int32Array;
}

/**
 * The sounds behind pictures of sounds, by the name of their row (`RowSources.names`): kept beside the set too, to be
 * played.
 */
export interface KeptSounds {
  readonly names: readonly string[];
  /** Samples a second, per sound. */
  readonly rates: readonly number[];
  /** Samples per sound. */
  readonly counts: readonly number[];
  /** All samples, one sound after the other: 16 bits with a sign, little-endian. */
  readonly samples: Blob;
}

export interface Split {
  count: number;
  /** Per view. Images are bytes 0..255 [N,H,W,C]; vectors are float32 [N,D]. */
  inputs: Readonly<Record<string, Column>>;
  /** Class numbers int32 [N]; numbers float32 [N,T]; labels bytes 0 or 1 [N,K]. */
  targets: Column;
  /** [N] 1 where an instance came with a target */
  known: Uint8Array;
  /** Names of the rows, where the set came with such. */
  sources?: RowSources;
}

/** The view of a set that has one alone. */
export const onlyView = 'input';

export type TaskId = 'classification' | 'regression' | 'multilabel';

export interface Dataset {
  /** Stable id: a bundled set's id, or "upload". */
  id: string;
  title: string;
  task: TaskId;
  inputs: Readonly<Record<string, InputSpec>>;
  target: TargetSpec;
  train: Split;
  test: Split;
  /** The test split in a second domain, where the set has one. */
  secondTest?: Split;
  /** Images of another set, brought to the size of these, for runs that take stimuli from there (`training/other-images.ts`). */
  others?: { images: Column; count: number };
  /** Another set in the place of a second domain, with the size, colours and targets of this one; no test split where it has no labels. */
  second?: { train: Split; test: Split | null };
  attribution?: Attribution;
}

/** Names of the classes; none where the target is no class. */
export function classNames({ target }: Pick<Dataset, 'target'>): string[] {
  return target.kind === 'class' ? target.names : [];
}

/** [N] class numbers of a split whose target is a class */
export function labelsOf({ targets }: Pick<Split, 'targets'>): Int32Array {
  return targets.values as Int32Array;
}

/** Targets of a split's rows, or of some of them as a run gives them to a network. */
export interface Targets {
  /** As `Split.targets`; a class number of a row without a target is -1. */
  readonly values: Column['values'];
  /** Numbers per row. */
  readonly width: number;
  /** [N] 1 where a row has a target */
  readonly known: Uint8Array;
}

export function targetsOf({ targets: { values, shape }, known }: Split): Targets {
  return { values, width: shape.reduce((product, side) => product * side, 1), known };
}

/** The targets of some rows, in their order. */
export function pickTargets({ values, width, known }: Targets, rows: Int32Array): Targets {
  const picked = values.slice(0, 0).constructor as new (length: number) => Column['values'];
  const out = new picked(rows.length * width);
  rows.forEach((row, i) => out.set(values.subarray(row * width, (row + 1) * width), i * width));
  return { values: out, width, known: Uint8Array.from(rows, (row) => known[row]!) };
}
