/** Units of the losses without a teacher, or with peers in its place. */
import { tf, type Tensor1D, type Tensor2D } from '../../../src/engine/tf';
import { dmlLosses, type PeerReduction } from '../../../src/distill/hints/dml/loss';
import { labelSmoothingLosses, type Spread } from '../../../src/distill/hints/ls/loss';
import { tfkdRegLosses, tfkdSelfLosses } from '../../../src/distill/hints/tfkd/loss';
import { crossEntropies } from '../../../src/distill/objective';
import type { GoldenCase, Unit } from '../case';
import { differentiate, need, numbered, numberParameter, numbersOf, tensorsOf, type Tensors } from './inputs';

function targetOf(tensors: Tensors, classes: number): Tensor2D {
  return tf.cast(tf.oneHot(need(tensors, 'labels'), classes), 'float32') as Tensor2D;
}

/** A unit of one network's per-instance losses. */
function ofStudent(losses: (tensors: Tensors, target: Tensor2D, golden: GoldenCase) => Tensor1D): Unit {
  return async (golden) => {
    const tensors = tensorsOf(golden);
    const target = targetOf(tensors, need(tensors, 'studentLogits').shape[1]!);
    const { value, grads } = differentiate(() => tf.mean(losses(tensors, target, golden)), tensors, [
      'studentLogits',
    ]);
    return {
      loss: (await numbersOf(value))[0]!,
      perSample: await numbersOf(losses(tensors, target, golden)),
      grads,
    };
  };
}

/** (1 - alpha) * CE + alpha * part. */
function beside(ce: Tensor1D, part: Tensor1D, golden: GoldenCase): Tensor1D {
  const alpha = numberParameter(golden, 'alpha');
  return tf.add(tf.mul(ce, 1 - alpha), tf.mul(part, alpha));
}
const tfkdOptions = (golden: GoldenCase) => ({
  temperature: numberParameter(golden, 'temperature'),
  multiplier: numberParameter(golden, 'multiplier'),
});

/** Each network's loss; every peer is a constant in it. */
const dmlLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const names = numbered(golden, 'logits');
  const target = targetOf(tensors, need(tensors, names[0]!).shape[1]!);
  const reduction = golden.params['peerReduction'] as PeerReduction;
  let sum = 0;
  const outputs: Tensors = {};
  const grads: Tensors = {};
  for (const [i, name] of names.entries()) {
    const own = need(tensors, name);
    const peers = names.filter((other) => other !== name).map((other) => need(tensors, other));
    const loss = () =>
      tf.mean<tf.Scalar>(
        tf.add(
          crossEntropies(own, target),
          tf.mul(dmlLosses(own, peers, reduction), numberParameter(golden, 'lambda_')),
        ),
      );
    const result = differentiate(loss, tensors, [name]);
    sum += (await numbersOf(result.value))[0]!;
    outputs[`loss${i}`] = result.value;
    Object.assign(grads, result.grads);
  }
  return { loss: sum, outputs, grads };
};

export const teacherlessUnits: Record<string, Unit> = {
  labelSmoothingLoss: ofStudent((tensors, target, golden) =>
    labelSmoothingLosses(need(tensors, 'studentLogits'), target, {
      smoothing: numberParameter(golden, 'smoothing'),
      spread: golden.params['spread'] as Spread,
    }),
  ),
  tfkdRegLoss: ofStudent((tensors, target, golden) => {
    const student = need(tensors, 'studentLogits');
    const part = tfkdRegLosses(student, target, tfkdOptions(golden));
    return beside(crossEntropies(student, target), part, golden);
  }),
  tfkdSelfLoss: ofStudent((tensors, target, golden) => {
    const student = need(tensors, 'studentLogits');
    const part = tfkdSelfLosses(student, need(tensors, 'teacherLogits'), tfkdOptions(golden));
    return beside(crossEntropies(student, target), part, golden);
  }),
  dmlLoss,
};
