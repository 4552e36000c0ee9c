/** Rounds a network to eight bits as ONNX and runs it beside the float model, before anything is saved. */
import type { Range } from '../export/graph/quantise';
import { onnxModel } from '../export/onnx/onnx';
import { quantisable, quantisedModel } from '../export/onnx/quantised';
import { differenceFrom } from '../training/onnx/about';
import type { OpenSession } from '../training/onnx/runtime';
import { asked } from './ask-onnx';
import type { QuantisedModel, QuantiseOrder } from './onnx-protocol';
import { joined } from '../numbers/joined';

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
  return {
    bytes: quantisedModel(source, feed, ranges),
    floatBytes: onnxModel(source, { foldBatchNorm: true, feed }).length,
    answers: [float, int8],
    loadedBack: differenceFrom(check, float),
  };
}

function rangeOf(values: Float32Array): Range {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
