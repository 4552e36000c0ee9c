/** Tests whether capture works on this device. */
import { tf } from '../tf';
import { wasmBackend } from '../wasm/launch';
import { missingOnWasm } from '../wasm/plan/plan';
import { captureStep } from './capture-step';
import { missingInternals, webgpuInternals } from './internals';
import { recordsOnWasm } from './records';
import { liveScalar, type LiveTensor } from './live-tensor';
import { sentenceOf } from '../../limits/texts';

export interface CaptureAvailability {
  available: boolean;
  /** Reason, as a sentence for the page. */
  why: string;
}

const answers = new WeakMap<object, Promise<CaptureAvailability>>();

/** The result of the test, run once per device on the active backend. */
export async function captureAvailability(): Promise<CaptureAvailability> {
  let missing: () => string[];
  try {
    const of = recordsOnWasm() ? null : webgpuInternals();
    missing = () => (of ? missingInternals(of) : missingOnWasm(wasmBackend()));
  } catch (error) {
    return refused(error);
  }
  const backend = tf.backend();
  let answer = answers.get(backend);
  if (!answer) answers.set(backend, (answer = test(missing()).catch(refused)));
  return answer;
}

async function test(missing: readonly string[]): Promise<CaptureAvailability> {
  if (missing.length > 0)
    return refused(new Error(`This version of TensorFlow.js has changed inside (${missing.join(', ')}).`));
  const rate = liveScalar(0.25);
  const [eager, captured] = [await twoSteps(rate, false), await twoSteps(rate, true)];
  rate.dispose();
  if (eager.join() !== captured.join())
    return refused(new Error('A replayed step gave other numbers than the step itself.'));
  return { available: true, why: 'Training steps are recorded once and replayed.' };
}

/**
 * w -= rate * (w^2 + 1), twice, with another rate the second time; returns the sums of w before each step, and w
 * after.
 */
async function twoSteps(rate: LiveTensor<tf.Scalar>, captured: boolean): Promise<number[]> {
  const weights = tf.tidy(() => tf.variable(tf.tensor1d([0.5, -1.25, 3]), false));
  const step = () => {
    const sum = tf.sum(weights);
    weights.assign(tf.sub(weights, tf.mul(rate.tensor, tf.add(tf.square(weights), 1))));
    return { sum };
  };
  const graph = captured ? captureStep(step, { inputs: [rate] }) : null;
  try {
    const seen: number[] = [];
    for (const value of [0.25, 0.0625]) {
      rate.write(value);
      if (graph) {
        seen.push((await graph.replay())!['sum']![0]!);
      } else {
        const { sum } = tf.tidy(step);
        seen.push((await sum.data<'float32'>())[0]!);
        sum.dispose();
      }
    }
    return [...seen, ...(await weights.data<'float32'>())];
  } finally {
    graph?.dispose();
    weights.dispose();
  }
}

function refused(error: unknown): CaptureAvailability {
  const reason = sentenceOf(error);
  return { available: false, why: `Every training step is worked out anew. ${reason}` };
}
