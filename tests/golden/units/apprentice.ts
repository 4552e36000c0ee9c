/** Units of low-precision students: quantisers, a rounded convolution, whole steps of the three schemes. */
import { opsOverTensors } from '../../../src/engine/fused';
import { gradientsOf } from '../../../src/engine/gradients';
import { meanCrossEntropy } from '../../../src/engine/loss-ops';
import { roundedActivation, roundedWeights } from '../../../src/engine/quantise';
import { tf, type Tensor } from '../../../src/engine/tf';
import { softAnswerLosses } from '../../../src/distill/hints/soft-answers/loss';
import { inLowPrecision, type Precision } from '../../../src/nn/low-precision';
import type { JoinedDefinition } from '../../../src/nn/networks/define-network';
import { Sgd } from '../../../src/nn/optimisers';
import type { GoldenCase, Unit } from '../case';
import {
  differentiate,
  differentiated,
  need,
  numberParameter,
  numbersOf,
  tensorsOf,
  type Tensors,
} from '../inputs';
import { oneHotOf } from '../loss-units';

/** Of the sum of an output times the case's `upstream`. */
function upstreamUnit(name: string, compute: (tensors: Tensors, golden: GoldenCase) => Tensor): Unit {
  return async (golden) => {
    const tensors = tensorsOf(golden);
    const { value, grads } = differentiate(
      () => tf.sum(tf.mul(compute(tensors, golden), need(tensors, 'upstream'))),
      tensors,
      differentiated(golden),
    );
    return { loss: (await numbersOf(value))[0]!, outputs: { [name]: compute(tensors, golden) }, grads };
  };
}

const quantLayer = upstreamUnit('y', (tensors, golden) => {
  const bits = numberParameter(golden, 'bitsWeights');
  const x = roundedActivation(need(tensors, 'x'), numberParameter(golden, 'bitsActivations'));
  const ops = opsOverTensors({
    weights: () => need(tensors, 'kernel'),
    statistics: need.bind(null, tensors),
    training: true,
  });
  const filters = need(tensors, 'kernel').shape[3]!;
  return ops.conv(x, { name: '', filters, kernel: 3, padding: 1, rounding: { rule: 'wrpn', bits } });
});

/** Two hidden layers; the names do not matter to it. */
const network =
  (widths: readonly number[]): JoinedDefinition =>
  (ops, x) => {
    const hidden = ops.relu(ops.dense(x, { name: 'dense0', units: widths[0]! }));
    const embedding = ops.relu(ops.dense(hidden, { name: 'dense1', units: widths[1]! }));
    const logits = ops.dense(embedding, { name: 'dense2', units: widths[2]! });
    return { logits, embedding, stem: hidden, stages: [hidden], preActivations: [hidden] };
  };

const apprenticeSteps: Unit = async (golden) => {
  const of = (name: string) => numberParameter(golden, name);
  const given = tensorsOf(golden);
  const isJoint = golden.params['scheme'] === 'A';
  const [batch, steps] = [of('batch'), of('steps')];
  const variables = new Map(
    Object.keys(golden.weights ?? {}).map((name) => [name, tf.variable(need(given, name))] as const),
  );
  const trained = [...variables].filter(([name]) => isJoint || name.startsWith('student.'));
  const optimiser = new Sgd(
    trained.map(([, variable]) => variable),
    { momentum: of('momentum'), nesterov: false, weightDecay: 0 },
  );
  const plain = network([0, 1, 2].map((layer) => need(given, `student.dense${layer}.bias`).size));
  const precision: Precision = {
    weights: of('bitsWeights'),
    activations: of('bitsActivations'),
    rule: 'wrpn',
    exempt: true,
  };
  const low = inLowPrecision(plain, { kernels: ['dense1.weight'], activations: [0] }, precision);
  const answers = (define: JoinedDefinition, who: string, images: Tensor) =>
    define<Tensor>(
      opsOverTensors({
        weights: (name) => variables.get(`${who}.${name.replace(/weight$/, 'kernel')}`)!,
        statistics: need.bind(null, given),
        training: true,
      }),
      images,
    ).logits;
  const labels = oneHotOf(need(given, 'labels'), need(given, 'student.dense2.bias').size);
  const [losses, logits]: [number[], Tensor[]] = [[], []];
  for (let step = 0; step < steps; step++) {
    const rows = (all: Tensor) => tf.slice(all, [step * batch, 0], [batch, -1]);
    const [images, targets] = [rows(need(given, 'image')), rows(labels)];
    const target = answers(plain, 'teacher', images);
    logits.push(answers(low, 'student', images));
    const { value, gradients } = gradientsOf(
      () => {
        const own = answers(low, 'student', images);
        const soft = softAnswerLosses(own, target, { temperature: of('temperature'), timesSquare: true });
        const ofStudent = tf.add(
          tf.mul(meanCrossEntropy(own, targets, batch), of('beta')),
          tf.mul(tf.mean(soft), of('gamma')),
        );
        const ofTeacher = meanCrossEntropy(answers(plain, 'teacher', images), targets, batch);
        return tf.add(ofStudent, tf.mul(ofTeacher, of('alpha')));
      },
      trained.map(([, variable]) => variable),
    );
    losses.push(...(await numbersOf(value)));
    optimiser.step(gradients, of('learningRate'));
  }
  const after = [...variables].map(([name, variable]) => [`new.${name}`, variable.clone()] as const);
  const outputs = { loss: losses, studentLogits: tf.concat(logits, 0), ...Object.fromEntries(after) };
  optimiser.dispose();
  variables.forEach((variable) => variable.dispose());
  return { outputs };
};

export const apprenticeUnits: Readonly<Record<string, Unit>> = {
  activation: upstreamUnit('quantized', (tensors, golden) =>
    roundedActivation(need(tensors, 'x'), numberParameter(golden, 'bits')),
  ),
  wrpnWeight: upstreamUnit('quantized', (tensors, golden) =>
    roundedWeights(need(tensors, 'w'), { rule: 'wrpn', bits: numberParameter(golden, 'bits') }),
  ),
  dorefaWeight: upstreamUnit('quantized', (tensors, golden) =>
    roundedWeights(need(tensors, 'w'), { rule: 'dorefa', bits: numberParameter(golden, 'bits') }),
  ),
  quantLayer,
  apprenticeSteps,
};
