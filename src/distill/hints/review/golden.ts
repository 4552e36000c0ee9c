/** One fusion, the context loss, and the whole review path. */
import { TensorOps } from '../../../engine/composed';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import type { GoldenCase, Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  fileName,
  need,
  numbered,
  numberParameter,
  numbersOf,
  tensorsOf,
  type Tensors,
} from '../../../../tests/golden/inputs';
import { fuse, type Level } from './fusion';
import { hclLosses } from './hcl';

function opsOf({ params }: GoldenCase, tensors: Tensors): TensorOps {
  const named = (name: string) => need(tensors, fileName(name));
  return new TensorOps({
    weights: named,
    statistics: named,
    training: String(params['batchNorm']).startsWith('train'),
  });
}

function level(
  student: Tensor,
  outSide: number,
  filters: number,
  middle: number,
  prefix: string,
  fused: boolean,
): Level {
  return { prefix, student: student.shape.slice(1), teacher: [outSide, outSide, filters], middle, fused };
}

const abf: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const student = need(tensors, 'student');
  const filters = need(tensors, 'gradOut').shape[3]!;
  const middle = numberParameter(golden, 'midChannels');
  const fused = golden.params['fuse'] === true;
  const run = () =>
    fuse(
      opsOf(golden, tensors),
      student,
      fused ? (need(tensors, 'residual') as Tensor4D) : null,
      level(student, numberParameter(golden, 'outSize'), filters, middle, '', fused),
      'attention',
    );
  const scalar = () => {
    const { output, residual } = run();
    const against = (value: Tensor, name: string) => tf.sum(tf.mul(value, need(tensors, name)));
    return tf.add(against(output, 'gradOut'), against(residual, 'gradResidual')) as tf.Scalar;
  };
  const { value, grads } = differentiate(scalar, tensors, Object.keys(golden.expected.grads ?? {}));
  const { output, residual } = run();
  return { loss: (await numbersOf(value))[0]!, outputs: { out: output, residualOut: residual }, grads };
};

const hcl: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const students = numbered(golden, 'student');
  const perLevel = () =>
    students.map((name) =>
      hclLosses(
        need(tensors, name) as Tensor4D,
        need(tensors, name.replace('student', 'teacher')) as Tensor4D,
        golden.params['poolSizes'] as number[],
      ),
    );
  const total = () => perLevel().reduce((sum, losses) => tf.add(sum, losses));
  const { value, grads } = differentiate(() => tf.mean(total()), tensors, students);
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(total()),
    outputs: { perLevel: tf.stack(perLevel().map((losses) => tf.mean(losses))) },
    grads,
  };
};

const reviewLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const students = numbered(golden, 'student');
  const sides = golden.params['outSizes'] as number[];
  const path = () => {
    const outputs: Tensor4D[] = [];
    const losses: Tensor1D[] = [];
    let residual: Tensor4D | null = null;
    for (let k = students.length - 1; k >= 0; k--) {
      const student = need(tensors, `student${k}`);
      const teacher = need(tensors, `teacher${k}`) as Tensor4D;
      const middle = numberParameter(golden, 'midChannels');
      const here = level(student, sides[k]!, teacher.shape[3], middle, `level${k}.`, residual !== null);
      const fused = fuse(opsOf(golden, tensors), student, residual, here, 'attention');
      residual = fused.residual;
      outputs[k] = fused.output;
      losses.push(hclLosses(fused.output, teacher, golden.params['poolSizes'] as number[]));
    }
    return { outputs, hcl: tf.mean<tf.Scalar>(losses.reduce((sum, value) => tf.add(sum, value))) };
  };
  const factor =
    numberParameter(golden, 'reviewWeight') *
    Math.min(numberParameter(golden, 'epoch') / numberParameter(golden, 'warmupEpochs'), 1);
  const names = Object.keys(golden.expected.grads ?? {});
  const { value, grads } = differentiate(() => tf.mul(path().hcl, factor), tensors, names);
  const { outputs, hcl: loss } = path();
  return {
    loss: (await numbersOf(value))[0]!,
    outputs: { hcl: loss, ...Object.fromEntries(outputs.map((output, k) => [`out${k}`, output])) },
    grads,
  };
};

export const units: Record<string, Unit> = { abf, hcl, 'review-loss': reviewLoss };
