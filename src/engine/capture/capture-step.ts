/**
 * Capture and replay of a training step. A step of a small network is a hundred short dispatches; encoding them anew
 * each time costs more than running them, so they are recorded once and replayed. See docs/capture.md.
 */
import { tf } from '../tf';
import { wasmBackend } from '../wasm/launch';
import { WasmPlan } from '../wasm/plan/plan';
import { traceOnWasm } from '../wasm/plan/trace';
import type { RecordedStep } from './recorded-step';
import { StepGraph } from './step-graph';
import type { LiveTensor } from './live-tensor';
import { trace } from './trace';

export interface CaptureOptions {
  /**
   * Tensors that are written between steps. Everything else that the step reads, except variables, is constant for
   * the graph.
   */
  inputs: readonly LiveTensor[];
}

/**
 * Records one call of a step without executing it: no variable changes, and the first replay is the first step.
 * Tensors that the step returns are its outputs. Recording costs about as much JavaScript time as an eager step, so
 * it also serves to find out whether a step has changed: capture again, compare with `sameAs`, dispose one of the
 * two.
 * @param step synchronous; runs in a tidy
 * @throws CannotCapture with a sentence; the state is unchanged, and the step can be run eagerly
 */
export function captureStep(step: () => Record<string, tf.Tensor>, { inputs }: CaptureOptions): RecordedStep {
  const live = new Set(inputs.map(({ tensor }) => tensor.dataId));
  return tf.getBackend() === 'wasm'
    ? new WasmPlan(traceOnWasm(wasmBackend(), step, live))
    : new StepGraph(trace(step, live));
}
