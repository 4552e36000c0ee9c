/** Units of ensembles whose members take turns. */
import { kdLosses } from '../../../src/distill/hints/kd/loss';
import { copyAt, memberOfStep, type TurnRule } from '../../../src/distill/teachers/ensemble/turns';
import { crossEntropies } from '../../../src/distill/objective';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../src/engine/tf';
import type { Unit } from '../case';
import { differentiate, need, numberParameter, numbersOf, tensorsOf } from '../inputs';

/** T^2 times the cross-entropy with softened answers, [B]. */
function softCrossEntropies(student: Tensor, probabilities: Tensor, temperature: number): Tensor1D {
  const losses = crossEntropies(tf.div(student, temperature), probabilities);
  return tf.mul(losses, temperature * temperature);
}

const switchLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const temperature = numberParameter(golden, 'temperature');
  const student = need(tensors, 'studentLogits');
  const members = tf.unstack(need(tensors, 'teacherLogits'));
  const active = members[numberParameter(golden, 'active')]!;
  const soft = (logits: Tensor) => tf.softmax(tf.div(logits, temperature) as Tensor2D);
  const losses = () => softCrossEntropies(student, soft(active), temperature);
  const { value, grads } = differentiate(() => tf.mean(losses()), tensors, ['studentLogits']);
  const mean = tf.mean(tf.stack(members.map(soft)), 0);
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(losses()),
    outputs: {
      klPerSample: kdLosses(student, active, temperature),
      averageLoss: tf.mean(softCrossEntropies(student, mean, temperature)),
    },
    grads,
  };
};

const rule: Unit = ({ params, inputs }) => {
  const { members, rows, rule: name } = params as { members: number; rows: number; rule: TurnRule };
  const copies = (inputs['positions']?.data ?? []).map((position) => copyAt(position, rows));
  return {
    outputs: {
      teacher: (inputs['uniform']?.data ?? []).map((u, step) => memberOfStep(name, step, u, members)),
      augmentRow: copies.map(({ row }) => row),
      augmentTeacher: copies.map(({ member }) => member),
    },
  };
};

export const ensembleSwitchUnits: Record<string, Unit> = {
  ensembleSwitchLoss: switchLoss,
  ensembleSwitchRule: rule,
};
