import { tf } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import { need, numberParameter, type Tensors } from '../../../../tests/golden/inputs';
import { lossUnit } from '../../../../tests/golden/loss-units';
import { codeLosses } from '../../teachers/granular/losses';

const partsOf = (tensors: Tensors, golden: GoldenCase) => {
  const codes = (whose: string) => ({
    abstract: need(tensors, `${whose}Abstract`),
    detailed: need(tensors, `${whose}Detailed`),
  });
  const temperatures = {
    abstract: numberParameter(golden, 'lowTemperature'),
    detailed: numberParameter(golden, 'highTemperature'),
  };
  return codeLosses(codes('student'), codes('teacher'), temperatures);
};

export const units: Record<string, Unit> = {
  'granularity-loss': lossUnit(
    (tensors, golden) => {
      const { abstract, detailed } = partsOf(tensors, golden);
      return tf.add(abstract, detailed);
    },
    {
      by: () => ['studentAbstract', 'studentDetailed'],
      outputs: (tensors, golden) => {
        const { abstract, detailed } = partsOf(tensors, golden);
        return { abstractLoss: tf.mean(abstract), detailedLoss: tf.mean(detailed) };
      },
    },
  ),
};
