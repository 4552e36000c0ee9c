/**
 * Which teacher stage each student stage learns from: one to one when the counts agree, else spread evenly with the
 * last stages always paired.
 * @returns pairs [student stage, teacher stage], counted from 0
 */
export function pairStages(students: number, teachers: number): [number, number][] {
  const pairs = Math.min(students, teachers);
  return Array.from({ length: pairs }, (_, i) => [
    Math.floor(((i + 1) * students) / pairs) - 1,
    Math.floor(((i + 1) * teachers) / pairs) - 1,
  ]);
}
