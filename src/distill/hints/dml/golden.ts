import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  need,
  numbered,
  numberParameter,
  numbersOf,
  tensorsOf,
  type Tensors,
} from '../../../../tests/golden/inputs';
import { oneHotOf } from '../../../../tests/golden/loss-units';
import { crossEntropies } from '../../objective';
import { dmlLosses, type PeerReduction } from './loss';

/** Each network's loss; every peer is a constant in it. */
const dmlLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const names = numbered(golden, 'logits');
  const target = oneHotOf(need(tensors, 'labels'), need(tensors, names[0]!).shape[1]!);
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

export const units: Record<string, Unit> = { dmlLoss };
