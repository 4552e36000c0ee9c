/**
 * The border between the page and the training worker: types only. Every message about a run carries its run id; plain
 * numbers and arrays cross, never a tensor.
 */
import type { Recipe } from '../distill/recipe';
import type { KnobValue } from '../distill/knobs';
import type { MethodView } from '../distill/views';
import type { BackendChoice, BackendName } from '../engine/backend-names';
import type { FaultKind } from '../storage/faults';
import type { OwnSetRef, SetRef } from '../storage/image-set';
import type { ImportedTeacher } from '../storage/schema';
import type { HeldTeacher } from '../storage/stored-teachers';
import type { Phase, RunEvent, RunFacts, Learner } from '../training/events';
import type { ExportBundle } from '../training/export-bundle';

export type RunId = string;

/** Which weights of a run: of its end (or of now, while it is on), its student's best measured, or of a saved state (its path). */
export type WeightsFrom = 'end' | 'best' | { state: string };

/** Why a recipe cannot be run: a sentence, and the path of the knob to look at first. */
export interface FactsProblem {
  problem: string;
  knob: string | null;
}

export type TrainingProtocol = {
  /** Each rejects with a sentence. */
  calls: {
    /** Chooses a backend (anew). */
    backend: { takes: { forced: BackendName | null }; gives: BackendChoice };
    /**
     * Builds and starts a run; `dataset` names a set of the person's own, bundled ones are named by the recipe. With
     * `keep` it is written down while it goes, so that it can go on after whatever breaks it off.
     */
    start: { takes: { run: RunId; recipe: Recipe; dataset: OwnSetRef | null; keep?: boolean }; gives: void };
    /** Goes on with a stored run from its last checkpoint, or back from one that was kept (its path). */
    continue: { takes: { run: RunId; kept?: string }; gives: void };
    /** The weights of one learner of a run as a safetensors file; null when there are none. */
    weights: { takes: { run: RunId; learner: Learner; from: WeightsFrom }; gives: Uint8Array | null };
    /**
     * What the hints of the run at hand show of its tracked samples with the live knobs of `hints`, without a step; null
     * for another run, while steps run, and before the student's phase.
     */
    views: { takes: { run: RunId; hints: Recipe['hints'] }; gives: MethodView[] | null };
    /**
     * What another program needs to go on as a run does, and its images; of a run that is not at hand as far as it is
     * stored. Null when its weights are gone; rejects with a sentence.
     */
    exportBundle: {
      takes: { run: RunId; from: WeightsFrom };
      gives: { bundle: ExportBundle; images: SetRef } | null;
    };
    /** Looks at a teacher from the person's own files and keeps it for runs to come; `held` where it cannot be stored. */
    importTeacher: {
      takes: { files: { path: string; bytes: Blob }[]; recipe: Recipe; dataset: OwnSetRef | null };
      gives: { teacher: ImportedTeacher; held: HeldTeacher | null };
    };
    /** Gives a new worker a teacher that was brought to the one before and could not be stored. */
    restoreTeacher: { takes: HeldTeacher; gives: void };
    /** What of these the worker has open, by their digests: for when the storage was cleared. */
    lend: {
      takes: { set: string | null; teacher: string | null };
      gives: { set: Blob | null; teacher: HeldTeacher | null };
    };
    /** What is known of a teacher that was brought earlier, by its checksum; null when it is not kept here any more. */
    findTeacher: { takes: { file: string }; gives: ImportedTeacher | null };
    /** What a run of this recipe would look at and cost. */
    inspect: { takes: { recipe: Recipe; dataset: OwnSetRef | null }; gives: RunFacts | FactsProblem };
  };
  part: never;
  gathered: never;
  command: TrainingCommand;
  event: TrainingEvent;
};

/** What acts on the run of the moment, at once. */
export type TrainingCommand =
  /** Saves the run as it is now and keeps that state for good. */
  | { type: 'keep'; run: RunId }
  | { type: 'pause'; run: RunId }
  | { type: 'resume'; run: RunId }
  /** One step of a paused run. */
  | { type: 'step'; run: RunId }
  | { type: 'stop'; run: RunId }
  /** Turns a live knob; acts on the next step. */
  | { type: 'turn'; run: RunId; path: string; value: KnobValue };

export type TrainingEvent =
  /** Another backend was taken, asked or not. */
  | { type: 'backend'; choice: BackendChoice }
  | { type: 'events'; run: RunId; events: RunEvent[] }
  /**
   * A run goes on, with the knobs as they stood: what it tells next follows on the first `chunks` chunks of its
   * stored log.
   */
  | { type: 'continued'; run: RunId; recipe: Recipe; chunks: number }
  /** How the run stands with the storage: saved up to here, or why it cannot be (null once it can again). */
  | {
      type: 'storage';
      run: RunId;
      saved: { phase: Phase; step: number } | null;
      fault: { kind: FaultKind; text: string } | null;
    }
  | { type: 'state'; run: RunId; state: RunStatus };

/** "interrupted": it broke off without an end, and can go on if anything of it was saved. */
export type RunStatus =
  | 'preparing'
  | 'running'
  | 'paused'
  | 'finished'
  | 'stopped'
  | 'failed'
  | 'interrupted';
