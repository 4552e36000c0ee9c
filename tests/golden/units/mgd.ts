/** Units of multi-granularity distillation: the self-analysing heads, their losses, the student's objective. */
import { TensorOps } from '../../../src/engine/composed';
import { tf, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { atStageLosses } from '../../../src/distill/hints/at/loss';
import { kdLosses } from '../../../src/distill/hints/kd/loss';
import { crossEntropies } from '../../../src/distill/objective';
import { encode, selfAnalyse } from '../../../src/distill/teachers/granular/heads';
import {
  codeLosses,
  selfAnalysingLosses,
  stableExcitation,
} from '../../../src/distill/teachers/granular/losses';
import type { GoldenCase, Unit, UnitResult } from '../case';
import { differentiate, need, numberParameter, numbersOf, tensorsOf, type Tensors } from '../inputs';

/** An op table over the case's weights, which end in "kernel" where ours end in "weight". */
function opsOf(tensors: Tensors, prefix = ''): TensorOps {
  return new TensorOps({
    weights: (name) => need(tensors, prefix + name.replace(/weight$/, 'kernel')),
    statistics: (name) => {
      throw new Error(`these modules have no statistics, asked for ${name}`);
    },
    training: true,
  });
}

const classify = (tensors: Tensors, feature: Tensor, prefix = '') =>
  opsOf(tensors, prefix).dense(feature, {
    name: 'classifier',
    units: need(tensors, `${prefix}classifier.bias`).size,
  });

/** Everything the module says of a feature; widths and classes are read off the weights. */
function analyse(tensors: Tensors, feature: Tensor, prefix = '') {
  const size = (name: string) => need(tensors, `${prefix}${name}.bias`).size;
  const widths = { abstract: size('abstractEncoder.dense2'), detailed: size('detailedEncoder.dense2') };
  return selfAnalyse<Tensor>(opsOf(tensors, prefix), feature, widths, size('abstractDecoder.dense2'));
}

const temperaturesOf = (golden: GoldenCase) => ({
  abstract: numberParameter(golden, 'lowTemperature'),
  detailed: numberParameter(golden, 'highTemperature'),
});
const oneHotOf = (tensors: Tensors, classes: number) =>
  tf.cast(tf.oneHot(need(tensors, 'labels'), classes), 'float32') as Tensor2D;
const sum = (...parts: Tensor1D[]) => parts.reduce((total, part) => tf.add(total, part));

const heads: Unit = (golden): UnitResult => {
  const tensors = tensorsOf(golden);
  const feature = need(tensors, 'feature');
  const { codes, logits } = analyse(tensors, feature);
  return {
    outputs: {
      normalLogits: classify(tensors, feature),
      abstractCode: codes.abstract,
      abstractLogits: logits.abstract,
      detailedCode: codes.detailed,
      detailedLogits: logits.detailed,
    },
  };
};

const selfAnalysingLoss: Unit = async (golden): Promise<UnitResult> => {
  const tensors = tensorsOf(golden);
  const feature = need(tensors, 'feature');
  const own = classify(tensors, feature);
  const labels = oneHotOf(tensors, own.shape[1]!);
  const losses = () =>
    selfAnalysingLosses(analyse(tensors, feature).logits, own, labels, temperaturesOf(golden));
  const total = () => tf.mean<tf.Scalar>(sum(losses().abstract, losses().detailed));
  const { value, grads } = differentiate(total, tensors, Object.keys(golden.expected.grads ?? {}));
  const { abstract, detailed } = losses();
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(sum(abstract, detailed)),
    outputs: { abstractLoss: tf.mean(abstract), detailedLoss: tf.mean(detailed) },
    grads,
  };
};

const stableExcitationLoss: Unit = async (golden): Promise<UnitResult> => {
  const tensors = tensorsOf(golden);
  const targetLogits = stableExcitation(need(tensors, 'teacherNormal'), {
    abstract: need(tensors, 'teacherAbstract'),
    detailed: need(tensors, 'teacherDetailed'),
  });
  const losses = () =>
    kdLosses(need(tensors, 'studentLogits'), targetLogits, numberParameter(golden, 'temperature'));
  const { value, grads } = differentiate(() => tf.mean(losses()), tensors, ['studentLogits']);
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(losses()),
    outputs: { targetLogits },
    grads,
  };
};

const studentLoss: Unit = async (golden): Promise<UnitResult> => {
  const tensors = tensorsOf(golden);
  const studentFeature = need(tensors, 'studentFeature');
  const teacherFeature = need(tensors, 'teacherFeature');
  const own = classify(tensors, teacherFeature, 'teacher.');
  const teacher = analyse(tensors, teacherFeature, 'teacher.');
  const target = golden.params['mode'] === 'MAS' ? stableExcitation(own, teacher.logits) : own;
  const labels = oneHotOf(tensors, own.shape[1]!);
  const widths = { abstract: teacher.codes.abstract.shape[1]!, detailed: teacher.codes.detailed.shape[1]! };
  const parts = (): Record<string, Tensor1D> => {
    const logits = classify(tensors, studentFeature, 'student.');
    const studentCodes = encode<Tensor>(opsOf(tensors, 'student.'), studentFeature, widths);
    const maps = ['studentMap', 'teacherMap'].map((name) => tensors[name]);
    return {
      ce: crossEntropies(logits, labels),
      div: kdLosses(logits, target, numberParameter(golden, 'temperature')),
      base:
        maps[0] && maps[1]
          ? atStageLosses(maps[0] as Tensor4D, maps[1] as Tensor4D, 2)
          : tf.zeros([labels.shape[0]]),
      ...codeLosses(studentCodes, teacher.codes, temperaturesOf(golden)),
    };
  };
  const total = () => {
    const { ce, div, base, abstract, detailed } = parts();
    const weighted = (part: Tensor1D, weight: string) =>
      tf.mul<Tensor1D>(part, numberParameter(golden, weight));
    return sum(
      weighted(ce!, 'ceWeight'),
      weighted(div!, 'divWeight'),
      weighted(base!, 'kdWeight'),
      abstract!,
      detailed!,
    );
  };
  const names = Object.keys(golden.expected.grads ?? {});
  const { value, grads } = differentiate(() => tf.mean(total()), tensors, names);
  const means = Object.entries(parts()).map(([name, losses]) => [name, tf.mean(losses)] as const);
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(total()),
    outputs: Object.fromEntries(means),
    grads,
  };
};

export const mgdUnits: Record<string, Unit> = {
  'self-analyzing-heads': heads,
  'self-analyzing-loss': selfAnalysingLoss,
  'stable-excitation-loss': stableExcitationLoss,
  'mgd-student-loss': studentLoss,
};
