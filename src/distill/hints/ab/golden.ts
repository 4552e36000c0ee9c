import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { numberParameter, opsOver } from '../../../../tests/golden/inputs';
import { mapsOf, partsUnit, sumOf } from '../../../../tests/golden/loss-units';
import { connect, regressorGeometry } from '../fitnet/regressor';
import { matchSides } from '../resample';
import { abStageLosses, abStageMeans, stageWeight } from './loss';

const abLoss = partsUnit((tensors, golden) => {
  const teacher = mapsOf(tensors, golden, 'teacher');
  const losses = mapsOf(tensors, golden, 'student').map((map, i, all) => {
    const target = teacher[i]!;
    const connected =
      map.shape.join() === target.shape.join()
        ? map
        : (connect<Tensor>(
            opsOver(tensors),
            map,
            regressorGeometry(map.shape[1], target.shape[1]),
            target.shape[3],
            `connector${i}.`,
          ) as Tensor4D);
    const [s, t] = matchSides(connected, target);
    const stage = abStageLosses(s, t, numberParameter(golden, 'margin'));
    return tf.mul<Tensor1D>(stage, stageWeight(i, all.length));
  });
  return { names: losses.map((_, i) => `stage${i}`), losses, total: sumOf(losses) };
});

const abLossMean = partsUnit((tensors, golden) => {
  const teacher = mapsOf(tensors, golden, 'teacher');
  const losses = mapsOf(tensors, golden, 'student').map((map, i) =>
    abStageMeans(map, teacher[i]!, numberParameter(golden, 'margin')),
  );
  const total = tf.div<Tensor1D>(sumOf(losses), losses.length);
  return { names: losses.map((_, i) => `stage${i}`), losses, total };
});

export const units: Record<string, Unit> = { abLoss, abLossMean };
