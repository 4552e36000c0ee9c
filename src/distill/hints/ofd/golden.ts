import { tf, type Tensor, type Tensor1D } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { need, opsOver, tensorsOf } from '../../../../tests/golden/inputs';
import { mapsOf, partsUnit, sumOf } from '../../../../tests/golden/loss-units';
import { stageWeight } from '../ab/loss';
import { matchSides } from '../resample';
import { connectOfd } from './connector';
import { ofdStageLosses } from './loss';
import { marginOfNorm } from './margin';

const ofdLoss = partsUnit((tensors, golden) => {
  const teacher = mapsOf(tensors, golden, 'teacher');
  const losses = mapsOf(tensors, golden, 'student').map((map, i) => {
    const [s, t] = matchSides(map, teacher[i]!);
    const connected = connectOfd<Tensor>(opsOver(tensors), s, t.shape[3], `connector${i}.`);
    return ofdStageLosses(connected, t, need(tensors, `margin${i}`));
  });
  const weighted = losses.map((stage, i) => tf.mul<Tensor1D>(stage, stageWeight(i, losses.length)));
  return { names: losses.map((_, i) => `stage${i}`), losses, total: sumOf(weighted) };
});

const ofdMargin: Unit = (golden) => {
  const tensors = tensorsOf(golden);
  return { outputs: { margin: marginOfNorm(need(tensors, 'gamma'), need(tensors, 'beta')) } };
};

export const units: Record<string, Unit> = { ofdLoss, ofdMargin };
