import type { Tensor, Tensor4D } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import { need, numberParameter, opsOver, type Tensors } from '../../../../tests/golden/inputs';
import { partsUnit } from '../../../../tests/golden/loss-units';
import { factorAttentionLosses, factorLosses, paraphraserLosses } from './loss';
import { decode, encode, leaky, translate } from './modules';

const paraphrase = (tensors: Tensors, golden: GoldenCase) => {
  const map = need(tensors, 'teacherFeature') as Tensor4D;
  const channels = map.shape[3];
  const ops = opsOver(tensors);
  const factor = encode<Tensor>(ops, map, Math.floor(channels * numberParameter(golden, 'k')), leaky);
  return { map, factor, reconstruction: decode<Tensor>(ops, factor, channels, leaky) };
};
const ftParaphraserLoss = partsUnit(
  (tensors, golden) => {
    const { map, reconstruction } = paraphrase(tensors, golden);
    return { names: [], losses: [], total: paraphraserLosses(reconstruction, map) };
  },
  (tensors, golden) => {
    const { factor, reconstruction } = paraphrase(tensors, golden);
    return { factor, reconstruction };
  },
);

const studentFactor = (tensors: Tensors) => {
  const channels = need(tensors, 'teacherFactor').shape[3]!;
  return translate<Tensor>(opsOver(tensors), need(tensors, 'studentFeature'), channels, leaky) as Tensor4D;
};
const ftLoss = partsUnit(
  (tensors, golden) => {
    const teacher = need(tensors, 'teacherFactor') as Tensor4D;
    const student = studentFactor(tensors);
    const parameter = (name: string) => numberParameter(golden, name);
    const total =
      golden.params['form'] === 'paper'
        ? factorLosses(student, teacher, parameter('p'))
        : factorAttentionLosses(student, teacher, { p1: parameter('p1'), p2: parameter('p2') });
    return { names: [], losses: [], total };
  },
  (tensors) => ({ studentFactor: studentFactor(tensors) }),
);

export const units: Record<string, Unit> = { ftParaphraserLoss, ftLoss };
