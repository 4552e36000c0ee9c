/** How far numbers may lie apart: an absolute floor plus a share of the largest expected magnitude. */
export interface Tolerance {
  absolute: number;
  relative: number;
}

export const tolerances = {
  loss: { absolute: 1e-5, relative: 1e-4 },
  output: { absolute: 1e-5, relative: 1e-4 },
  // The floor also serves gradients that are zero by mathematics, such as a conv bias that feeds a batch norm.
  gradient: { absolute: 1e-5, relative: 1e-3 },
} as const satisfies Record<string, Tolerance>;

/** What is wrong with `actual`, in a sentence that starts with `what`, or null. */
export function difference(
  what: string,
  actual: ArrayLike<number> | undefined,
  expected: ArrayLike<number>,
  { absolute, relative }: Tolerance,
): string | null {
  if (!actual) return `${what}: missing`;
  if (actual.length !== expected.length)
    return `${what}: ${actual.length} numbers instead of ${expected.length}`;
  const allowed = absolute + relative * largest(expected);
  let worst = -1;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i]! - expected[i]!);
    // Written so that NaN counts as the worst of all.
    if (!(distance <= worst)) {
      worst = distance;
      at = i;
      if (Number.isNaN(distance)) break;
    }
  }
  if (worst <= allowed) return null;
  return `${what}: off by ${worst.toExponential(2)} at ${at} (got ${actual[at]}, expected ${expected[at]}, allowed ${allowed.toExponential(2)})`;
}

/** The same for the whole array at once: ||actual - expected|| <= share * ||expected||. */
export function normDifference(
  what: string,
  actual: ArrayLike<number> | undefined,
  expected: ArrayLike<number>,
  share: number,
): string | null {
  if (!actual) return `${what}: missing`;
  if (actual.length !== expected.length)
    return `${what}: ${actual.length} numbers instead of ${expected.length}`;
  let distance = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    distance += (actual[i]! - expected[i]!) ** 2;
    size += expected[i]! ** 2;
  }
  const relative = Math.sqrt(distance / size);
  return relative <= share
    ? null
    : `${what}: relative distance ${relative.toExponential(2)}, allowed ${share}`;
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
