/** Units of the hints that look at maps and embeddings. */
import { TensorOps } from '../../../src/engine/composed';
import { tf, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { ccLosses } from '../../../src/distill/hints/cc/loss';
import { nstStageLosses } from '../../../src/distill/hints/nst/loss';
import { pktLosses } from '../../../src/distill/hints/pkt/loss';
import { matchSides } from '../../../src/distill/hints/resample';
import { rkdParts } from '../../../src/distill/hints/rkd/loss';
import { spLosses } from '../../../src/distill/hints/sp/loss';
import { vidLosses, vidMean } from '../../../src/distill/hints/vid/loss';
import type { GoldenCase, Unit, UnitResult } from '../case';
import { differentiate, need, numberParameter, numbersOf, tensorsOf, type Tensors } from './inputs';

/** A unit from its per-instance losses; gradients by the named tensors. */
function featureUnit(
  losses: (tensors: Tensors, golden: GoldenCase) => Tensor1D,
  by: (golden: GoldenCase) => string[],
  outputs: (tensors: Tensors, golden: GoldenCase) => Tensors = () => ({}),
): Unit {
  return async (golden): Promise<UnitResult> => {
    const tensors = tensorsOf(golden);
    const { value, grads } = differentiate(() => tf.mean(losses(tensors, golden)), tensors, by(golden));
    return {
      loss: (await numbersOf(value))[0]!,
      perSample: await numbersOf(losses(tensors, golden)),
      outputs: outputs(tensors, golden),
      grads,
    };
  };
}

const student = () => ['studentFeature'];
const pairOf = (tensors: Tensors) =>
  [need(tensors, 'studentFeature'), need(tensors, 'teacherFeature')] as [Tensor2D, Tensor2D];
const stagesOf = (golden: GoldenCase) =>
  Object.keys(golden.inputs).filter((name) => name.startsWith('student'));
const nstStage = (tensors: Tensors, name: string) =>
  nstStageLosses(
    need(tensors, name) as Tensor4D,
    need(tensors, name.replace('student', 'teacher')) as Tensor4D,
  );
const rkdOf = (tensors: Tensors, golden: GoldenCase) => {
  const { distance, angle } = rkdParts(...pairOf(tensors));
  const weighted = tf.add(
    tf.mul(distance, numberParameter(golden, 'distanceWeight')),
    tf.mul(angle, numberParameter(golden, 'angleWeight')),
  );
  return { distance, angle, weighted: weighted as Tensor1D };
};

export const featureUnits: Record<string, Unit> = {
  nstLoss: featureUnit(
    (tensors, golden) =>
      stagesOf(golden)
        .map((name) => nstStage(tensors, name))
        .reduce((sum, each) => tf.add(sum, each)),
    stagesOf,
    (tensors, golden) =>
      Object.fromEntries(
        stagesOf(golden).map((name) => [name.replace('student', 'stage'), tf.mean(nstStage(tensors, name))]),
      ),
  ),
  spLoss: featureUnit((tensors) => spLosses(...pairOf(tensors)), student),
  ccRbfLoss: featureUnit(
    (tensors, golden) =>
      ccLosses(...pairOf(tensors), numberParameter(golden, 'gamma'), numberParameter(golden, 'order')),
    student,
  ),
  rkdLoss: featureUnit(
    (tensors, golden) => rkdOf(tensors, golden).weighted,
    student,
    (tensors, golden) => {
      const { distance, angle } = rkdOf(tensors, golden);
      return { distance: tf.mean(distance), angle: tf.mean(angle) };
    },
  ),
  pktLoss: featureUnit(
    (tensors, golden) => pktLosses(...pairOf(tensors), numberParameter(golden, 'eps')),
    student,
  ),
  vidLoss: featureUnit(
    (tensors, golden) => {
      const ops = new TensorOps({
        weights: (name) => need(tensors, name.replace(/weight$/, 'kernel')),
        statistics: () => {
          throw new Error('VID has no batch norm');
        },
        training: true,
      });
      const [map, target] = matchSides(...(pairOf(tensors) as unknown as [Tensor4D, Tensor4D]));
      const mean = vidMean<Tensor>(ops, map, '', target.shape[3]);
      return vidLosses(mean, target, need(tensors, 'logScale'), numberParameter(golden, 'eps'));
    },
    (golden) => ['studentFeature', ...Object.keys(golden.weights ?? {})],
  ),
};
