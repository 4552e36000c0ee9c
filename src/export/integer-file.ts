/** A student in low precision as safetensors with whole numbers: what its layers compute with, in one or two bytes. */
import { integerWeights } from '../nn/graph/integer-weights';
import type { WrittenNetwork } from '../nn/graph/emit';
import type { NamedArray } from '../nn/layouts';
import { integersName, stepName, writeSafetensors, type StoredArray } from '../nn/safetensors';
import { writtenToMetadata } from '../nn/weights-about';

/**
 * Rounded kernels as `NAME.integers` (I8, or I16 where one byte is too small) and `NAME.step` [1], by which each is
 * multiplied; all other weights as float32. The computation in the metadata takes the kernels as they are: they are
 * rounded already.
 * @param weights as trained, under PyTorch's names and in its layouts
 * @param metadata of the file that they come from
 */
export function integerFile(
  written: WrittenNetwork,
  weights: readonly NamedArray[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const roundings = new Map(
    written.nodes.flatMap((node) =>
      'rounding' in node && node.rounding ? [[node.kernel, node.rounding] as const] : [],
    ),
  );
  const arrays = weights.flatMap(({ name, shape, data }): StoredArray[] => {
    const rounding = roundings.get(name);
    if (!rounding) return [{ name, shape, data }];
    const { integers, step } = integerWeights(data, rounding);
    const isSmall = integers.every((value) => value >= -128 && value <= 127);
    return [
      { name: integersName(name), shape, data: isSmall ? Int8Array.from(integers) : integers },
      { name: stepName(name), shape: [1], data: Float32Array.of(step) },
    ];
  });
  const nodes = written.nodes.map((node) => {
    if (!('rounding' in node)) return node;
    const { rounding: _, ...plain } = node;
    return plain as typeof node;
  });
  return writeSafetensors(arrays, { ...metadata, ...writtenToMetadata({ ...written, nodes }) });
}
