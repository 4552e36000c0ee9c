/** The page's side of the worker that runs ONNX models. */
import type { OnnxProtocol } from './onnx-protocol';
import { RpcClient, type Caller, type WorkerLike } from './rpc';
import { startWorker } from './start-worker';

/** Starts the worker with the first call, and ends it after each: its memory grows with the model. */
export function onnxClient(create: () => WorkerLike = () => startWorker('onnx')): Caller<OnnxProtocol> {
  return new RpcClient<OnnxProtocol>({
    create,
    crashSentence: (why) =>
      `The model stopped unexpectedly (${why || 'no reason given'}), perhaps for lack of memory. The teacher is as it was; try again, or take a smaller model.`,
    endsWhenIdle: true,
  });
}
