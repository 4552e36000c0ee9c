import type { Hint } from '../distill/hints/hint';
import { prefixedNames, type NamedArray } from '../nn/layouts';

/** Present values of what hints train and remember, below the key of each: "fitnet.conv.weight". */
export async function leavingHints(hints: readonly Hint[], keys: readonly string[]): Promise<NamedArray[]> {
  const values = await Promise.all(
    hints.map(async (hint, h) =>
      prefixedNames((await (hint.leaves?.() ?? hint.module?.exportState())) ?? [], keys[h]!),
    ),
  );
  return values.flat();
}
