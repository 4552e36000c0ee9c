/** A step that was recorded once and can be replayed, on whichever backend. */
import type { Progress } from './step-graph';
import type { Suspect } from './trace';

export type Outputs = Record<string, Float32Array>;

export interface RecordedStep {
  /** Kernels that one replay runs. */
  readonly dispatches: number;
  /** Copies that one replay makes, of assigned variables and of outputs. */
  readonly copies: number;
  /** Memory that the recording holds for itself. */
  readonly bytes: number;
  /** Constants that may be mistakes, because they are the same in every replay. */
  readonly suspects: readonly Suspect[];
  /** Number of kernels that must be compiled before the first replay. */
  readonly uncompiled: number;
  readonly uncompiledShaders: string[];
  /** Names of all kernels that it runs. */
  readonly shaders: ReadonlySet<string>;
  prepare(onProgress?: (progress: Progress) => void, signal?: AbortSignal): Promise<void>;
  /** Resolves when another step may begin; await it before each replay. */
  room(): Promise<void>;
  /**
   * Runs the step on the current contents of live tensors and variables. The promise gives the outputs' numbers; null
   * means that they are not read, though the step runs.
   */
  replay(): Promise<Outputs> | null;
  /** Whether another recording does the same to the same tensors, with equal constants. */
  sameAs(other: RecordedStep): boolean;
  dispose(): void;
}
