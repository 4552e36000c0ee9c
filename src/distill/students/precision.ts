/** Bits of a student in low precision, from its knobs. */
import type { Precision } from '../../nn/low-precision';
import type { ValuesOf } from '../knobs';
import type { studentKnobs } from './about';

/** Null in full precision. */
export function precisionOf(student: ValuesOf<typeof studentKnobs>): Precision | null {
  const [weights, activations] = [Number(student.bitsWeights), Number(student.bitsActivations)];
  if (weights === 32 && activations === 32) return null;
  return { weights, activations, rule: student.quantizer, exempt: student.exempt === 'first-last' };
}

/** Whether a twin in full precision is trained beside it. */
export function hasTwin(student: ValuesOf<typeof studentKnobs>): boolean {
  return student.full && precisionOf(student) !== null;
}
