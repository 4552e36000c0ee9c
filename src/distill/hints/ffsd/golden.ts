import { TensorOps } from '../../../engine/composed';
import { tf, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  differentiated,
  need,
  numberParameter,
  numbered,
  numbersOf,
  tensorsOf,
  type Tensors,
} from '../../../../tests/golden/inputs';
import { lossUnit, oneHotOf } from '../../../../tests/golden/loss-units';
import { fuseMaps } from '../../teachers/fusion/network';
import { attentionLosses, diversityLosses, elsewhere } from './attention';
import { convert, converterLosses, selfDistillationLosses } from './converters';
import { leaderLosses, mutualLosses, warmUp } from './loss';

const map = (tensors: Tensors, name: string) => need(tensors, name) as Tensor4D;
const crossEntropy = (logits: Tensor, target: Tensor2D) =>
  tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits as Tensor2D), target), 1))) as tf.Scalar;
const mean = (losses: Tensor1D) => tf.mean<tf.Scalar>(losses);

/** The op table over tensors of other names. @param names ours -> the case's */
function opsNamed(tensors: Tensors, names: Record<string, string>, training: boolean): TensorOps {
  const of = (name: string) => need(tensors, names[name] ?? name);
  return new TensorOps({ weights: of, statistics: of, training });
}

const diversity = lossUnit(
  (tensors) => diversityLosses(map(tensors, 'student'), elsewhere(map(tensors, 'other')).target),
  {
    by: () => ['student'],
    outputs: (tensors) => ({ shiftedTarget: elsewhere(map(tensors, 'other')).shifted }),
  },
);

const fusionModule: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const temperature = numberParameter(golden, 'temperature');
  const names = {
    'depthwise.weight': 'depthwise',
    'bn1.weight': 'bn1Gamma',
    'bn1.bias': 'bn1Beta',
    'pointwise.weight': 'pointwise',
    'bn2.weight': 'bn2Gamma',
    'bn2.bias': 'bn2Beta',
    'fc.weight': 'denseKernel',
    'fc.bias': 'denseBias',
  };
  const maps = numbered(golden, 'feature').map((name) => map(tensors, name));
  const logits = numbered(golden, 'logits').map((name) => need(tensors, name));
  const classes = logits[0]!.shape[1]!;
  const target = oneHotOf(need(tensors, 'labels'), classes);
  const average = tf.div(
    logits.reduce((sum, each) => tf.add(sum, each)),
    logits.length,
  );
  const parts = () => {
    // The cases keep this kernel as [k,k,C,1], the op table as [k,k,1,C].
    const depthwise = tf.transpose(need(tensors, 'depthwise'), [0, 1, 3, 2]);
    const ops = opsNamed({ ...tensors, depthwise }, names, true);
    const fused = fuseMaps<Tensor>(ops, maps, classes, '');
    return {
      fused,
      ce: crossEntropy(fused.logits, target),
      kl: mean(mutualLosses(fused.logits, [average], temperature)),
    };
  };
  const { value, grads } = differentiate(
    () => {
      const { ce, kl } = parts();
      return tf.add<tf.Scalar>(ce, kl);
    },
    tensors,
    differentiated(golden),
  );
  const { fused, ce, kl } = parts();
  return {
    loss: (await numbersOf(value))[0]!,
    outputs: { ce, kl, logits: fused.logits, fused: fused.map },
    grads,
  };
};

/** Names of a converter's layers in the cases. */
function converterNames(layers: number): Record<string, string> {
  const names: Record<string, string> = {};
  for (let i = 0; i < layers; i++) {
    names[`layer${i}.conv.weight`] = `layer${i}.kernel`;
    names[`layer${i}.bn.weight`] = `layer${i}.gamma`;
    names[`layer${i}.bn.bias`] = `layer${i}.beta`;
    names[`layer${i}.bn.running_mean`] = `layer${i}.movingMean`;
    names[`layer${i}.bn.running_var`] = `layer${i}.movingVariance`;
  }
  return names;
}

const selfDistillation: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const stages = numbered(golden, 'feature').map((name) => map(tensors, name));
  const widths = stages.slice(0, -1).map(({ shape }) => shape[3]);
  widths.reverse();
  const lambda = numberParameter(golden, 'lambdaSelfDistillation');
  const made = (from: Tensor, training: boolean) =>
    convert<Tensor>(opsNamed(tensors, converterNames(widths.length), training), from, widths);
  const { value, grads } = differentiate(
    () => mean(selfDistillationLosses(stages, made(need(tensors, 'input'), false))),
    tensors,
    differentiated(golden),
  );
  const parts = () => {
    const { feature, attention } = converterLosses(made(stages.at(-1)!, true), stages);
    return [feature, attention].map((losses) => tf.mul<tf.Scalar>(mean(losses), lambda)) as [
      tf.Scalar,
      tf.Scalar,
    ];
  };
  const converter = differentiate(
    () => tf.add<tf.Scalar>(...parts()),
    tensors,
    Object.keys(golden.expected.converterGrads ?? {}),
  );
  const [converterFeatureLoss, converterAttentionLoss] = parts();
  return {
    loss: (await numbersOf(value))[0]!,
    outputs: { converterFeatureLoss, converterAttentionLoss },
    grads,
    converterGrads: converter.grads,
  };
};

const totals: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const of = (name: string) => numberParameter(golden, name);
  const temperature = of('temperature');
  const logits = numbered(golden, 'logits').map((name) => need(tensors, name));
  const target = oneHotOf(need(tensors, 'labels'), logits[0]!.shape[1]!);
  const mutual = (student: number) =>
    mean(
      mutualLosses(
        logits[student]!,
        logits.filter((_, other) => other !== student),
        temperature,
      ),
    );
  const { target: other } = elsewhere(map(tensors, 'feature0'));
  const common = () =>
    tf.addN([
      crossEntropy(logits[1]!, target),
      mutual(1),
      tf.mul(mean(diversityLosses(map(tensors, 'feature1'), other)), of('lambdaDiversity')),
    ]) as tf.Scalar;
  const leader = () => {
    const { answers, maps } = leaderLosses(
      {
        logits: need(tensors, 'leaderLogits'),
        map: map(tensors, 'leaderFeature'),
        translated: map(tensors, 'transFusion'),
      },
      {
        logits: need(tensors, 'fusionLogits'),
        map: map(tensors, 'fused'),
        concat: tf.concat(
          numbered(golden, 'feature').map((name) => map(tensors, name)),
          3,
        ),
      },
      temperature,
    );
    const labels = crossEntropy(need(tensors, 'leaderLogits'), target);
    return tf.addN([labels, mean(answers), tf.mul(mean(maps), of('lambdaFusion'))]) as tf.Scalar;
  };
  const gradsOf = (leads: boolean) =>
    differentiated(golden).filter((name) => /^(leader|trans)/.test(name) === leads);
  const ofCommon = differentiate(common, tensors, gradsOf(false));
  const ofLeader = differentiate(leader, tensors, gradsOf(true));
  return {
    loss: (await numbersOf(ofCommon.value))[0]!,
    outputs: {
      leaderLoss: ofLeader.value,
      ...Object.fromEntries(logits.map((_, student) => [`dml${student}`, mutual(student)])),
    },
    grads: { ...ofCommon.grads, ...ofLeader.grads },
  };
};

/** Epochs count from 1, so the share of the warm-up is that of the epochs that are done with this one. */
const warmup: Unit = (golden) => {
  const epochs = need(tensorsOf(golden), 'epoch');
  const share = tf.div(epochs, numberParameter(golden, 'alpha'));
  return { outputs: { weight: tf.mul(warmUp(share, 100), numberParameter(golden, 'lambda')) } };
};

export const units: Record<string, Unit> = {
  attentionLoss: lossUnit((tensors) => attentionLosses(map(tensors, 'student'), map(tensors, 'target')), {
    by: () => ['student'],
  }),
  diversity,
  fusionModule,
  selfDistillation,
  totals,
  warmup,
};
