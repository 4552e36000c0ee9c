/**
 * TensorFlow.js models as files: recognises models that this page has written and reads their weights, whose
 * constants have PyTorch's names. Format: the `weightsManifest` of `model.json` (tfjs-core, io/types).
 */
import * as z from 'zod/mini';
import type { ModelJson } from '../engine/tfjs-model';
import { toTorchLayout, torchShape, type NamedArray } from './layouts';
import { parseNetworkName } from './network-names';
import { joined } from '../numbers/joined';

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

type ManifestWeight = z.infer<typeof manifestForm>['weightsManifest'][number]['weights'][number];

export interface TfjsWeights {
  /** In PyTorch's names and layouts. */
  state: NamedArray[];
  /** Metadata of the model. */
  metadata: Record<string, string>;
}

/** A model that can be run, but whose weights cannot be read into a network. */
export interface ForeignTfjsModel {
  /** Of `model.json`. */
  json: ModelJson;
  /** The concatenated bytes of its weight files. */
  weights: Uint8Array;
}

/**
 * A model that was not written by this page, or whose weights are no longer a network's (batch norms folded, numbers
 * quantised or in low precision, several networks joined).
 * @param text of `model.json`
 * @param fileNamed the bytes of a file beside it, undefined when there is none of that name
 * @returns null for one that `readTfjsWeights` can read
 * @throws Error with a sentence when it is no model, or a file of it is missing
 */
export function readForeignTfjs(
  text: string,
  fileNamed: (name: string) => Uint8Array | undefined,
): ForeignTfjsModel | null {
  const { userDefinedMetadata: about = {}, weightsManifest } = parse(text);
  const batchNorm = about['batch_norm'];
  const folded = typeof batchNorm === 'string' && batchNorm.startsWith('folded');
  const quantised = weightsManifest.some((group) =>
    group.weights.some(({ quantization }) => quantization !== undefined),
  );
  const { network } = about;
  const known = typeof network === 'string' && !('problem' in parseNetworkName(network));
  const low = about['precision'] !== undefined;
  if (known && !folded && !quantised && !low) return null;
  const needed = weightsManifest.reduce((sum, group) => sum + bytesOf(group.weights), 0);
  const weights = weightsIn(
    weightsManifest.flatMap(({ paths }) => paths),
    fileNamed,
  );
  if (weights.length < needed)
    throw new Error(
      `The weights of the model are cut off: its files hold ${weights.length} bytes of ${needed}.`,
    );
  return { json: JSON.parse(text) as ModelJson, weights };
}

const widths: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/** Bytes of these weights in a file; weights of an unknown type count as none. */
function bytesOf(weights: readonly ManifestWeight[]): number {
  return weights.reduce((sum, { shape, dtype, quantization }) => {
    const stored = (quantization as { dtype?: string } | undefined)?.dtype ?? dtype;
    return sum + shape.reduce((product, side) => product * side, 1) * (widths[stored] ?? 0);
  }, 0);
}

/**
 * @param json the text of `model.json`
 * @param fileNamed the bytes of a file beside it, undefined when there is none of that name
 * @throws Error with a sentence when the model cannot be read
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
  const state = model.weightsManifest.flatMap(({ paths, weights }) => {
    const bytes = weightsIn(paths, fileNamed);
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
      // Skips sizes and axes of the graph, and the two numbers of the normalisation.
      if (dtype === 'int32' || shape.length === 0) return [];
      const data = Float32Array.from({ length: size }, (_, i) => view.getFloat32(start + 4 * i, true));
      return [{ name, shape: torchShape(shape), data: toTorchLayout(data, shape) }];
    });
  });
  return { state, metadata };
}

function parse(json: string): z.infer<typeof manifestForm> {
  const model = parsed(json);
  const paths = model.weightsManifest.flatMap((group) => group.paths);
  const known = new Set<string>();
  const twice = paths.find((path) => known.size === known.add(path).size);
  // Files are read where they are named, so a file that is named many times would take that many times its size.
  if (twice !== undefined)
    throw new Error(`model.json names the file “${twice}” twice, so it is damaged. Save it again.`);
  return model;
}

function parsed(json: string): z.infer<typeof manifestForm> {
  try {
    return manifestForm.parse(JSON.parse(json));
  } catch {
    throw new Error('This is not a model of TensorFlow.js: its model.json cannot be read.');
  }
}

function weightsIn(
  paths: readonly string[],
  fileNamed: (name: string) => Uint8Array | undefined,
): Uint8Array {
  const parts = paths.map((path) => {
    const part = fileNamed(path);
    if (!part) throw new Error(`The model needs the file “${path}” beside model.json. Drop both together.`);
    return part;
  });
  return joined(Uint8Array, parts);
}
