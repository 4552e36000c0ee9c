/**
 * Whether this is `npm run test:long`, where a test may try more cases of the same kind. A browser is not told: what is long
 * there has files of its own.
 */
export const isLong = typeof process !== 'undefined' && process.env['RETORT_LONG_TESTS'] === '1';

/**
 * Of cases that each take a whole run: all of them in the long tests, and every second one in `npm test`, where what they
 * are made of is held by other tests too.
 */
export function tried<T>(cases: readonly T[]): T[] {
  return cases.filter((_, place) => isLong || place % 2 === 0);
}
