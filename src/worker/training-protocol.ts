/**
 * The border between the page and the training worker: types only. Every message about a run carries its run id; plain
 * numbers and arrays cross, never a tensor.
 */
import type { Recipe } from '../distill/recipe';
import type { KnobValue } from '../distill/knobs';
import type { MethodView } from '../distill/views';
import type { BackendChoice, BackendName } from '../engine/backend-names';
import type { FaultKind } from '../storage/faults';
import type { OwnSetRef, SetRef } from '../storage/set-handle';
import type { ImportedTeacher } from '../storage/schema';
import type { HeldTeacher } from '../storage/stored-teachers';
import type {
  Latencies,
  Learner,
  Phase,
  RunEvent,
  RunFacts,
  SetAnswers,
  TestPredictions,
} from '../training/events';
import type { ExportBundle } from '../training/export-bundle';
import type { LoadedBack, ModelCheck, ModelScores } from '../training/onnx/about';
import type { OutsideMetrics } from '../record/outside-metrics';
import type { MetricsLabel } from '../record/run-metrics';
import type { CellOutcome } from './cell-run';

export type RunId = string;

/** Weights of a run: at its end (or now, while it runs), the student's best, or of a checkpoint (its path). */
export type WeightsFrom = 'end' | 'best' | { state: string };

/** Why a recipe cannot be run: a sentence, and the path of the knob to change. */
export interface FactsProblem {
  problem: string;
  knob: string | null;
}

/**
 * How a run is carried out as a cell of an experiment: only the student's last weights stay with it, its latency is not
 * measured, because others compute, and its events stay in the worker, which tells how far it is and what came of it.
 */
export interface CellOrder {
  /** For its `metrics.json`, which comes with its outcome then; null where nobody wants it. */
  label: MetricsLabel | null;
}

export type TrainingProtocol = {
  /** Each rejects with a sentence. */
  calls: {
    /** Chooses a backend (again). `threads` of WebAssembly: as many as are of use where it is left out. */
    backend: { takes: { forced: BackendName | null; threads?: number | undefined }; gives: BackendChoice };
    /**
     * Builds and starts a run; `dataset` names a user's data set, the recipe names a bundled one. With `keep` it is stored
     * while it runs, so that it can be continued after an interruption; `late`: nothing is stored before its first checkpoint,
     * for who takes its result and removes it. `cell`: it is one of an experiment.
     */
    start: {
      takes: {
        run: RunId;
        recipe: Recipe;
        dataset: OwnSetRef | null;
        keep?: boolean;
        late?: boolean;
        cell?: CellOrder;
      };
      gives: void;
    };
    /** Continues a stored run from its last checkpoint, or from one that was kept (its path); `cell` as in `start`. */
    continue: { takes: { run: RunId; kept?: string; cell?: CellOrder }; gives: void };
    /** The weights of one learner of a run as a safetensors file; null when there are none. */
    weights: { takes: { run: RunId; learner: Learner; from: WeightsFrom }; gives: Uint8Array | null };
    /**
     * What the hints of the run at hand show of its tracked samples with the live knobs of `hints`, without a step; null
     * for another run, while steps run, and before the student's phase.
     */
    views: { takes: { run: RunId; hints: Recipe['hints'] }; gives: MethodView[] | null };
    /**
     * Measures how long the networks of the run at hand take to answer, however long that takes: when it rests, and no
     * other worker computes. Null for another run, while steps run, and before the student's phase.
     */
    measureLatency: { takes: { run: RunId; batch?: number }; gives: Latencies | null };
    /** What the networks of the run at hand put out for the test split; null as above. */
    testPredictions: { takes: { run: RunId }; gives: TestPredictions | null };
    /**
     * What the network of a learner puts out for the whole set; of a run that is not at hand as far as it is stored. Null when
     * its weights are gone, and while steps run; rejects with a sentence.
     */
    answers: { takes: { run: RunId; learner: Learner; from: WeightsFrom }; gives: SetAnswers | null };
    /** What a saved model of a learner is held against; as `answers`. */
    modelCheck: { takes: { run: RunId; learner: Learner; from: WeightsFrom }; gives: ModelCheck | null };
    /**
     * How far a model that was saved for TensorFlow.js, loaded back, is from its network; null where it is several. `check`: of
     * that network.
     */
    compareTfjs: {
      takes: { zip: Uint8Array<ArrayBuffer>; feed: 'pixels' | 'normalised'; check: ModelCheck };
      gives: LoadedBack | null;
    };
    /** Scores of models from what they answer to the test instances of the check, [M*outputs] each. */
    modelScores: {
      takes: { run: RunId; learner: Learner; from: WeightsFrom; answered: Float32Array[] };
      gives: ModelScores;
    };
    /**
     * What another program needs to go on as a run does, and its data set; of a run that is not at hand as far as it is
     * stored. Null when its weights are gone; rejects with a sentence.
     */
    exportBundle: {
      takes: { run: RunId; from: WeightsFrom };
      gives: { bundle: ExportBundle; set: SetRef } | null;
    };
    /**
     * The same of a recipe before its first step, as an experiment leaves: its teacher is taken from those that are kept, or
     * trained. `run`: a stored one of the recipe, whose student goes along. Rejects with a sentence.
     */
    cellBundle: {
      takes: { recipe: Recipe; dataset: OwnSetRef | null; run: RunId | null };
      gives: { bundle: ExportBundle; set: SetRef };
    };
    /**
     * Inspects and stores a teacher from a user's files; `held` is its copy where it cannot be stored. `as`: of files that
     * were made of another one, what it is called, and what is known of it.
     */
    importTeacher: {
      takes: {
        files: { path: string; bytes: Blob }[];
        recipe: Recipe;
        dataset: OwnSetRef | null;
        as?: { id: string; name: string; note: string };
      };
      gives: { teacher: ImportedTeacher; held: HeldTeacher | null };
    };
    /**
     * Makes a network of a run a teacher as if it had come in files: its weights, or its answers on the set where a teacher
     * cannot be made of these. @throws a sentence when its weights are gone, or do not fit the data set
     */
    teacherOfRun: {
      takes: {
        run: RunId;
        learner: Learner;
        from: WeightsFrom;
        /** Of the teacher, for the user. */
        name: string;
        recipe: Recipe;
        dataset: OwnSetRef | null;
      };
      gives: { teacher: ImportedTeacher; held: HeldTeacher | null };
    };
    /** Gives a new worker an imported teacher that could not be stored. */
    restoreTeacher: { takes: HeldTeacher; gives: void };
    /** The data set and the teacher that the worker has in memory, by digest, to store them again after the storage was cleared. */
    lend: {
      takes: { set: string | null; teacher: string | null };
      gives: { set: Blob | null; teacher: HeldTeacher | null };
    };
    /** Description of an imported teacher by its checksum; null when it is no longer stored. */
    findTeacher: { takes: { file: string }; gives: ImportedTeacher | null };
    /**
     * Stores a run that was trained by another program: its curves from its file, the rest measured on its weights.
     * @throws a sentence where its parts and the data set do not belong together, or it cannot be stored
     */
    takeOutsideRun: {
      takes: {
        run: RunId;
        metrics: OutsideMetrics;
        dataset: OwnSetRef | null;
        /** Files of weights. */
        student: Blob | null;
        teacher: Blob | null;
      };
      gives: void;
    };
    /** Data, networks and cost of a run of this recipe. */
    inspect: { takes: { recipe: Recipe; dataset: OwnSetRef | null }; gives: RunFacts | FactsProblem };
  };
  part: never;
  gathered: never;
  command: TrainingCommand;
  event: TrainingEvent;
};

/** Commands for the present run, without an answer. */
export type TrainingCommand =
  /** Saves a checkpoint and keeps it for good. */
  | { type: 'keep'; run: RunId }
  | { type: 'pause'; run: RunId }
  | { type: 'resume'; run: RunId }
  /** One step of a paused run. */
  | { type: 'step'; run: RunId }
  | { type: 'stop'; run: RunId }
  /** Turns a live knob; acts on the next step. */
  | { type: 'turn'; run: RunId; path: string; value: KnobValue };

export type TrainingEvent =
  /** Another backend is in use, by request or not. */
  | { type: 'backend'; choice: BackendChoice }
  | { type: 'events'; run: RunId; events: RunEvent[] }
  /**
   * A run is continued, with its knobs at the checkpoint: its next events follow the first `chunks` chunks of its stored
   * log.
   */
  | { type: 'continued'; run: RunId; recipe: Recipe; chunks: number }
  /** State of the storage of the run: the last checkpoint, or why it cannot be saved (null once it can again). */
  | {
      type: 'storage';
      run: RunId;
      saved: { phase: Phase; step: number } | null;
      fault: { kind: FaultKind; text: string } | null;
    }
  /** How far a cell is: steps of all phases, and the last one of the student. */
  | { type: 'progress'; run: RunId; phase: Phase; done: number; total: number; step: number }
  /** What came of a cell. */
  | { type: 'cell'; run: RunId; end: Ending }
  | { type: 'state'; run: RunId; state: RunStatus };

export interface CellEnd {
  outcome: CellOutcome;
  /** Where it was asked for. */
  metrics: Uint8Array<ArrayBuffer> | null;
}

/** Without an outcome, why: a sentence. */
export type Ending = CellEnd | { failure: string };

/** "interrupted": ended without a result; it can be continued if a checkpoint was saved. */
export type RunStatus =
  | 'preparing'
  | 'running'
  | 'paused'
  | 'finished'
  | 'stopped'
  | 'failed'
  | 'interrupted';
