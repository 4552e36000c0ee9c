/** Units of the hints that prepare the student or compare maps before the ReLU: FSP, AB, FT, OFD. */
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../src/engine/tf';
import { abStageLosses, abStageMeans, stageWeight } from '../../../src/distill/hints/ab/loss';
import { connect, regressorGeometry } from '../../../src/distill/hints/fitnet/regressor';
import { flow, fspPairLosses } from '../../../src/distill/hints/fsp/loss';
import { factorAttentionLosses, factorLosses, paraphraserLosses } from '../../../src/distill/hints/ft/loss';
import { decode, encode, leaky, translate } from '../../../src/distill/hints/ft/modules';
import { connectOfd } from '../../../src/distill/hints/ofd/connector';
import { ofdStageLosses } from '../../../src/distill/hints/ofd/loss';
import { marginOfNorm } from '../../../src/distill/hints/ofd/margin';
import { matchSides } from '../../../src/distill/hints/resample';
import type { GoldenCase, Unit, UnitResult } from '../case';
import {
  differentiate,
  differentiated,
  need,
  numbered,
  numberParameter,
  numbersOf,
  opsOver,
  tensorsOf,
  type Tensors,
} from './inputs';

/** Losses of the parts of a case (stages, pairs), and how they add up. */
interface Parts {
  names: string[];
  losses: Tensor1D[];
  total: Tensor1D;
}

const sumOf = (losses: readonly Tensor1D[]) => losses.reduce((sum, each) => tf.add(sum, each));

/** A unit from losses [B] of parts that are outputs of their own. */
function inParts(
  parts: (tensors: Tensors, golden: GoldenCase) => Parts,
  outputs: (tensors: Tensors, golden: GoldenCase) => Tensors = () => ({}),
): Unit {
  return async (golden): Promise<UnitResult> => {
    const tensors = tensorsOf(golden);
    const total = () => parts(tensors, golden).total;
    const { value, grads } = differentiate(() => tf.mean(total()), tensors, differentiated(golden));
    const { names, losses } = parts(tensors, golden);
    const named = names.map((name, i) => [name, tf.mean(losses[i]!)] as const);
    return {
      loss: (await numbersOf(value))[0]!,
      perSample: await numbersOf(total()),
      outputs: { ...Object.fromEntries(named), ...outputs(tensors, golden) },
      grads,
    };
  };
}

const mapsOf = (tensors: Tensors, golden: GoldenCase, what: string) =>
  numbered(golden, what).map((name) => need(tensors, name) as Tensor4D);

const fspLoss = inParts(
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

const abLoss = inParts((tensors, golden) => {
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

const abLossMean = inParts((tensors, golden) => {
  const teacher = mapsOf(tensors, golden, 'teacher');
  const losses = mapsOf(tensors, golden, 'student').map((map, i) =>
    abStageMeans(map, teacher[i]!, numberParameter(golden, 'margin')),
  );
  const total = tf.div<Tensor1D>(sumOf(losses), losses.length);
  return { names: losses.map((_, i) => `stage${i}`), losses, total };
});

const paraphrase = (tensors: Tensors, golden: GoldenCase) => {
  const map = need(tensors, 'teacherFeature') as Tensor4D;
  const channels = map.shape[3];
  const ops = opsOver(tensors);
  const factor = encode<Tensor>(ops, map, Math.floor(channels * numberParameter(golden, 'k')), leaky);
  return { map, factor, reconstruction: decode<Tensor>(ops, factor, channels, leaky) };
};
const ftParaphraserLoss = inParts(
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
const ftLoss = inParts(
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

const ofdLoss = inParts((tensors, golden) => {
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

export const transferUnits: Record<string, Unit> = {
  fspLoss,
  abLoss,
  abLossMean,
  ftParaphraserLoss,
  ftLoss,
  ofdLoss,
  ofdMargin,
};
