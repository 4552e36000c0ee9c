import type { Unit } from '../../../../tests/golden/case';
import { need, numberParameter, opsOver } from '../../../../tests/golden/inputs';
import { featuresOf, lossUnit } from '../../../../tests/golden/loss-units';
import { ccEmbeddedLosses, embedVector } from './embedded';
import { ccLosses } from './loss';

/** The form of the benchmark's code, whose embeddings are trained with the student. */
const embedded = lossUnit((tensors, golden) => {
  const ops = opsOver(tensors);
  const units = numberParameter(golden, 'featDim');
  const student = embedVector(ops, need(tensors, 'studentFeature'), 'Student', units);
  return ccEmbeddedLosses(student, embedVector(ops, need(tensors, 'teacherFeature'), 'Teacher', units));
});

export const units: Record<string, Unit> = {
  ccLoss: embedded,
  ccRbfLoss: lossUnit(
    (tensors, golden) =>
      ccLosses(...featuresOf(tensors), numberParameter(golden, 'gamma'), numberParameter(golden, 'order')),
    { by: () => ['studentFeature'] },
  ),
};
