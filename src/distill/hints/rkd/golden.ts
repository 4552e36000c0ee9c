import { tf, type Tensor1D } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import { numberParameter } from '../../../../tests/golden/inputs';
import { featuresOf, lossUnit } from '../../../../tests/golden/loss-units';
import { rkdParts } from './loss';

const weightedOf = ({ distance, angle }: ReturnType<typeof rkdParts>, golden: GoldenCase) =>
  tf.add<Tensor1D>(
    tf.mul(distance, numberParameter(golden, 'distanceWeight')),
    tf.mul(angle, numberParameter(golden, 'angleWeight')),
  );

export const units: Record<string, Unit> = {
  rkdLoss: lossUnit((tensors, golden) => weightedOf(rkdParts(...featuresOf(tensors)), golden), {
    by: () => ['studentFeature'],
    outputs: (tensors) => {
      const { distance, angle } = rkdParts(...featuresOf(tensors));
      return { distance: tf.mean(distance), angle: tf.mean(angle) };
    },
  }),
};
