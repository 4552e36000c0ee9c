import type { Unit } from '../../../../tests/golden/case';
import { mapsOf, partsUnit, sumOf } from '../../../../tests/golden/loss-units';
import { flow, fspPairLosses } from './loss';

const fspLoss = partsUnit(
  (tensors, golden) => {
    const [student, teacher] = [mapsOf(tensors, golden, 'student'), mapsOf(tensors, golden, 'teacher')];
    const losses = student
      .slice(1)
      .map((_, i) => fspPairLosses([student[i]!, student[i + 1]!], [teacher[i]!, teacher[i + 1]!]));
    return { names: losses.map((_, i) => `pair${i}`), losses, total: sumOf(losses) };
  },
  (tensors, golden) => {
    const maps = mapsOf(tensors, golden, 'student');
    return Object.fromEntries(
      maps.slice(1).map((later, i) => [`studentFsp${i}`, flow(maps[i]!, later)] as const),
    );
  },
);

export const units: Record<string, Unit> = { fspLoss };
