/**
 * Weights out of a graph model of TensorFlow.js that this page has written: its constants have PyTorch's names.
 * Format: the `weightsManifest` of `model.json` (tfjs-core, io/types).
 */
import * as z from 'zod/mini';
import { toTorchLayout, torchShape, type NamedArray } from './layouts';

const manifestForm = z.object({
  format: z.optional(z.string()),
  userDefinedMetadata: z.optional(z.record(z.string(), z.unknown())),
  weightsManifest: z.array(
    z.object({
      paths: z.array(z.string()),
      weights: z.array(
        z.object({
          name: z.string(),
          shape: z.array(z.int().check(z.nonnegative())),
          dtype: z.string(),
          quantization: z.optional(z.unknown()),
        }),
      ),
    }),
  ),
});

export interface TfjsWeights {
  /** In PyTorch's names and layouts. */
  state: NamedArray[];
  /** What the model says of itself. */
  metadata: Record<string, string>;
}

/**
 * @param json the text of `model.json`
 * @param fileNamed the bytes of a file beside it, undefined when there is none of that name
 * @throws Error with a sentence when the model cannot be read or was not written by this page
 */
export function readTfjsWeights(
  json: string,
  fileNamed: (name: string) => Uint8Array | undefined,
): TfjsWeights {
  const model = parse(json);
  const metadata = Object.fromEntries(
    Object.entries(model.userDefinedMetadata ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
  if (metadata['network'] === undefined)
    throw new Error(
      'This model of TensorFlow.js was not saved by this page, and others cannot be read. Save the network’s weights as safetensors under PyTorch’s names.',
    );
  if (metadata['batch_norm']?.startsWith('folded'))
    throw new Error(
      'The batch norms of this model were folded into its convolutions when it was saved, so it cannot teach here. Save it again without folding, or as safetensors.',
    );
  const state = model.weightsManifest.flatMap(({ paths, weights }) => {
    const bytes = joined(paths, fileNamed);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    return weights.flatMap(({ name, shape, dtype, quantization }): NamedArray[] => {
      if (quantization !== undefined || (dtype !== 'float32' && dtype !== 'int32'))
        throw new Error(`“${name}” is stored as ${dtype} in a way that cannot be read. Save it as float32.`);
      const size = shape.reduce((product, side) => product * side, 1);
      const start = at;
      at += 4 * size;
      if (at > bytes.length)
        throw new Error('The weights of the model are cut off: weights.bin is too short.');
      // Sizes and axes of the graph, and the two numbers of the normalisation.
      if (dtype === 'int32' || shape.length === 0) return [];
      const data = Float32Array.from({ length: size }, (_, i) => view.getFloat32(start + 4 * i, true));
      return [{ name, shape: torchShape(shape), data: toTorchLayout(data, shape) }];
    });
  });
  return { state, metadata };
}

function parse(json: string): z.infer<typeof manifestForm> {
  try {
    return manifestForm.parse(JSON.parse(json));
  } catch {
    throw new Error('This is not a model of TensorFlow.js: its model.json cannot be read.');
  }
}

function joined(paths: readonly string[], fileNamed: (name: string) => Uint8Array | undefined): Uint8Array {
  const parts = paths.map((path) => {
    const part = fileNamed(path);
    if (!part) throw new Error(`The model needs the file “${path}” beside model.json. Drop both together.`);
    return part;
  });
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
