/** Recording and replaying steps: all that the rest of the engine and the layers above use of it. See docs/capture.md. */
export { CannotCapture } from './cannot-capture';
export { captureStep, type CaptureOptions } from './capture-step';
export type { Outputs, RecordedStep } from './recorded-step';
export type { Progress } from './step-graph';
export { liveScalar, liveTensor, type LiveTensor } from './live-tensor';
export { captureAvailability } from './capture-self-test';
export { compilesKernels, recordsSteps } from './records';
export type { Suspect } from './trace';
