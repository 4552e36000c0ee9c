/**
 * As few cases as have each trait among them, which `npm test` tries, and the others, which the long tests add. Of cases
 * with the same traits the first is taken.
 * @param traitsOf what the code under test is written differently for: nothing else about a case may matter to it
 */
export function oneOfEach<T>(cases: readonly T[], traitsOf: (one: T) => string[]): { few: T[]; others: T[] } {
  const traits = new Map(cases.map((one) => [one, new Set(traitsOf(one))]));
  const missing = new Set([...traits.values()].flatMap((own) => [...own]));
  const few = new Set<T>();
  while (missing.size > 0) {
    const gain = (one: T) => [...traits.get(one)!].filter((trait) => missing.has(trait)).length;
    const next = cases.reduce((best, one) => (gain(one) > gain(best) ? one : best));
    few.add(next);
    traits.get(next)!.forEach((trait) => missing.delete(trait));
  }
  return { few: cases.filter((one) => few.has(one)), others: cases.filter((one) => !few.has(one)) };
}
