/**
 * The interface of all kinds of teachers. A kind plans a teacher, builds it (`TeacherBuilder`) or restores it, and a
 * `Teacher` answers batches and may advance between the student's steps. One file per kind in this folder; knobs and pure
 * maths of the kinds are in `distill/teachers`.
 */
import type { InputShape } from '../../nn/describe';
import type { TraceShapes } from '../../distill/about';
import type { InputSource, Normalisation } from '../../distill/modalities/input-source';
import type { Material } from '../../distill/material/material';
import type { Recipe } from '../../distill/recipe';
import type { LiveTensor } from '../../engine/capture/capture';
import type { tf, Tensor, Tensor2D } from '../../engine/tf';
import type { NamedArray } from '../../nn/module';
import type { Network, Trace } from '../../nn/network';
import type { NetworkDescription } from '../../nn/describe';
import type { JoinedDefinition } from '../../nn/networks/define-network';
import type { OptimiserState } from '../../nn/optimisers';
import type { ImportedFiles, FetchAsset } from '../asset-readers';
import type { RunContext } from '../context';
import type { RunEvent } from '../events';
import type { TeacherSlots } from '../stopped-state';
import type { ExportBundle, NetworkParts } from '../export-bundle';
import type { View } from '../../distill/views';
import type { RecordedPart } from './recorded-teacher';

/** Facts of a teacher before it is built. */
export interface TeacherPlan {
  /** Every network of the teacher, for the cost table. */
  networks: { name: string; description: NetworkDescription }[];
  /** What its trace will look like; `outputOnly` where it shows its outputs alone. */
  trace: TraceShapes;
  /** Training steps of the teacher, all before the student's first. */
  steps: number;
  /** Normalisation that a pretrained teacher needs; null to compute it from the training images. */
  normalisation: Normalisation | null;
  /** Whether it has learned other targets than the set's: its features are shown, its outputs say nothing. Left out for no. */
  featuresOnly?: true;
  /**
   * Whether instances with and without a label are two domains: networks see them one after the other, each with batch
   * statistics of their own. Left out for no.
   */
  apart?: true;
  /** Sentences shown before the start. */
  notes: string[];
}

/** The part of a run's plan that a kind of teacher may look at. */
export interface TeacherSetting {
  recipe: Recipe;
  material: Material;
  /** Of the view that the teacher sees. */
  source: InputSource;
  /** [h,w,c] as the teacher sees the images */
  input: InputShape;
  outputs: number;
}

/** Result of `Teacher.advance`. */
export interface TeacherAdvance {
  events: RunEvent[];
  /** A new stage of the student's training begins: its learning-rate curve starts again and spans `steps`. */
  stage?: { steps: number; resetOptimiser: boolean };
}

/** The student's position when a teacher may advance. */
export interface StudentProgress {
  /** Steps done, 0 before the first. */
  step: number;
  /** Steps of the whole student's phase. */
  steps: number;
  /** The student's logits [rows*C] on rows of a split, in evaluation mode. */
  studentLogits: (split: 'train' | 'test', rows: Int32Array) => Promise<Float32Array>;
}

/** Data of a step for a learning teacher. Constants, owned by the caller. */
export interface SharedStepData {
  /** In the teacher's view. */
  inputs: Tensor;
  /** [B,C]; zeros without a label */
  targets: Tensor2D;
  /** Rows with a label: the first ones. */
  labelled: number;
}

export interface StudentStepData extends SharedStepData {
  /** [B,C] the student's logits before its update of this step, in training mode */
  logits: Tensor;
  /** Of the run, 0..1. */
  progress: tf.Scalar;
}

/** The training of a teacher that learns in the student's steps (peers). */
export interface LearningTeacher {
  /** Live tensors that it writes between steps; complete after the first `prepare`. */
  readonly inputs: LiveTensor[];
  /** Before a step, counted from 1. @param learningRate the student's */
  prepare(learningRate: number, at: { step: number; steps: number }): void;
  /** Factor of the student's whole objective in this step; 1 where left out. */
  weight?(): tf.Scalar;
  /** Before the student's pass, in the caller's tidy: what is learned here is shown in this step already. */
  lead?(seen: SharedStepData): void;
  /** After the student's update, in the caller's tidy. Returns named scalars for the charts ("peer-1/loss"). */
  step(seen: StudentStepData): Record<string, tf.Scalar>;
}

/** Members of a teacher that take turns: a step shows, for each instance, what one of them answers. */
export interface TeacherTurns {
  /** Names of the members' outputs [B,C] in `Trace.more`. */
  readonly members: readonly string[];
  /** Whether each member has a copy of all data, so that the batches say whose turn it is. */
  readonly copies: boolean;
  /**
   * The member of all rows of a step, where there are no copies.
   * @param step counts from 1
   */
  memberAt(step: number): number;
}

/** A teacher's numbers in a checkpoint: plain data that can be cloned. Keys are stored. */
export interface TeacherState {
  /** One state per network, in the order of `Teacher.networks`. */
  networks: NamedArray[][];
  optimisers?: OptimiserState[];
  /** Further data of the kind. */
  more?: unknown;
}

export interface Teacher {
  /** Its networks; the first one stands for the teacher where a single network is needed (export, parameter count). */
  readonly networks: readonly Network[];
  /** Classes of its logits [B,C]. */
  readonly outputs: number;
  /**
   * Changes whenever its logits change, which makes cached traces stale; null for a teacher that changes with each step.
   */
  readonly version: number | null;
  /**
   * Trace of images [B,H,W,C], in the teacher's view (numbers of rows [B,1] where it answers by rows), at the present version: a constant, in the caller's tidy.
   * @param training whether the student is being trained on it (peers then use batch statistics)
   */
  trace(images: Tensor, training: boolean): Trace;
  /** May load other weights or begin a new stage of the student's schedule; called between steps. */
  advance?(moment: StudentProgress): Promise<TeacherAdvance | null>;
  /** Present for a teacher whose trace is a table by rows: nothing is computed, so what it shows in a step is read from there. */
  readonly recorded?: readonly RecordedPart[];
  /** It has no answers for the test split, so it is no line of its own where networks are measured. */
  readonly unmeasured?: boolean;
  /** See `TeacherPlan.featuresOnly`. */
  readonly featuresOnly?: boolean;
  /** Present for a teacher that learns in the student's steps. */
  readonly learning?: LearningTeacher;
  /** Present for a teacher whose members take turns in the student's steps; its trace is that of all together. */
  readonly turns?: TeacherTurns;
  /** Views of the teacher at an evaluation. @param images [N,H,W,C] the tracked samples in the teacher's view, owned by the caller @param rows [N] of the training split */
  views?(images: Tensor, rows: Int32Array): Promise<View[]>;
  state(): Promise<TeacherState>;
  /** Of one that learns in the student's steps: what its optimisers remember, for going on elsewhere. */
  leavingSlots?(): Promise<TeacherSlots>;
  dispose(): void;
}

/** Inputs for building or restoring a teacher. */
export interface TeacherSetup {
  setting: TeacherSetting;
  plan: TeacherPlan;
  normalisation: Normalisation;
  context: RunContext;
  /** Reads a file of the page's own origin. */
  fetchAsset: FetchAsset;
  /** Files of imported teachers, by their checksum; null when they are not stored. */
  importedFiles: ImportedFiles;
}

/** Builds a teacher step by step: trains, records or loads it. */
export interface TeacherBuilder {
  /** One element per step; returns the teacher, which the caller owns. */
  ticks(): AsyncGenerator<RunEvent[], Teacher, undefined>;
  /** Reads back the metrics of the last steps. */
  flush(): Promise<RunEvent[]>;
  /** Everything that the next step depends on, as plain data that can be cloned. */
  state(): Promise<unknown>;
  /** Continues from a `state` of a builder of the same plan; call before `ticks`. */
  restore(state: unknown): void;
  dispose(): void;
}

/** A teacher's weights as they leave the page. */
export interface LeavingParts {
  networks: readonly NamedArray[][];
  /** See `ExportBundle.route`. */
  route?: ExportBundle['route'];
  /** Why the student cannot go on elsewhere from where it stands, a sentence, though the weights leave. */
  cannotGoOn?: string;
}

/** One kind of teacher. */
export interface TeacherKindModule {
  /** @throws RunFailure with a sentence and a knob when the recipe does not fit */
  plan(setting: TeacherSetting): TeacherPlan;
  build(setup: TeacherSetup): TeacherBuilder;
  /** A finished teacher from its `Teacher.state`. */
  restore(setup: TeacherSetup, state: TeacherState): Teacher | Promise<Teacher>;
  /** How a made teacher answers as one network, where it is one that has no name of its own (nn/network-names.ts). */
  body?(setting: TeacherSetting, state: TeacherState): JoinedDefinition;
  /** Of such a network, what it is put together of, for programs that build it themselves. */
  parts?(setting: TeacherSetting, state: TeacherState): NetworkParts;
  /** What a folder needs to go on with a teacher elsewhere, where that is more than its networks. */
  leaves?(state: TeacherState, setting: TeacherSetting): LeavingParts;
  /**
   * For a kind whose weights alone do not say all: reads `TeacherState.more` from the text that a file of its weights
   * carries (JSON). @throws Error when it is something else
   */
  readMore?(text: string): unknown;
}
