/** Unified ensembles of specialised teachers: how the branches are joined. */
import { TensorOps } from '../../../src/engine/composed';
import { tf, type Tensor, type Tensor2D } from '../../../src/engine/tf';
import { crossEntropies } from '../../../src/distill/objective';
import { joinHeads, type Joining } from '../../../src/distill/teachers/specialists/unified';
import type { GoldenCase, Unit, UnitResult } from '../case';
import { differentiate, need, numbersOf, tensorsOf, type Tensors } from '../inputs';

const nothing = (name: string) => {
  throw new Error(`joining needs no parameters, asked for ${name}`);
};
const ops = new TensorOps({ weights: nothing, statistics: nothing, training: true });

function joiningOf({ params }: GoldenCase): Joining {
  return {
    sets: params['coverage'] as number[][],
    classes: params['classes'] as number,
    activation: params['headActivation'] as Joining['activation'],
    other: params['otherOutput'] as Joining['other'],
  };
}

const oneHotOf = (tensors: Tensors, classes: number) =>
  tf.cast(tf.oneHot(need(tensors, 'labels'), classes), 'float32') as Tensor2D;

const combine: Unit = async (golden): Promise<UnitResult> => {
  const tensors = tensorsOf(golden);
  const joining = joiningOf(golden);
  const names = joining.sets.map((_, b) => `head${b}`);
  const scores = () =>
    joinHeads<Tensor>(
      ops,
      names.map((name) => need(tensors, name)),
      joining,
    );
  const labels = oneHotOf(tensors, joining.classes);
  const losses = () => crossEntropies(scores(), labels);
  const { value, grads } = differentiate(() => tf.mean(losses()), tensors, names);
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(losses()),
    outputs: { scores: scores(), probabilities: tf.softmax(scores()) },
    grads,
  };
};

export const specialistUnits: Record<string, Unit> = {
  'specialist-combine': combine,
};
