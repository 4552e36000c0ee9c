import { gradientsOf } from '../../../engine/gradients';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  differentiated,
  need,
  numberParameter,
  numbersOf,
  tensorsOf,
  type Tensors,
} from '../../../../tests/golden/inputs';
import { oneHotOf } from '../../../../tests/golden/loss-units';
import { attack } from './attack';
import { bssLosses, ratiosAt, softened } from './loss';
import { baseImages, drawnClasses, topClass } from './select';

/** Two dense layers with an activation between them, over a case's weights. */
const mlp =
  (weights: Tensors, who: string, activation: (x: Tensor) => Tensor = tf.relu) =>
  (inputs: Tensor): Tensor2D => {
    const dense = (x: Tensor, layer: number) =>
      tf.add(
        tf.matMul(x as Tensor2D, need(weights, `${who}.dense${layer}.kernel`) as Tensor2D),
        need(weights, `${who}.dense${layer}.bias`),
      );
    return dense(activation(dense(tf.reshape(inputs, [inputs.shape[0]!, -1]), 0)), 1) as Tensor2D;
  };

const attackOptions = (golden: GoldenCase, names: { steps: string; eta: string }) => ({
  steps: numberParameter(golden, names.steps),
  eta: numberParameter(golden, names.eta),
  low: tf.scalar(-numberParameter(golden, 'clip')),
  high: tf.scalar(numberParameter(golden, 'clip')),
});
const classOf = (oneHot: Tensor2D) => tf.argMax(oneHot, 1);

const bssAttack: Unit = (golden) => {
  const tensors = tensorsOf(golden);
  const image = need(tensors, 'image');
  // What these cases say of their teacher; that of whole steps has a ReLU.
  const teacher = mlp(tensors, 'teacher', tf.tanh);
  const clean = teacher(image);
  const towards = oneHotOf(need(tensors, 'attackClass'), clean.shape[1]);
  const adversarial = attack(
    teacher,
    image,
    towards,
    attackOptions(golden, { steps: 'numSteps', eta: 'stepAlpha' }),
  );
  const last = teacher(adversarial);
  return {
    outputs: {
      adversarial,
      baseClass: classOf(topClass(clean)),
      cleanLogits: clean,
      adversarialLogits: last,
      finalClass: classOf(topClass(last)),
    },
  };
};

/** The rows that were chosen, without those that only fill up. */
async function chosen(index: Tensor1D, valid: Tensor1D): Promise<number[]> {
  const keep = await numbersOf(valid);
  return (await numbersOf(index)).filter((_, i) => keep[i] === 1);
}

const bssSelect: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const [student, teacher] = [need(tensors, 'studentLogits'), need(tensors, 'teacherLogits')];
  const [images, classes] = teacher.shape as [number, number];
  const most = Math.min(numberParameter(golden, 'attackSize'), images);
  const target = oneHotOf(need(tensors, 'labels'), classes);
  const { index, valid } = baseImages(student, teacher, target, most);
  const attackIndex = await chosen(index, valid);
  const uniform = tf.slice(need(tensors, 'uniform'), [0], [attackIndex.length]);
  const ofChosen = tf.gather(teacher, tf.tensor1d(attackIndex, 'int32'));
  return { outputs: { attackIndex, attackClass: classOf(drawnClasses(ofChosen, uniform)) } };
};

const bssLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const teacher = need(tensors, 'teacherLogits');
  const temperature = numberParameter(golden, 'temperature');
  const mean = () => tf.mean<tf.Scalar>(softened(need(tensors, 'studentLogits'), teacher, temperature));
  const entropy = tf.mean<tf.Scalar>(softened(teacher, teacher, temperature));
  const { value, grads } = differentiate(
    () => tf.sub<tf.Scalar>(mean(), entropy),
    tensors,
    differentiated(golden),
  );
  return { loss: (await numbersOf(value))[0]!, outputs: { crossEntropyForm: mean() }, grads };
};

/** Whole steps of SGD: selection, attack, the objective and the update. */
const bssSteps: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const of = (name: string) => numberParameter(golden, name);
  const [batch, steps, temperature] = [of('batch'), of('steps'), of('temperature')];
  const shares = golden.params['shares'] as number[];
  const teacher = mlp(tensors, 'teacher');
  const names = Object.keys(tensors).filter((name) => name.startsWith('student.'));
  const now: Tensors = { ...tensors };
  const velocity = new Map<string, Tensor>();
  const told = { loss: [] as number[], attackIndex: [] as Tensor[], attackClass: [] as Tensor[] };
  const adversarial: Tensor[] = [];
  for (let step = 0; step < steps; step++) {
    const rows = <T extends Tensor>(name: string) =>
      tf.slice(need(tensors, name), [step * batch], [batch]) as T;
    const inputs = rows('image');
    const clean = teacher(inputs);
    const target = oneHotOf(rows('labels'), clean.shape[1]);
    const student = mlp(now, 'student');
    const { index, valid } = baseImages(student(inputs), clean, target, of('attackSize'));
    const uniform = tf.reshape(tf.slice(need(tensors, 'uniform'), [step, 0], [1, -1]), [-1]);
    const towards = drawnClasses(tf.gather(clean, index), uniform);
    const options = attackOptions(golden, { steps: 'attackSteps', eta: 'eta' });
    const moved = attack(teacher, tf.gather(inputs, index), towards, options);
    const border = teacher(moved);
    const { value, gradients } = gradientsOf(
      () => {
        const own = mlp(now, 'student');
        const logits = own(inputs);
        const terms = {
          plain: softened(logits, clean, temperature),
          moved: softened(own(moved), border, temperature),
          index,
          valid,
        };
        const ratios = ratiosAt(tf.scalar(shares[step]!), { r1Start: 4, r1End: 1, r2Start: 2, offAt: 75 });
        const labels = tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), target), 1)));
        return tf.add<tf.Scalar>(labels, tf.mean(bssLosses(terms, ratios)));
      },
      names.map((name) => need(now, name)),
    );
    names.forEach((name, place) => {
      const before = velocity.get(name);
      const pull = before ? tf.add(tf.mul(before, of('momentum')), gradients[place]!) : gradients[place]!;
      velocity.set(name, pull);
      now[name] = tf.sub(need(now, name), tf.mul(pull, of('learningRate')));
    });
    told.loss.push(...(await numbersOf(value)));
    told.attackIndex.push(index);
    told.attackClass.push(classOf(towards));
    adversarial.push(moved);
  }
  return {
    outputs: {
      loss: told.loss,
      attackIndex: tf.stack(told.attackIndex),
      attackClass: tf.stack(told.attackClass),
      adversarial: tf.stack(adversarial),
      ...Object.fromEntries(names.map((name) => [`new.${name}`, need(now, name)])),
    },
  };
};

export const units: Record<string, Unit> = { bssAttack, bssSelect, bssLoss, bssSteps };
