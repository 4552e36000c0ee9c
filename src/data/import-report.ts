/** What an import reports, asks and gives. */
import type { LabelledImages } from './labelled-images';

/** What an import did, shown before the set is used and printed by `npm run distill -- --inspect`. */
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
  /** Guesses and oddities, a sentence each. */
  warnings: string[];
  /** What was left out: the place (file, entry, line) and the cause. */
  skipped: { where: string; why: string }[];
  /** How many were left out in all; `skipped` lists the first 200. */
  skippedCount: number;
  /** One sentence for the user: what happened, and for a refusal what to do. */
  message: string;
  /** What was guessed or could be read otherwise; each can be decided by a person. */
  guesses: Guess[];
}

/** What an import guesses where the files do not say. */
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

/** What a person decided in place of guesses. What does not fit the files is passed over. */
export type ImportChoices = Readonly<Partial<Record<GuessId, string | number>>>;

/** One guess of an import, ready for a form. */
export type Guess = {
  id: GuessId;
  /** "Label column" */
  label: string;
  /** A person chose it. */
  chosen: boolean;
} & (
  | {
      kind: 'option';
      /** Null when nothing could be guessed: the files are refused until somebody chooses. */
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
  /** For a picture that a person put into a class. */
  className?: string;
}

export type ImportResult =
  | { report: ImportReport; dataset: LabelledImages }
  | { report: ImportReport; dataset: null };
