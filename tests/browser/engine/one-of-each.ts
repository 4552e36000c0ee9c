/**
 * Shaders are compiled for every shape and take nearly all of the time, so that `npm test` tries as many cases as have each
 * trait among them, and a long test the others.
 * @param traitsOf what a kernel is written differently for
 */
export function oneOfEach<T>(cases: readonly T[], traitsOf: (one: T) => string[]): { few: T[]; others: T[] } {
  const seen = new Set<string>();
  const [few, others]: [T[], T[]] = [[], []];
  for (const one of cases) {
    const traits = traitsOf(one);
    (traits.every((trait) => seen.has(trait)) ? others : few).push(one);
    traits.forEach((trait) => seen.add(trait));
  }
  return { few, others };
}
