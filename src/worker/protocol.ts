/**
 * The border between page and workers: types only. Every message about a run carries its run id; plain numbers and
 * arrays cross, never a tensor.
 */
import type { Recipe } from '../distill/recipe';
import type { KnobValue } from '../distill/knobs';
import type { Dataset, ImportChoices, ImportFile, ImportReport } from '../data/dataset';
import type { BackendChoice, BackendName } from '../engine/backend-names';
import type { FaultKind } from '../storage/faults';
import type { BroughtTeacher, TeacherFile } from '../storage/schema';
import type { Phase, RunEvent, RunFacts, Learner } from '../training/events';
import type { HandOver } from '../training/hand-over';

export type RunId = string;

/** Which weights of a run: of its end (or of now, while it is on), its student's best measured, or of a saved state (its path). */
export type WeightsFrom = 'end' | 'best' | { state: string };

/** Images of the person's own; "known" when the worker was given the same ones before: copying them costs the page time. */
export type SentDataset = Dataset | 'known' | null;

/** Images of the person's own in pieces, ahead of a command that says "known": first the set without its images. */
export type DatasetPiece =
  | { type: 'dataset'; dataset: Dataset; room: { train: number; test: number } }
  | { type: 'images'; split: 'train' | 'test'; at: number; bytes: Uint8Array<ArrayBuffer> };

export type TrainingCommand =
  /** Chooses a backend (anew); answered by `backend`. */
  | { type: 'backend'; forced: BackendName | null }
  /**
   * Builds and starts a run; `dataset` is given for uploads, bundled sets are fetched by the worker. With `keep` it is
   * written down while it goes, so that it can go on after whatever breaks it off.
   */
  | { type: 'start'; run: RunId; recipe: Recipe; dataset: SentDataset; keep?: boolean }
  /** Goes on with a stored run from its last checkpoint, or back from one that was kept (its path). */
  | { type: 'continue'; run: RunId; kept?: string }
  /** Saves the run as it is now and keeps that state for good. */
  | { type: 'keep'; run: RunId }
  | { type: 'pause'; run: RunId }
  | { type: 'resume'; run: RunId }
  /** One step of a paused run. */
  | { type: 'step'; run: RunId }
  | { type: 'stop'; run: RunId }
  /** Turns a live knob; acts on the next step. */
  | { type: 'turn'; run: RunId; path: string; value: KnobValue }
  /** Asks for the weights of one learner of a run; answered by `weights`. */
  | { type: 'weights'; run: RunId; learner: Learner; from: WeightsFrom }
  /** Asks for what another program needs to go on as the current or last run does; answered by `handOver`. */
  | { type: 'handOver'; run: RunId; from: WeightsFrom }
  /** Looks at a teacher from the person's own files and keeps its weights for runs to come; answered by `brought`. */
  | { type: 'bring'; request: number; files: TeacherFile[]; recipe: Recipe; dataset: SentDataset }
  /** Asks what is known of a teacher that was brought earlier, by its checksum; answered by `brought`. */
  | { type: 'recall'; request: number; file: string }
  /** Asks what a run of this recipe would look at and cost; answered by `facts`. */
  | { type: 'inspect'; request: number; recipe: Recipe; dataset: SentDataset };

/** Why a recipe cannot be run: a sentence, and the path of the knob to look at first. */
export interface FactsProblem {
  problem: string;
  knob: string | null;
}

export type TrainingMessage =
  | { type: 'backend'; choice: BackendChoice }
  | { type: 'events'; run: RunId; events: RunEvent[] }
  /**
   * A run goes on, with the knobs as they stood: what it tells next follows on the first `chunks` chunks of its
   * stored log.
   */
  | { type: 'continued'; run: RunId; recipe: Recipe; chunks: number }
  /** A run cannot go on, a sentence. */
  | { type: 'refused'; run: RunId; text: string }
  /** How the run stands with the storage: saved up to here, or why it cannot be (null once it can again). */
  | {
      type: 'storage';
      run: RunId;
      saved: { phase: Phase; step: number } | null;
      fault: { kind: FaultKind; text: string } | null;
    }
  | { type: 'state'; run: RunId; state: RunState }
  | { type: 'weights'; run: RunId; learner: Learner; safetensors: Uint8Array | null }
  | { type: 'handOver'; run: RunId; handOver: HandOver | null }
  /** `found` is null when an earlier teacher is not kept here any more. */
  | { type: 'brought'; request: number; found: BroughtTeacher | { problem: string } | null }
  | { type: 'facts'; request: number; facts: RunFacts | FactsProblem };

/** "interrupted": it broke off without an end, and can go on if anything of it was saved. */
export type RunState = 'preparing' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed' | 'interrupted';

export type ImportCommand =
  /** Some of the files of an import that is to come; the last ones come with it. */
  | { type: 'files'; request: number; files: ImportFile[] }
  | { type: 'import'; request: number; files: ImportFile[]; choices: ImportChoices }
  /** Packs a set as a zip of class folders. */
  | { type: 'export'; request: number; dataset: Dataset }
  /** Ends an import or an export; answered by `cancelled`. */
  | { type: 'cancel'; request: number }
  /** Reads a bundled set for the page's thumbnails. */
  | { type: 'bundled'; request: number; id: string };

export type ImportMessage =
  | { type: 'progress'; request: number; text: string; share: number | null }
  /** With the name that the set will have in the storage. */
  | {
      type: 'imported';
      request: number;
      report: ImportReport;
      dataset: Dataset | null;
      name?: string;
    }
  | { type: 'exported'; request: number; zip: Blob }
  | { type: 'cancelled'; request: number }
  | { type: 'bundled'; request: number; dataset: Dataset | { problem: string } };
