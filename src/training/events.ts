/** Events of a run: the only channel from training to charts, files and logs. Plain data; keys and type names are stored. */
import type { BackendName } from '../engine/backend-names';
import type { TargetSpec, TaskId } from '../data/dataset';
import type { KnobValue } from '../distill/knobs';
import type { Recipe } from '../distill/recipe';
import type { View } from '../distill/views';
import type { ReliabilityBins } from '../nn/calibration';

export type { ReliabilityBins };

/**
 * The learners: the teacher in its own phase, then the lines that are trained in lockstep. For a student in low precision
 * `full` is its twin in full precision, and `rounded` the twin rounded afterwards, which does not learn.
 */
export type Learner = 'teacher' | 'student' | 'control' | 'hard' | 'full' | 'rounded';
/** The teacher is built; pictures are generated; hints are initialised (paraphrasers, FitNets stage 1); the student learns. */
export type Phase = 'teacher' | 'generator' | 'prelude' | 'student';

/** A value per learner that has one. */
export type ByLearner<T> = Partial<Record<Learner, T>>;
/** Scores by their id in the task (`distill/tasks/about.ts`): "accuracy", or "mae", "rmse", "r2". */
export type Scores = Readonly<Record<string, ByLearner<number>>>;

/** Facts of a run before its first step. */
export interface RunFacts {
  /** What is asked; missing in runs of older page versions, which knew classification alone. */
  task?: TaskId;
  /** Names of the numbers or labels that are asked for, each with a unit ("" for none); missing where classes are. */
  targets?: { names: string[]; units: string[] };
  dataset: {
    id: string;
    title: string;
    /** None where the target is no class. */
    classes: string[];
    shape: readonly [number, number, number] | readonly [number];
  };
  /**
   * Per hint the weight at the start of the run, and the published one for the paper's image size. Missing in runs of older
   * page versions.
   */
  hintWeights?: { weight: number; published: number }[];
  /** Of a run that was trained by another program: where, as that says ("PyTorch 2.1 on cuda"). */
  trainedIn?: string;
  /** Image counts after the material's knobs. */
  labelled: number;
  unlabelled: number;
  /** Where the unlabelled ones are generated during the run: whether they are given labels. */
  generated?: 'labelled' | 'unlabelled';
  meta: number;
  validation: number;
  test: number;
  /** Number of labels changed by label noise. */
  wrongLabels: number;
  networks: {
    role: 'teacher' | 'student';
    name: string;
    parameters: number;
    multiplyAdds: number;
    activationBytes: number;
    /** Of the largest map of a batch and of the largest parameter; missing in runs of older page versions. */
    largestBytes?: { map: number; parameter: number };
    /** Of all trained numbers, of a network in low precision. */
    bits?: number;
  }[];
  /** Extra trained parameters of hints (regressors) and of the meta network. */
  extraParameters: number;
  teacherSteps: number;
  /** Steps in which pictures are generated, at most; missing where none are. */
  generatorSteps?: number;
  /** Steps of the initialisation stage of hints, before the student's own. */
  preludeSteps: number;
  studentSteps: number;
  /** Bytes on the device, estimated (`training/memory-need.ts`); missing in runs of older page versions. */
  memory?: number;
  /** Sentences worth reading before the start: small classes, extra clean labels, ... */
  notes: string[];
}

/** A tracked sample, as the student sees it (before normalisation). */
export interface TrackedSample {
  /** Row in the training split. */
  index: number;
  /** The data set's label; -1 where there is none, or the target is no class. */
  trueLabel: number;
  /** The label given to the student, or -1 for none. */
  givenLabel: number;
  /** What the set's own files call it. */
  name?: string;
}

export interface TrackedSamples {
  images: TrackedSample[];
  height: number;
  width: number;
  channels: number;
  /** [N*H*W*C] bytes, for pictures; none for rows of a table */
  pixels: Uint8Array;
  /** As the student sees them, where it is shown another view than the teacher, whose pictures the others are then. */
  student?: Pick<TrackedSamples, 'height' | 'width' | 'channels' | 'pixels'>;
  /** Rows of a table in place of pictures: [N*names], as the file has them. */
  vectors?: { names: string[]; values: Float32Array };
  /** Targets that are no classes, [N*T] in the order of `RunFacts.targets`; NaN where there is none. */
  targets?: { truth: Float32Array; given: Float32Array };
}

/** Per-instance numbers of the tracked samples at one step; arrays are [N], [N*C] or [N*H] in their order. */
export interface InstanceSnapshot {
  step: number;
  /** [N] per named loss: the task's own ("ce", "mse", "bce"), then one per hint key */
  losses: Record<string, number[]>;
  /** Hint weights [N] per hint key at this step; empty for a run without hints. */
  weights: Record<string, number[]>;
  /** Spread of each weight's history [N] per hint key (hint-dynamic only). */
  spreads: Record<string, number[]>;
  /** Class probabilities [N*C] at temperature 1; empty for other tasks. */
  probabilities: ByLearner<number[]>;
  /** For other tasks: [N*T] numbers in the target's unit, or the probability of each label. */
  answers?: ByLearner<number[]>;
  /** How near the student is to the teacher [N], by score id ("agreement", "kl", "difference"); missing without a teacher. */
  fidelity?: Record<string, number[]>;
}

/** What is measured beside the task's scores; missing in runs of older page versions. */
export interface FurtherScores {
  /** By the ids of `TaskAbout.further`. */
  further?: Scores;
  /** Confidence against correctness; missing for numbers, and in all but the last measurement of a stored chunk. */
  reliability?: ByLearner<ReliabilityBins>;
  /** Scores against the teacher within each class, label or number, by id; NaN for a class without rows. */
  fidelity?: Readonly<Record<string, ByLearner<number[]>>>;
}

/**
 * Gradients of each loss by the student's parameters on one fixed batch, as they enter the step (with their weights), by
 * loss: the task's own ("ce") and the hint keys.
 */
export interface GradientNumbers {
  /** Euclidean norms. */
  norms: Record<string, number>;
  /** Cosine of the angle to the gradient of the task's own loss, by hint key; missing where one of the two is zero. */
  cosines: Record<string, number>;
}

/** What a network costs, whatever it has learned. */
export interface Cost {
  parameters: number;
  /** Of one instance. */
  multiplyAdds: number;
  /** Of the weights: four a parameter, or as many bits as a network in low precision needs. */
  bytes: number;
}

/** Milliseconds of forward passes of a network, the outputs read back: medians. */
export interface Latency {
  /** Of one instance. */
  one: number;
  /** Of a batch; null where it would have taken too long. */
  batch: number | null;
}

export interface Latencies {
  backend: BackendName;
  device: string;
  /** Instances of the batch. */
  batch: number;
  /** Timed passes behind each median. */
  repeats: number;
  /** When, in milliseconds since 1970; missing in runs of older page versions. */
  at?: number;
  networks: ByLearner<Latency>;
}

/** Counts of (true class, predicted class), row-major [C*C]. */
export type Confusion = number[];

/** The images of a measurement one by one, so that a cell of a confusion matrix can show its own. */
export interface MeasuredSamples {
  /** [N] rows in the split of the data set that was measured on: the test split, or the training split for validation. */
  rows: Int32Array;
  /** [N] true classes */
  labels: Uint16Array;
  /** [N] predicted classes per learner */
  predicted: ByLearner<Uint16Array>;
}

/** Targets of a measurement beside the answers, one by one: numbers in their unit, or labels beside their probabilities. */
export interface MeasuredAnswers {
  /** [N] rows in the split, as in `MeasuredSamples` */
  rows: Int32Array;
  /** [N*T] */
  targets: Float32Array;
  /** [N*T] per learner */
  answered: ByLearner<Float32Array>;
}

/** What the networks of a run put out for the whole test split, in its order. */
export interface TestPredictions {
  /** [N*width] class numbers (-1 for none), or the numbers or labels. */
  targets: Float64Array;
  width: number;
  /** Numbers that a network puts out for an instance. */
  outputs: number;
  /** Of numbers: a network's answer in the target's unit is output * deviation + mean. Null for other tasks. */
  scale: { mean: readonly number[]; deviation: readonly number[] } | null;
  /** [N*outputs]: logits, or numbers in deviations from their mean */
  byLearner: ByLearner<Float32Array>;
}

/** What one network of a run puts out for every instance of its set. */
export interface SetAnswers {
  /** Of the outputs: classes, labels or numbers. */
  names: string[];
  target: TargetSpec['kind'];
  /** As in `TestPredictions`. */
  scale: { mean: number[]; deviation: number[] } | null;
  /** [N*outputs] logits, or numbers in deviations from their mean; a recorded teacher may have none for the test split. */
  train: Float32Array;
  test: Float32Array | null;
}

/** How the steps of a phase run. */
export interface EngineFacts {
  /** Whether steps are recorded once and replayed. */
  recorded: boolean;
  /** Why, or why not, a sentence. */
  why: string;
  /** Compute dispatches per step, where steps are recorded. */
  dispatches: number | null;
  /** Kernels that recorded steps use. */
  kernels: number;
  /** Bytes of the recordings on the device, beside the tensors of `speed`. */
  bytes: number;
  /** Where batches are assembled, and whether teacher traces are cached: a sentence each. */
  notes: string[];
}

/** A move to another backend: from its step on numbers differ in the last digits. */
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
   * The backend from here on; emitted at the start, when a run is continued, and after a change. `move`: it differs from the
   * one before.
   */
  | { type: 'backend'; name: BackendName; device: string; move?: BackendMove }
  | { type: 'phase'; phase: Phase; steps: number; text: string }
  /** Progress of work that delays the steps (compiling); `share` 0..1, 1 when it is done. */
  | { type: 'progress'; phase: Phase; text: string; share: number }
  /** `values`: "total", the task's own loss ("ce", "mse", "bce"), one per hint raw ("kd"), weighted ("kd·w"), "control", probes ("meta/before", ...). */
  | { type: 'step'; phase: Phase; step: number; learningRate: number; values: Record<string, number> }
  | ({
      type: 'evaluation';
      phase: Phase;
      step: number;
      /** Split of `scores`. */
      split: 'validation' | 'test';
      images: number;
      /** Logs store that of classification as `accuracy` and `trainAccuracy`, without its id. */
      scores: Scores;
      /** On the labelled training images, or a fixed sample of them. */
      trainScores: Scores;
      /** On the test images in the second domain; missing where the set has one domain. */
      secondDomain?: Scores;
      /** Scores of each number or label, in the order of `RunFacts.targets`; missing for classes. */
      perTarget?: Readonly<Record<string, ByLearner<number[]>>>;
      confusion: ByLearner<Confusion>;
      /** Mean loss on the same images. */
      loss: ByLearner<number>;
      /** Missing in the teacher's own training, in runs of older pages, and in all but the last measurement of a stored chunk. */
      samples?: MeasuredSamples;
      /** As `samples`, for numbers and several labels. */
      answers?: MeasuredAnswers;
      /** Where the recipe asks for them. */
      gradients?: GradientNumbers;
    } & FurtherScores)
  | { type: 'instances'; snapshot: InstanceSnapshot }
  /** Views of the teacher and of hints after a step. */
  | { type: 'views'; phase: Phase; step: number; views: View[] }
  | { type: 'knob'; phase: Phase; step: number; path: string; label: string; from: KnobValue; to: KnobValue }
  | { type: 'warning'; step: number; text: string }
  | { type: 'speed'; stepsPerSecond: number; tensors: number; bytes: number }
  | { type: 'engine'; phase: Phase; step: number; engine: EngineFacts }
  /** How long training took, in seconds: making the teacher, and the student's phase without the final measurement. */
  | { type: 'times'; seconds: { teacher: number; student: number } }
  /** Measured on the networks of this run while no step runs; the last one counts. */
  | { type: 'latency'; latencies: Latencies }
  | ({
      type: 'finished';
      step: number;
      stopped: boolean;
      /** The task's first score on the whole test split. */
      final: ByLearner<number>;
      /** All of its scores; missing in runs of older page versions. */
      scores?: Scores;
      /** Accuracy per class, [C] per learner; empty for other tasks. */
      perClass: ByLearner<number[]>;
      /** All scores on the whole test split in the second domain, where there is one. */
      secondDomain?: Scores;
      /** As in an evaluation. */
      perTarget?: Readonly<Record<string, ByLearner<number[]>>>;
      /** The task's first score of one and the same answer to every test instance. */
      constant?: number;
      seconds: number;
    } & FurtherScores)
  | { type: 'failed'; step: number; phase: Phase; message: string; knob: string | null };
