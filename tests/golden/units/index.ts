import type { Unit } from '../case';

/** The code under test, by the unit names of the golden files. */
export const units: Readonly<Record<string, Unit>> = {};
