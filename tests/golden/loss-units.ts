/** Units of golden cases that hold per-instance losses: their mean, each of them, further outputs and gradients. */
import { sumOf } from '../../src/distill/hints/sums';
import { tf, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D } from '../../src/engine/tf';
import type { GoldenCase, Unit, UnitResult } from './case';
import { differentiate, differentiated, need, numbered, numbersOf, tensorsOf, type Tensors } from './inputs';

type Of<I, R> = (inputs: I, golden: GoldenCase) => R;

/**
 * A unit from per-instance losses [B].
 * @param by inputs and weights that the mean is differentiated by; left out, those that the case has gradients of
 * @param outputs what the case holds beside the losses
 */
export function lossUnit(
  losses: Of<Tensors, Tensor1D>,
  {
    by = differentiated,
    outputs = () => ({}),
  }: { by?: (golden: GoldenCase) => readonly string[]; outputs?: Of<Tensors, Tensors> } = {},
): Unit {
  return async (golden): Promise<UnitResult> => {
    const tensors = tensorsOf(golden);
    const { value, grads } = differentiate(() => tf.mean(losses(tensors, golden)), tensors, by(golden));
    return {
      loss: (await numbersOf(value))[0]!,
      perSample: await numbersOf(losses(tensors, golden)),
      outputs: outputs(tensors, golden),
      grads,
    };
  };
}

/** The inputs `studentLogits` and `teacherLogits` [B,C] of a case, with its `labels` as one-hot [B,C] (zeros where it has none). */
export interface Logits {
  student: Tensor;
  teacher: Tensor;
  target: Tensor2D;
}

export function logitsOf(tensors: Tensors): Logits {
  const student = need(tensors, 'studentLogits');
  const labels = tensors['labels'];
  const target = labels ? oneHotOf(labels, student.shape[1]!) : (tf.zerosLike(student) as Tensor2D);
  return { student, teacher: tensors['teacherLogits'] ?? tf.zerosLike(student), target };
}

/** Labels [B] as one-hot [B,C]. */
export function oneHotOf(labels: Tensor, classes: number): Tensor2D {
  return tf.cast(tf.oneHot(labels, classes), 'float32') as Tensor2D;
}

/** A unit of a loss of logits. */
export function logitUnit(losses: Of<Logits, Tensor1D>, outputs: Of<Logits, Tensors> = () => ({})): Unit {
  return lossUnit((tensors, golden) => losses(logitsOf(tensors), golden), {
    by: () => ['studentLogits'],
    outputs: (tensors, golden) => outputs(logitsOf(tensors), golden),
  });
}

/** The inputs `studentFeature` and `teacherFeature` of a case, [B,D]. */
export function featuresOf(tensors: Tensors): [Tensor2D, Tensor2D] {
  return [need(tensors, 'studentFeature'), need(tensors, 'teacherFeature')] as [Tensor2D, Tensor2D];
}

/** The inputs `student0`, `student1`, ... or `teacher0`, ... of a case, [B,H,W,C] each. */
export function mapsOf(tensors: Tensors, golden: GoldenCase, whose: 'student' | 'teacher'): Tensor4D[] {
  return numbered(golden, whose).map((name) => need(tensors, name) as Tensor4D);
}

export { sumOf };

/** Losses [B] of the parts of a case (stages, pairs), and how they add up. */
export interface LossParts {
  names: readonly string[];
  losses: readonly Tensor1D[];
  total: Tensor1D;
}

/** A unit of a loss in parts, whose means are outputs of their own. */
export function partsUnit(parts: Of<Tensors, LossParts>, outputs: Of<Tensors, Tensors> = () => ({})): Unit {
  return lossUnit((tensors, golden) => parts(tensors, golden).total, {
    outputs: (tensors, golden) => {
      const { names, losses } = parts(tensors, golden);
      const means = names.map((name, i) => [name, tf.mean(losses[i]!)] as const);
      return { ...Object.fromEntries(means), ...outputs(tensors, golden) };
    },
  });
}

/** A unit of a loss that sums over the stages `student0`/`teacher0`, ...; the mean of each is the output `stage0`, ... */
export function stagesUnit(
  stageLosses: (student: Tensor4D, teacher: Tensor4D, golden: GoldenCase) => Tensor1D,
): Unit {
  return partsUnit((tensors, golden) => {
    const teacher = mapsOf(tensors, golden, 'teacher');
    const losses = mapsOf(tensors, golden, 'student').map((map, i) => stageLosses(map, teacher[i]!, golden));
    return { names: losses.map((_, i) => `stage${i}`), losses, total: sumOf(losses) };
  });
}
