import type { Tensor, Tensor4D } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { need, numberParameter, opsOver } from '../../../../tests/golden/inputs';
import { lossUnit } from '../../../../tests/golden/loss-units';
import { matchSides } from '../resample';
import { vidLosses, vidMean } from './loss';

export const units: Record<string, Unit> = {
  vidLoss: lossUnit(
    (tensors, golden) => {
      const student = need(tensors, 'studentFeature') as Tensor4D;
      const teacher = need(tensors, 'teacherFeature') as Tensor4D;
      const [map, target] = matchSides(student, teacher);
      const mean = vidMean<Tensor>(opsOver(tensors), map, '', target.shape[3]);
      return vidLosses(mean, target, need(tensors, 'logScale'), numberParameter(golden, 'eps'));
    },
    { by: (golden) => ['studentFeature', ...Object.keys(golden.weights ?? {})] },
  ),
};
