import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import { need, numberParameter, tensorsOf, type Tensors } from '../../../../tests/golden/inputs';
import { lossUnit, oneHotOf } from '../../../../tests/golden/loss-units';
import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';
import {
  classMaps,
  dealing,
  dealt,
  explanationCosines,
  flatExplanations,
  inputGradients,
  introspectiveLosses,
  introspectiveTargets,
} from './loss';

const rule = (golden: GoldenCase) => ({
  epsilon: numberParameter(golden, 'epsilon'),
  tau: numberParameter(golden, 'tau'),
});

/** One hidden layer, without statistics of the batch. */
function logitsOf(tensors: Tensors, inputs: Tensor): Tensor {
  const layer = (x: Tensor, name: string) =>
    tf.add(
      tf.matMul(x as Tensor2D, need(tensors, `${name}.kernel`) as Tensor2D),
      need(tensors, `${name}.bias`),
    );
  return layer(tf.relu(layer(inputs, 'dense0')), 'dense1');
}

const targets: Unit = (golden) => {
  const tensors = tensorsOf(golden);
  const isMap = golden.params['form'] === 'map';
  const classes = need(tensors, isMap ? 'fc.kernel' : 'dense1.bias').shape.at(-1)!;
  const oneHot = oneHotOf(need(tensors, 'labels'), classes);
  const explanations = isMap
    ? classMaps(need(tensors, 'features'), need(tensors, 'fc.kernel'))
    : inputGradients((inputs) => logitsOf(tensors, inputs), need(tensors, 'image'), {
        classes,
        timesInput: golden.params['multiplyByInput'] === true,
      });
  const cosines = explanationCosines(flatExplanations(explanations, isMap ? 'map' : 'gradient'), oneHot);
  return { outputs: { explanations, cosines, targets: introspectiveTargets(cosines, oneHot, rule(golden)) } };
};

function partsOf(tensors: Tensors, golden: GoldenCase) {
  const logits = need(tensors, 'logits');
  const classes = logits.shape[1]!;
  const oneHot = oneHotOf(need(tensors, 'labels'), classes);
  const q = introspectiveTargets(similarities(tensors, golden, classes), oneHot, rule(golden));
  const temperature = numberParameter(golden, 'temperature');
  const lambda = numberParameter(golden, 'lambda');
  const { losses, kl } = introspectiveLosses(logits, q, oneHot, { lambda, temperature });
  return { losses, targets: q, softened: tf.softmax(tf.div(tf.log(q), temperature)), kl };
}

function similarities(tensors: Tensors, { params, inputs }: GoldenCase, classes: number): Tensor {
  const cosines = need(tensors, 'cosines');
  if (params['similarity'] === 'uniform') return tf.zerosLike(cosines);
  if (params['similarity'] !== 'shuffled') return cosines;
  const { data } = inputs['permutation']!;
  const others = classes - 1;
  const order = (row: number) => data.slice(row * others, (row + 1) * others);
  const labels = inputs['labels']!.data;
  return dealt(cosines, tf.tensor3d(dealing(labels, order, classes), [labels.length, classes, classes]));
}

export const units: Record<string, Unit> = {
  introspectiveTargets: targets,
  introspectiveLoss: lossUnit((tensors, golden) => partsOf(tensors, golden).losses, {
    outputs: (tensors, golden) => {
      const { targets: q, softened, kl } = partsOf(tensors, golden);
      return { targets: q, softened, kl };
    },
  }),
};
