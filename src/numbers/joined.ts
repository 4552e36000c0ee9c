interface Numbers {
  set(from: ArrayLike<number>, at: number): void;
}

/** All parts in one array of their kind, one after the other. */
export function joined<A extends Numbers>(
  kind: new (length: number) => A,
  parts: readonly ArrayLike<number>[],
): A {
  const whole = new kind(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
