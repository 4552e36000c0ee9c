import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import { opsOver, type Tensors } from '../../../../tests/golden/inputs';
import { lossUnit, mapsOf } from '../../../../tests/golden/loss-units';
import { semanticAttention, semckdLosses } from './loss';

const layersOf = (tensors: Tensors, golden: GoldenCase) => ({
  student: mapsOf(tensors, golden, 'student'),
  teacher: mapsOf(tensors, golden, 'teacher'),
});
const attentionOf = (tensors: Tensors, golden: GoldenCase) => {
  const { student, teacher } = layersOf(tensors, golden);
  return semanticAttention(opsOver(tensors), student, teacher);
};

export const units: Record<string, Unit> = {
  semckdLoss: lossUnit(
    (tensors, golden) => {
      const { student, teacher } = layersOf(tensors, golden);
      return semckdLosses(opsOver(tensors), student, teacher, attentionOf(tensors, golden));
    },
    { outputs: (tensors, golden) => ({ attention: attentionOf(tensors, golden) }) },
  ),
};
