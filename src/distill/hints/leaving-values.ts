/** The values that a hint goes on from elsewhere. */
import type { tf } from '../../engine/tf';
import { prefixedNames } from '../../nn/layouts';
import type { Module, NamedArray } from '../../nn/module';

/**
 * Modules and plain variables under names; those of the module '' keep their own.
 * @returns by PyTorch's names and in its layouts
 */
export async function leavingValuesOf(
  parts: Readonly<Record<string, Module | tf.Variable>>,
): Promise<NamedArray[]> {
  const all = await Promise.all(
    Object.entries(parts).map(async ([name, part]): Promise<NamedArray[]> => {
      if ('exportState' in part) return prefixedNames(await part.exportState(), name);
      return [{ name, shape: part.shape, data: (await part.data()) as Float32Array }];
    }),
  );
  return all.flat();
}
