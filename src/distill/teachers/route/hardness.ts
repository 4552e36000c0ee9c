import { softmax } from '../../../nn/classification-metrics';

/**
 * How hard a teacher's state is for a student: mean over images of KL(softmax(teacher/T) || softmax(student/T)).
 * @param teacher logits, row-major [N*C] @param student the same
 */
export function hardness(
  teacher: Float32Array,
  student: Float32Array,
  classes: number,
  temperature: number,
): number {
  const p = softmax(teacher, classes, temperature);
  const q = softmax(student, classes, temperature);
  let sum = 0;
  // A teacher's probability of 0 adds nothing; a student's would make the divergence infinite.
  for (let i = 0; i < p.length; i++) if (p[i]! > 0) sum += p[i]! * Math.log(p[i]! / Math.max(q[i]!, 1e-12));
  return (sum * classes) / p.length;
}
