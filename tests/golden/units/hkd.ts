/** HKD's whole step on a two-layer student, and the ensembling of its weights, with the code that runs in training. */
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../src/engine/tf';
import { kdLosses } from '../../../src/distill/hints/kd/loss';
import { crossEntropies, weightedHints } from '../../../src/distill/objective';
import { hypergradients } from '../../../src/distill/weighting/hint-dynamic/bilevel';
import { HistoryTable } from '../../../src/distill/weighting/hint-dynamic/ensembling';
import {
  metaGradients,
  metaWeights,
  type MetaParameters,
} from '../../../src/distill/weighting/hint-dynamic/meta-network';
import { Sgd } from '../../../src/nn/optimisers';
import type { GoldenCase, UnitResult } from '../case';
import { need, numberParameter, numbersOf, tensorsOf, type Tensors } from '../inputs';

type Parameters = ReadonlyMap<string, Tensor>;

const activations: Record<string, (x: Tensor) => Tensor> = {
  linear: (x) => x,
  tanh: (x) => tf.tanh(x),
  relu: (x) => tf.relu(x),
};

/** f = act(x*dense1), z = f*dense2; hints per sample. */
function toyStudent(golden: GoldenCase, tensors: Tensors, theta: Parameters) {
  const activation = activations[String(golden.params['activation'])];
  if (!activation) throw new Error(`unknown activation ${String(golden.params['activation'])}`);
  const dense = (x: Tensor, name: string, at: Parameters) => {
    const value = (part: string) => at.get(`${name}.${part}`) ?? theta.get(`${name}.${part}`)!;
    return tf.add(tf.matMul(x as Tensor2D, value('kernel') as Tensor2D), value('bias'));
  };
  const forward = (x: Tensor, at: Parameters) => {
    const feature = activation(dense(x, 'dense1', at));
    return { feature, logits: dense(feature, 'dense2', at) };
  };
  const hints = (at: Parameters): Tensor2D => {
    const { feature, logits } = forward(need(tensors, 'x'), at);
    const teacher = need(tensors, 'teacherLogits');
    const losses = (golden.params['hints'] as string[]).map((hint) => {
      if (hint === 'kd') return kdLosses(logits, teacher, numberParameter(golden, 'temperature'));
      if (hint === 'logit-mse') return tf.mean(tf.squaredDifference(logits, teacher), -1);
      if (hint !== 'feature') throw new Error(`unknown hint ${hint}`);
      const regressed = theta.has('regressor.kernel') ? dense(feature, 'regressor', at) : feature;
      return tf.mean(tf.squaredDifference(regressed, need(tensors, 'teacherFeature')), -1);
    });
    return tf.stack(losses, 1) as Tensor2D;
  };
  const oneHot = (name: string) =>
    tf.cast(tf.oneHot(need(tensors, name), need(tensors, 'teacherLogits').shape[1]!), 'float32') as Tensor2D;
  return {
    hints,
    ce: (at: Parameters) => crossEntropies(forward(need(tensors, 'x'), at).logits, oneHot('labels')),
    metaLoss: (at: Parameters) =>
      tf.mean<tf.Scalar>(crossEntropies(forward(need(tensors, 'metaX'), at).logits, oneHot('metaLabels'))),
  };
}

export async function hkdBilevelStep(golden: GoldenCase): Promise<UnitResult> {
  const tensors = tensorsOf(golden);
  const names = Object.keys(golden.weights ?? {}).filter((name) => !name.startsWith('meta'));
  const theta = new Map(names.map((name) => [name, tf.variable(need(tensors, name))]));
  const student = toyStudent(golden, tensors, theta);
  const features = need(tensors, 'metaFeatures') as Tensor2D;
  const base = tf.tensor1d(golden.params['baseWeights'] as number[]);
  const metaNames = {
    kernel1: 'meta1.kernel',
    bias1: 'meta1.bias',
    kernel2: 'meta2.kernel',
    bias2: 'meta2.bias',
  };
  const psi = Object.fromEntries(
    Object.entries(metaNames).map(([part, name]) => [part, need(tensors, name)]),
  ) as unknown as MetaParameters<Tensor>;
  const rate = numberParameter(golden, 'eta');
  const momentum = numberParameter(golden, 'momentum');
  const weightDecay = numberParameter(golden, 'weightDecay');

  const weights = metaWeights(psi, features, base);
  const total = (w: Tensor2D) => () =>
    tf.add(tf.mean(student.ce(theta)), weightedHints(student.hints(theta), w)) as tf.Scalar;
  const gradientMap = (f: () => tf.Scalar, at: Parameters) => {
    const { value, gradients } = gradientsOf(f, [...at.values()]);
    return { value, gradients: new Map([...at.keys()].map((name, i) => [name, gradients[i] ?? null])) };
  };
  const first = gradientMap(total(weights), theta);
  const found = hypergradients(
    {
      parameters: theta,
      metaGradients: (at) => {
        const { value, gradients } = gradientMap(() => student.metaLoss(at), at);
        return { loss: value, gradients };
      },
      hintLosses: student.hints,
      step: {
        rate: tf.scalar(rate),
        momentum,
        nesterov: false,
        weightDecay,
        velocity: (name) => tensors[`velocity.${name}`] ?? null,
      },
    },
    first.gradients,
    numberParameter(golden, 'delta'),
  );
  const lesson = metaGradients(psi, features, base, found.values);
  const metaRate = numberParameter(golden, 'metaLearningRate');
  const learned = Object.fromEntries(
    Object.entries(psi).map(([part, value]: [string, Tensor]) => [
      part,
      tf.sub(value, tf.mul(lesson[part as keyof MetaParameters<Tensor>], metaRate)),
    ]),
  ) as unknown as MetaParameters<Tensor>;
  const after = metaWeights(learned, features, base);
  const hintLosses = student.hints(theta);
  const perSample = tf.add(student.ce(theta), tf.sum(tf.mul(hintLosses, weights), -1));
  const outputs: Tensors = {
    ce: student.ce(theta),
    hintLosses,
    weights,
    metaLoss: found.metaLoss,
    hypergrad: found.values,
    fdHypergrad: found.values.clone(),
    weightsAfterMetaStep: after,
  };
  for (const [name, value] of found.virtual) outputs[`virtual.${name}`] = value;
  for (const [name, value] of found.direction) outputs[`v.${name}`] = value ?? tf.zerosLike(theta.get(name)!);

  const second = gradientMap(total(after), theta);
  outputs['lossAfterMetaStep'] = second.value;
  const optimiser = new Sgd([...theta.values()], { momentum, nesterov: false, weightDecay });
  const velocities = await Promise.all(
    names.map(async (name) =>
      Float32Array.from(await numbersOf(tensors[`velocity.${name}`] ?? tf.zerosLike(theta.get(name)!))),
    ),
  );
  optimiser.restore({ steps: 1, slots: { velocity: velocities } });
  const grads: Tensors = Object.fromEntries(
    names.map((name) => [name, first.gradients.get(name) ?? tf.zerosLike(theta.get(name)!)]),
  );
  for (const [part, name] of Object.entries(metaNames))
    grads[name] = lesson[part as keyof MetaParameters<Tensor>];
  const loss = (await numbersOf(first.value))[0]!;
  const samples = await numbersOf(perSample);
  optimiser.step([...second.gradients.values()], rate);
  for (const [name, variable] of theta) outputs[`new.${name}`] = variable.clone();
  optimiser.dispose();
  theta.forEach((variable) => variable.dispose());
  return { loss, perSample: samples, outputs, grads };
}

export function hkdWeightEnsembling(golden: GoldenCase): UnitResult {
  const tensors = tensorsOf(golden);
  const table = new HistoryTable(
    numberParameter(golden, 'samples'),
    numberParameter(golden, 'hints'),
    'golden',
  );
  const outputs: Tensors = {};
  for (let step = 0; step < numberParameter(golden, 'steps'); step++) {
    const rows = need(tensors, `index${step}`) as Tensor1D;
    const weights = need(tensors, `w${step}`) as Tensor2D;
    const { used, spread } = table.blend(
      rows,
      weights,
      { of: weights, first: 0 },
      { momentum: numberParameter(golden, 'momentum'), mix: numberParameter(golden, 'mix'), remember: true },
    );
    outputs[`ensembled${step}`] = used;
    outputs[`spread${step}`] = spread;
  }
  const { mean, count } = table.snapshot();
  outputs['finalMean'] = mean;
  outputs['finalCount'] = count;
  table.dispose();
  return { outputs };
}
