/** What a run tells: the only channel from training to charts, files and logs. Plain data only. */
import type { BackendName } from '../engine/backend-names';
import type { KnobValue } from '../distill/knobs';
import type { Recipe } from '../distill/recipe';
import type { View } from '../distill/views';

/** Who learns: the teacher in its own phase, then the lines trained in lockstep. */
export type Learner = 'teacher' | 'student' | 'control' | 'hard';
/** The teacher comes to be; hints are prepared (paraphrasers, first maps: a prelude); the student learns. */
export type Phase = 'teacher' | 'prelude' | 'student';

/** What is known of a run before its first step. */
export interface RunFacts {
  dataset: { id: string; title: string; classes: string[]; shape: [number, number, number] };
  /**
   * Per hint the weight that the run starts with, and the published one for the images it was made for. Runs of older
   * pages do not say.
   */
  hintWeights?: { weight: number; published: number }[];
  /** Image counts after the material's knobs. */
  labelled: number;
  unlabelled: number;
  meta: number;
  validation: number;
  test: number;
  /** How many labels were made wrong. */
  wrongLabels: number;
  networks: {
    role: 'teacher' | 'student';
    name: string;
    parameters: number;
    multiplyAdds: number;
    activationBytes: number;
  }[];
  /** Extra trained parameters of hints (regressors) and of the meta network. */
  extraParameters: number;
  teacherSteps: number;
  /** Steps that hints ask for before the student's own. */
  preludeSteps: number;
  studentSteps: number;
  /** Sentences worth reading before the start: small classes, extra clean labels, ... */
  notes: string[];
}

/** One picture of the watched set, as it is seen by the student (before normalisation). */
export interface TrackedSample {
  /** Row in the training split. */
  index: number;
  /** The label the set came with. */
  trueLabel: number;
  /** The label the student is given, or -1 for none. */
  givenLabel: number;
}

export interface TrackedSamples {
  images: TrackedSample[];
  height: number;
  width: number;
  channels: number;
  /** [N*H*W*C] bytes, for pictures */
  pixels: Uint8Array;
}

/** Per-instance numbers of the watched set at one moment; arrays are [N] or [N*C] or [N*H] in the set's order. */
export interface InstanceSnapshot {
  step: number;
  /** [N] per named loss: "ce", then one per hint key */
  losses: Record<string, number[]>;
  /** Hint weights [N] per hint key, as they would be used now; empty for a run without hints. */
  weights: Record<string, number[]>;
  /** Spread of each weight's history [N] per hint key (hint-dynamic only). */
  spreads: Record<string, number[]>;
  /** Class probabilities [N*C] at temperature 1 */
  probabilities: Partial<Record<Learner, number[]>>;
}

/** Counts of (true class, answered class), row-major [C*C]. */
export type Confusion = number[];

/** The images of a measurement one by one, so that a cell of a confusion matrix can show its own. */
export interface MeasuredSamples {
  /** [N] rows in the split of the data set that was measured on: the test split, or the training split for validation. */
  rows: Int32Array;
  /** [N] true classes */
  labels: Uint16Array;
  /** [N] predicted classes per learner */
  predicted: Partial<Record<Learner, Uint16Array>>;
}

/** How the steps of a phase are carried out. */
export interface EngineFacts {
  /** Whether steps are recorded once and replayed. */
  recorded: boolean;
  /** A sentence that says why, or why not. */
  why: string;
  /** Compute dispatches per step, where steps are recorded. */
  dispatches: number | null;
  /** Kernels that recorded steps use. */
  kernels: number;
  /** Memory that recordings take on the device, beside the tensors that `speed` tells of. */
  bytes: number;
  /** Where batches are put together, and whether the teacher is asked anew for each: a sentence each. */
  notes: string[];
}

/** A run went on with another backend: from a step on it differs in the last digits. */
export interface BackendMove {
  phase: Phase;
  /** The first one on the other backend. */
  step: number;
  from: BackendName;
  to: BackendName;
}

export type RunEvent =
  | { type: 'started'; recipe: Recipe; facts: RunFacts; watched: TrackedSamples; hintKeys: string[] }
  /**
   * What carries the run out from here on; told at its start, when it goes on, and after a change. `move`: it is another
   * one than before.
   */
  | { type: 'backend'; name: BackendName; device: string; move?: BackendMove }
  | { type: 'phase'; phase: Phase; steps: number; text: string }
  /** How far something is that holds the steps up (compiling); `share` 0..1, 1 when it is done. */
  | { type: 'progress'; phase: Phase; text: string; share: number }
  /** `values`: "total", "ce", one per hint raw ("kd"), weighted ("kd·w"), "control", probes ("meta/before", ...). */
  | { type: 'step'; phase: Phase; step: number; learningRate: number; values: Record<string, number> }
  | {
      type: 'evaluation';
      phase: Phase;
      step: number;
      /** What `accuracy` was measured on. */
      split: 'validation' | 'test';
      images: number;
      /** 0..1 per learner */
      accuracy: Partial<Record<Learner, number>>;
      /** On the labelled training images (or a fixed sample of them), 0..1 per learner */
      trainAccuracy: Partial<Record<Learner, number>>;
      confusion: Partial<Record<Learner, Confusion>>;
      /** Mean loss on the same images. */
      loss: Partial<Record<Learner, number>>;
      /** Missing in the teacher's own training, in runs of older pages, and in all but the last measurement of a stored chunk. */
      samples?: MeasuredSamples;
    }
  | { type: 'instances'; snapshot: InstanceSnapshot }
  /** Pictures of what is particular to a teacher or a hint, as they are after a step. */
  | { type: 'views'; phase: Phase; step: number; views: View[] }
  | { type: 'knob'; phase: Phase; step: number; path: string; label: string; from: KnobValue; to: KnobValue }
  | { type: 'warning'; step: number; text: string }
  | { type: 'speed'; stepsPerSecond: number; tensors: number; bytes: number }
  | { type: 'engine'; phase: Phase; step: number; engine: EngineFacts }
  | {
      type: 'finished';
      step: number;
      stopped: boolean;
      /** Accuracy on the whole test split, 0..1 */
      final: Partial<Record<Learner, number>>;
      /** Per class, [C] per learner */
      perClass: Partial<Record<Learner, number[]>>;
      seconds: number;
    }
  | { type: 'failed'; step: number; phase: Phase; message: string; knob: string | null };
