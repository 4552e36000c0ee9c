/** Types of an import's result: report, guesses and choices. */
import type { LabelledImages } from './labelled-images';

/** What an import did. The page shows it before the set is used; `npm run distill -- --inspect` prints it. */
export interface ImportReport {
  outcome: 'loaded' | 'partial' | 'refused';
  /** Plain name of the format: "zip of class folders", "IDX", "CSV", "NPZ", "NPY pair", "CIFAR-10 binary", ... */
  format: string;
  train: number;
  test: number;
  /** [height, width, channels] */
  shape: [number, number, number] | null;
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

/** Decisions that an import guesses when the files do not state them. */
export type GuessId =
  | 'imageHeight'
  | 'imageWidth'
  | 'colour'
  | 'values'
  | 'transpose'
  | 'rowLayout'
  | 'background'
  | 'labelColumn'
  | 'labels'
  | 'classLevel'
  | 'split'
  | 'testShare'
  | 'seed'
  | 'validation';

/** The user's choices in place of guesses. Choices that do not fit the files are ignored. */
export type ImportChoices = Readonly<Partial<Record<GuessId, string | number>>>;

/** One guess of an import, ready for a form. */
export type Guess = {
  id: GuessId;
  /** "Label column" */
  label: string;
  /** The value is the user's choice. */
  chosen: boolean;
} & (
  | {
      kind: 'option';
      /** Null when nothing could be guessed: the files are refused until the user chooses. */
      value: string | null;
      options: { value: string; text: string }[];
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
  | { report: ImportReport; dataset: LabelledImages }
  | { report: ImportReport; dataset: null };
