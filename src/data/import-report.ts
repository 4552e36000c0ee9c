/** Types of an import's result: report, guesses and choices. */
import type { Dataset, KeptSounds } from './dataset';

/** What an import did. The page shows it before the set is used; `npm run distill -- --inspect` prints it. */
export interface ImportReport {
  outcome: 'loaded' | 'partial' | 'refused';
  /** Plain name of the format: "zip of class folders", "IDX", "CSV", "NPZ", "NPY pair", "CIFAR-10 binary", ... */
  format: string;
  train: number;
  test: number;
  /** [height, width, channels] of images */
  shape: [number, number, number] | null;
  /** Of a loaded set. */
  inputs?: Dataset['inputs'];
  target?: Dataset['target'];
  /** What became of each column of a table. */
  columns?: ColumnReport[];
  /** None where the target is no class. */
  classes: string[];
  trainCounts: number[];
  testCounts: number[];
  /** Notes and data warnings, one sentence each. */
  warnings: string[];
  /** What was left out: the place (file, entry, line) and the cause. */
  skipped: { where: string; why: string }[];
  /** Total number left out; `skipped` lists the first 200. */
  skippedCount: number;
  /** One sentence for the user: what happened, and for a refusal what to do. */
  message: string;
  /** Decisions where the files allow several readings; the user can change each. */
  guesses: Guess[];
}

/** What became of a column of a table. */
export interface ColumnReport {
  name: string;
  use: 'target' | 'number' | 'category' | 'split' | 'left out';
  /** Continues the name: why it was left out, how gaps were filled. */
  note: string;
  /** The first cells, as they were read; "" for a gap. */
  cells: string[];
}

/** Rows of a table that are shown before it is used. */
export const previewRows = 5;

/** Decisions that an import guesses when the files do not state them. */
export type GuessId =
  | 'imageSize'
  | 'imageHeight'
  | 'imageWidth'
  | 'colour'
  | 'values'
  | 'transpose'
  | 'rowLayout'
  | 'background'
  | 'labelColumn'
  | 'rowsAre'
  | 'target'
  | 'targetKind'
  | 'alsoTargets'
  | 'labels'
  | 'classLevel'
  | 'domain'
  | 'labelsFrom'
  | 'labelTable'
  | 'namePattern'
  | 'splitList'
  | 'set'
  | 'severity'
  | 'perClass'
  | 'medium'
  | 'soundRate'
  | 'soundLength'
  | 'soundChannels'
  | 'soundsKept'
  | 'split'
  | 'testShare'
  | 'seed'
  | 'validation';

/**
 * The user's choices in place of guesses; several options are joined by commas. Choices that do not fit the files are
 * ignored.
 */
export type ImportChoices = Readonly<Partial<Record<GuessId, string | number>>>;

/** Small pictures that show what an option means, by group: a class, or one group without a name. */
export interface OptionSamples {
  height: number;
  width: number;
  /** Pixels are red, green, blue [height*width*3]. */
  groups: { name: string; pixels: Uint8Array[] }[];
}

export interface GuessOption<V extends string = string> {
  value: V;
  text: string;
  samples?: OptionSamples;
  /** Of an option that is a size of images: its sides, and the bytes of the whole set in colour. */
  image?: { height: number; width: number; bytes: number };
}

/** One guess of an import, ready for a form. */
export type Guess = {
  id: GuessId;
  /** "Label column" */
  label: string;
  /** The value is the user's choice. */
  chosen: boolean;
  /** The files allow other answers as well as this one, so the user should look at it. */
  open?: boolean;
} & (
  | {
      kind: 'option';
      /** Null when nothing could be guessed: the files are refused until the user chooses. */
      value: string | null;
      options: GuessOption[];
    }
  | {
      kind: 'several';
      value: string[];
      options: GuessOption[];
    }
  | {
      kind: 'number';
      value: number;
      min: number;
      max: number;
      /** "pixels", "%"; empty for a plain number. */
      unit: string;
    }
);

/** A named piece of an import: a dropped file, or a file inside a dropped folder (path with '/'). */
export interface ImportFile {
  path: string;
  bytes: Blob;
  /** Class of a picture that the user sorted on the page. */
  className?: string;
}

export type ImportResult =
  /** With the sounds behind the pictures, where they are kept. */
  { report: ImportReport; dataset: Dataset; sounds?: KeptSounds } | { report: ImportReport; dataset: null };
