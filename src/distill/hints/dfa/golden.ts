import { gradientsOf } from '../../../engine/gradients';
import { softmaxCrossEntropy } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { Adam } from '../../../nn/optimisers';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  differentiated,
  need,
  numberParameter,
  numbersOf,
  opsOver,
  tensorsOf,
  type Tensors,
} from '../../../../tests/golden/inputs';
import { lossUnit, mapsOf, oneHotOf } from '../../../../tests/golden/loss-units';
import { aggregate, bridgeLosses, mixWeights, toTeacherLosses } from './loss';

const mixOf = (tensors: Tensors, golden: GoldenCase) =>
  aggregate(mapsOf(tensors, golden, 'teacher'), mixWeights(need(tensors, 'beta')));

const dfaAggregate: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const { value, grads } = differentiate(
    () => tf.sum(tf.mul(mixOf(tensors, golden), need(tensors, 'upstream'))),
    tensors,
    differentiated(golden),
  );
  return {
    loss: (await numbersOf(value))[0]!,
    outputs: { alpha: mixWeights(need(tensors, 'beta')), aggregate: mixOf(tensors, golden) },
    grads,
  };
};

const dfaStudentToTeacher = lossUnit((tensors, golden) => {
  const filters = need(tensors, 'teacher0').shape[3]!;
  const translated = opsOver(tensors).conv(need(tensors, 'student'), {
    ...{ name: 'connector', filters, kernel: 1 },
  });
  return toTeacherLosses(mixOf(tensors, golden), translated);
});

/** The student of the cases: two groups of one convolution, pooling between them, and a dense layer. */
function bridgeOf(tensors: Tensors, golden: GoldenCase) {
  const ops = opsOver(tensors);
  const channels = (name: string) => need(tensors, name).shape.at(-1)!;
  const group = (x: Tensor, name: string) =>
    ops.relu(ops.conv(x, { name, filters: channels(`${name}.kernel`), kernel: 3, padding: 1 }));
  const rest = (map: Tensor) => {
    const later = group(ops.maxPool(map, 2, 2), 'group1');
    return ops.dense(ops.globalAveragePool(later), { name: 'fc', units: channels('fc.bias') });
  };
  const map = group(need(tensors, 'image'), 'group0');
  const mixed = mixOf(tensors, golden);
  const connect = (x: Tensor, name: string, filters: number) => ops.conv(x, { name, filters, kernel: 1 });
  const logits = rest(map);
  return {
    logits,
    toTeacher: toTeacherLosses(mixed, connect(map, 'toTeacher', mixed.shape[3]!)),
    bridged: rest(connect(mixed, 'toStudent', map.shape[3]!)),
    labels: oneHotOf(need(tensors, 'labels'), logits.shape[1]!),
  };
}

const dfaBridge = lossUnit(
  (tensors, golden) =>
    bridgeLosses(bridgeOf(tensors, golden), {
      gammaST: numberParameter(golden, 'gammaST'),
      gammaTS: numberParameter(golden, 'gammaTS'),
    }),
  {
    outputs: (tensors, golden) => {
      const { logits, toTeacher, bridged, labels } = bridgeOf(tensors, golden);
      return {
        studentToTeacher: toTeacher,
        teacherToStudent: softmaxCrossEntropy(bridged, labels),
        crossEntropy: softmaxCrossEntropy(logits, labels),
        bridgeLogits: bridged,
      };
    },
  },
);

/** The alternation on vectors: the mix by Adam on the later half of the rows, then the weights by plain descent on the first. */
const dfaSearch: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const of = (name: string) => numberParameter(golden, name);
  const half = of('half');
  const variables = Object.fromEntries(
    Object.keys(golden.weights ?? {}).map((name) => [
      name,
      tf.variable(need(tensors, name), true, `dfa/${golden.name}/${name}/${Math.random()}`),
    ]),
  );
  const variable = (name: string) => variables[name] as Tensor2D;
  const lossOf = (from: number) => {
    const rows = (x: Tensor) => tf.slice(x, [from], [half]) as Tensor2D;
    const maps = mapsOf(tensors, golden, 'teacher').map(rows);
    const mixed = aggregate(maps, mixWeights(variable('beta'))) as Tensor2D;
    const map = tf.relu(tf.matMul(rows(need(tensors, 'image')), variable('student.kernel')));
    const classify = (x: Tensor) => tf.matMul(x as Tensor2D, variable('fc.kernel'));
    const parts = {
      logits: classify(map),
      toTeacher: toTeacherLosses(mixed, tf.matMul(map, variable('toTeacher.kernel'))),
      bridged: classify(tf.matMul(mixed, variable('toStudent.kernel'))),
      labels: oneHotOf(rows(need(tensors, 'labels')), variable('fc.kernel').shape[1]),
    };
    return tf.mean<tf.Scalar>(bridgeLosses(parts, { gammaST: 1, gammaTS: 1 }));
  };
  const weights = Object.keys(variables).filter((name) => name !== 'beta');
  const beta = variables['beta']!;
  const adam = new Adam([beta], { weightDecay: 0 });
  const alphas: Tensor1D[] = [];
  const losses: tf.Scalar[] = [];
  for (let step = 0; step < of('steps'); step++) {
    adam.step(gradientsOf(() => lossOf(half), [beta]).gradients, of('rateBeta'));
    alphas.push(mixWeights(beta));
    const { value, gradients } = gradientsOf(
      () => lossOf(0),
      weights.map((name) => variables[name]!),
    );
    losses.push(value);
    weights.forEach((name, i) => {
      const weight = variables[name]!;
      weight.assign(tf.sub(weight, tf.mul(gradients[i]!, of('rateWeights'))));
    });
  }
  adam.dispose();
  const ends = weights.map((name) => [`new.${name}`, variables[name]!.clone()] as const);
  const outputs: Tensors = {
    alpha: tf.stack(alphas),
    trainLoss: tf.stack(losses),
    ...Object.fromEntries(ends),
  };
  Object.values(variables).forEach((each) => each.dispose());
  return { outputs };
};

export const units: Record<string, Unit> = { dfaAggregate, dfaStudentToTeacher, dfaBridge, dfaSearch };
