/** A saved ONNX model, loaded back and held against the network that it is of. */
import { sourcesOf } from '../export/model-file';
import { portsOf, type ModelOptions } from '../export/model-source';
import { joined } from '../numbers/joined';
import { differenceFrom, fedInstances, type LoadedBack, type ModelCheck } from '../training/onnx/about';
import type { OpenSession } from '../training/onnx/runtime';
import { asked } from './ask-onnx';

export interface SavedOnnx {
  model: Uint8Array<ArrayBuffer>;
  /** That it was made of. */
  safetensors: Uint8Array<ArrayBuffer>;
  feed: ModelOptions['feed'];
  check: ModelCheck;
}

/**
 * @param open of onnxruntime
 * @throws Error, OnnxProblem with a sentence
 */
export async function compareOnnx(
  { model, safetensors, feed, check }: SavedOnnx,
  open: OpenSession,
  pause: (text: string, share: number | null) => Promise<void>,
): Promise<LoadedBack> {
  const [source] = sourcesOf(safetensors);
  const { input, output } = portsOf(source!);
  const question = { input, shape: check.shape, values: fedInstances(check, feed), wanted: [output] };
  const parts: Float32Array[] = [];
  for await (const found of asked(model, question, open, (share) => pause('Loading it back', share)))
    parts.push(found[output]!.values);
  return differenceFrom(check, joined(Float32Array, parts));
}
