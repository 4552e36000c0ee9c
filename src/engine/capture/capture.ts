/**
 * Capture and replay of a training step. A step of a small network is a hundred short dispatches, and deciding anew each
 * time what they are costs more than running them; so it is written down once and replayed. See docs/capture.md.
 */
import type { tf } from '../tf';
import { StepGraph } from './step-graph';
import type { LiveTensor } from './live-tensor';
import { trace } from './trace';

export { CannotCapture } from './cannot-capture';
export type { Outputs, Progress, StepGraph } from './step-graph';
export { liveScalar, liveTensor, type LiveTensor } from './live-tensor';
export { captureAvailability } from './capture-self-test';
export type { Suspect } from './trace';

export interface CaptureOptions {
  /** What is written between steps. All else that the step reads, variables aside, is constant for the graph. */
  inputs: readonly LiveTensor[];
}

/**
 * Records one call of a step and executes nothing: no variable changes, the first replay is the first step. Tensors
 * that the step returns are its outputs. Costs about what an eager step costs in JavaScript, so it is also the way to
 * ask whether a step has changed: capture again, compare by `sameAs`, dispose one of the two.
 * @param step synchronous; runs in a tidy
 * @throws CannotCapture with a sentence; everything is as before, and the step can be run eagerly
 */
export function captureStep(step: () => Record<string, tf.Tensor>, { inputs }: CaptureOptions): StepGraph {
  return new StepGraph(trace(step, new Set(inputs.map(({ tensor }) => tensor.dataId))));
}
