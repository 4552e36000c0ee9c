/**
 * What a kind of teacher is to a run: how it comes to be (a `TeacherMaking`), and what the student is then shown of it
 * (a `Teacher`). One file per kind in this folder; their knobs and pure maths are in `distill/teachers`.
 */
import type { TraceShapes } from '../../distill/about';
import type { ImageSource, Normalisation } from '../../distill/material/images';
import type { Material } from '../../distill/material/material';
import type { Recipe } from '../../distill/recipe';
import type { LiveTensor } from '../../engine/capture/capture';
import type { tf, Tensor, Tensor2D, Tensor4D } from '../../engine/tf';
import type { NamedArray } from '../../nn/module';
import type { Network, Trace } from '../../nn/network';
import type { NetworkDescription } from '../../nn/describe';
import type { JoinedDefinition } from '../../nn/networks';
import type { OptimiserState } from '../../nn/optimisers';
import type { ImportedFiles, FetchAsset } from '../asset-readers';
import type { RunContext } from '../context';
import type { RunEvent } from '../events';
import type { View } from '../../distill/views';

/** What is known of a teacher before anything is built. */
export interface TeacherPlan {
  /** Rows of the cost sheet: every network that stands or learns behind the teacher. */
  networks: { name: string; description: NetworkDescription }[];
  /** What its trace will look like; `outputOnly` where it shows its outputs alone. */
  trace: TraceShapes;
  /** Training steps before the student's first. */
  steps: number;
  /** How images must be normalised for it, where it was trained elsewhere; else null and the run works it out. */
  normalisation: Normalisation | null;
  /** Sentences worth reading before the start. */
  notes: string[];
}

/** The part of a run's plan that a kind of teacher may look at. */
export interface TeacherSetting {
  recipe: Recipe;
  material: Material;
  source: ImageSource;
  /** [h,w,c] as networks see the images */
  input: [number, number, number];
  outputs: number;
}

/** What happened when the student's step was about to begin (see `Teacher.turn`). */
export interface TeacherAdvance {
  events: RunEvent[];
  /** A new stage of the student's training begins: its learning-rate curve starts again and spans `steps`. */
  stage?: { steps: number; resetOptimiser: boolean };
}

/** Where the student stands when a teacher may turn. */
export interface StudentProgress {
  /** Steps done, 0 before the first. */
  step: number;
  /** Steps of the whole student's phase. */
  steps: number;
  /** The student's logits [rows*C] on rows of a split, in evaluation mode. */
  studentLogits: (split: 'train' | 'test', rows: Int32Array) => Promise<Float32Array>;
}

/** What a learning teacher sees of the student's step. All constants, the caller's. */
export interface StudentStepData {
  images: Tensor4D;
  /** [B,C]; zeros without a label */
  targets: Tensor2D;
  /** Rows with a label: the first ones. */
  labelled: number;
  /** [B,C] the student's answers before its update of this step, in training mode */
  logits: Tensor;
}

/** A teacher that goes on learning beside the student (peers). */
export interface LearningTeacher {
  /** What it writes between steps; complete after the first `prepare`. */
  readonly inputs: LiveTensor[];
  /** Before a step. @param learningRate the student's */
  prepare(learningRate: number): void;
  /** After the student's update, in the caller's tidy. Returns named scalars for the charts ("peer-1/loss"). */
  step(seen: StudentStepData): Record<string, tf.Scalar>;
}

/** A teacher's numbers, as they are kept over a lost device or a closed page: plain data that can be cloned. */
export interface TeacherState {
  /** One state per network, in the order of `Teacher.networks`. */
  networks: NamedArray[][];
  optimisers?: OptimiserState[];
  /** What else the kind remembers. */
  more?: unknown;
}

export interface Teacher {
  /** Networks behind it; the first one is what “the teacher” means where one is asked for (export, its parameters). */
  readonly networks: readonly Network[];
  /** The classes of its trace [B,C]. */
  readonly outputs: number;
  /**
   * Changes whenever its answers have changed, so that what was remembered of earlier ones is void; null for a teacher
   * that changes with each step.
   */
  readonly version: number | null;
  /**
   * Trace of images [B,H,W,C] as this kind of teacher answers now: a constant, in the caller's tidy.
   * @param training whether the student is being trained on it (peers then answer with batch statistics)
   */
  trace(images: Tensor4D, training: boolean): Trace;
  /** Says what is to happen before the student's next step; called between steps. */
  advance?(moment: StudentProgress): Promise<TeacherAdvance | null>;
  /** For a teacher that learns beside the student. */
  readonly learning?: LearningTeacher;
  /** What the page draws of it at a measurement of the run. @param images [N,H,W,C] the watched ones, the caller's */
  views?(images: Tensor4D): Promise<View[]>;
  state(): Promise<TeacherState>;
  dispose(): void;
}

/** What making a teacher needs. */
export interface TeacherSetup {
  setting: TeacherSetting;
  plan: TeacherPlan;
  normalisation: Normalisation;
  context: RunContext;
  /** Reads a file of the page's own origin. */
  fetchAsset: FetchAsset;
  /** Files that the person has brought, by their checksum; null when they are not here. */
  importedFiles: ImportedFiles;
}

/** A teacher on its way: trained, recorded, loaded. */
export interface TeacherBuilder {
  /** One element per step; returns the teacher, which is the caller's. */
  ticks(): AsyncGenerator<RunEvent[], Teacher, undefined>;
  /** What the last steps have recorded, read back. */
  flush(): Promise<RunEvent[]>;
  /** Everything that the next step depends on. Plain data that can be cloned. */
  state(): Promise<unknown>;
  /** Goes on where `state` was taken of a making of the same plan; call before `ticks`. */
  restore(state: unknown): void;
  dispose(): void;
}

/** One kind of teacher. */
export interface TeacherKindModule {
  /** @throws RunFailure with a sentence and a knob when it cannot be */
  plan(setting: TeacherSetting): TeacherPlan;
  build(setup: TeacherSetup): TeacherBuilder;
  /** A made teacher from what `Teacher.state` gave. */
  restore(setup: TeacherSetup, state: TeacherState): Teacher | Promise<Teacher>;
  /** How a made teacher answers as one network, where it is one that has no name of its own (nn/network-names.ts). */
  body?(setting: TeacherSetting, state: TeacherState): JoinedDefinition;
  /**
   * For a kind whose weights alone do not say all: reads `TeacherState.more` from the text that a file of its weights
   * carries (JSON). @throws Error when it is something else
   */
  readMore?(text: string): unknown;
}
