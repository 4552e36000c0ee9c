/** Rounds a network to eight bits as ONNX and runs it beside the float model, before anything is saved. */
import type { Range } from '../export/graph/quantise';
import { onnxModel } from '../export/onnx/onnx';
import { quantisable, quantisedModel } from '../export/onnx/quantised';
import type { OpenSession, OutputValues, Session } from '../training/onnx/runtime';
import type { QuantisedModel, QuantiseOrder } from './onnx-protocol';
import { joined } from '../numbers/joined';

const batch = 64;

/**
 * @param open of onnxruntime
 * @param pause called between batches
 * @throws Error, OnnxProblem with a sentence
 */
export async function quantiseModel(
  { safetensors, learner, run, feed, check }: QuantiseOrder,
  open: OpenSession,
  pause: (text: string, share: number | null) => Promise<void>,
): Promise<QuantisedModel> {
  const { source, bytes, input, output, watched } = quantisable(safetensors, { learner, run });
  const { shape, calibration, test } = check;
  const ask = (model: Uint8Array, values: Float32Array, wanted: readonly string[], text: string) =>
    asked(model, { input, shape, values, wanted }, open, (share) => pause(text, share));
  const ranges = new Map<string, Range>([['images', rangeOf(calibration)]]);
  for await (const found of ask(bytes, calibration, watched, 'Measuring the ranges of its values'))
    for (const name of watched) {
      const [low, high] = rangeOf(found[name]!.values);
      const before = ranges.get(name) ?? [low, high];
      ranges.set(name, [Math.min(before[0], low), Math.max(before[1], high)]);
    }
  const answersOf = async (model: Uint8Array, text: string) => {
    const parts: Float32Array[] = [];
    for await (const found of ask(model, test, [output], text)) parts.push(found[output]!.values);
    return joined(Float32Array, parts);
  };
  const float = await answersOf(bytes, 'Running the float model');
  const int8 = await answersOf(
    quantisedModel(source, 'normalised', ranges),
    'Running the model in eight bits',
  );
  const outputs = float.length / Math.max(1, test.length / sizeOf(shape));
  const largest = check.answers.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
  return {
    bytes: quantisedModel(source, feed, ranges),
    floatBytes: onnxModel(source, { foldBatchNorm: true, feed }).length,
    answers: [float, int8],
    loadedBack: {
      difference:
        check.answers.reduce((most, value, i) => Math.max(most, Math.abs(value - float[i]!)), 0) / largest,
      instances: check.answers.length / outputs,
    },
  };
}

interface Question {
  input: string;
  shape: readonly number[];
  /** [N,...shape] */
  values: Float32Array;
  wanted: readonly string[];
}

/** What a model says of some instances at a time. */
async function* asked(
  model: Uint8Array,
  { input, shape, values, wanted }: Question,
  open: OpenSession,
  pause: (share: number) => Promise<void>,
): AsyncGenerator<Record<string, OutputValues>> {
  const session: Session = await open(model, []);
  try {
    const size = sizeOf(shape);
    for (let from = 0; from < values.length; from += batch * size) {
      await pause(from / values.length);
      const some = values.subarray(from, from + batch * size);
      const count = some.length / size;
      const given = shape.length === 3 ? channelsFirst(some, shape) : Float32Array.from(some);
      const dims = shape.length === 3 ? [count, shape[2]!, shape[0]!, shape[1]!] : [count, size];
      yield await session.run({ name: input, type: 'float32', values: given, dims }, wanted);
    }
  } finally {
    await session.release();
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** [N,H,W,C] to [N,C,H,W] */
function channelsFirst(values: Float32Array, shape: readonly number[]): Float32Array {
  const [channels, pixels] = [shape[2]!, shape[0]! * shape[1]!];
  const moved = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += pixels * channels)
    for (let p = 0; p < pixels; p++)
      for (let c = 0; c < channels; c++) moved[start + c * pixels + p] = values[start + p * channels + c]!;
  return moved;
}

function rangeOf(values: Float32Array): Range {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
