import { tf, type Tensor4D } from '../../../src/engine/tf';
import { atStageLosses } from '../../../src/distill/hints/at/loss';
import type { GoldenCase, UnitResult } from '../case';
import { differentiate, need, numberParameter, numbersOf, tensorsOf } from './inputs';

export async function atLoss(golden: GoldenCase): Promise<UnitResult> {
  const tensors = tensorsOf(golden);
  const p = numberParameter(golden, 'p');
  const students = Object.keys(golden.inputs).filter((name) => name.startsWith('student'));
  const stage = (name: string) =>
    atStageLosses(
      need(tensors, name) as Tensor4D,
      need(tensors, name.replace('student', 'teacher')) as Tensor4D,
      p,
    );
  const losses = () => students.map(stage).reduce((sum, each) => tf.add(sum, each));
  const { value, grads } = differentiate(() => tf.mean(losses()), tensors, students);
  const outputs = students.map((name) => [name.replace('student', 'stage'), tf.mean(stage(name))] as const);
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(losses()),
    outputs: Object.fromEntries(outputs),
    grads,
  };
}
