import { tf, type Tensor, type Tensor2D } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  differentiated,
  need,
  numberParameter,
  numbersOf,
  opsOver,
  tensorsOf,
} from '../../../../tests/golden/inputs';
import { movedRows, unitRows } from '../banks';
import { affinities, contrastiveLosses, normaliserOf } from './contrast';

/** A bank after the rows `index` have taken in the embeddings. */
function bankAfter(bank: Tensor2D, index: Tensor, embeddings: Tensor2D, momentum: number): Tensor {
  const moved = movedRows(tf.gather(bank, index), embeddings, momentum);
  return tf.tensorScatterUpdate(bank, tf.reshape(index, [-1, 1]), moved);
}

const crdLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const parameter = (name: string) => numberParameter(golden, name);
  const images = parameter('nData');
  const picks = need(tensors, 'contrastIndex') as Tensor2D;
  const banks = {
    student: need(tensors, 'memoryStudent') as Tensor2D,
    teacher: need(tensors, 'memoryTeacher') as Tensor2D,
  };
  const embeddings = () => {
    const ops = opsOver(tensors);
    const embed = (feature: string, name: string) =>
      unitRows(ops.dense(need(tensors, feature), { name, units: parameter('featDim') }));
    return {
      student: embed('studentFeature', 'embedStudent'),
      teacher: embed('teacherFeature', 'embedTeacher'),
    };
  };
  const scores = () => {
    const { student, teacher } = embeddings();
    const tau = parameter('temperature');
    return {
      student: affinities(student, banks.teacher, picks, tau),
      teacher: affinities(teacher, banks.student, picks, tau),
    };
  };
  const first = scores();
  const normaliser = (name: string, of: Tensor2D) =>
    parameter(name) > 0 ? tf.scalar(parameter(name)) : normaliserOf(of, images);
  const z = {
    student: normaliser('zStudent', first.student),
    teacher: normaliser('zTeacher', first.teacher),
  };
  const losses = () => {
    const { student, teacher } = scores();
    return {
      student: contrastiveLosses(student, z.student, images),
      teacher: contrastiveLosses(teacher, z.teacher, images),
    };
  };
  const total = () => {
    const { student, teacher } = losses();
    return tf.add(student, teacher);
  };
  const { value, grads } = differentiate(() => tf.mean(total()), tensors, differentiated(golden));
  const { student, teacher } = losses();
  const after = embeddings();
  const index = need(tensors, 'index');
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(total()),
    outputs: {
      studentLoss: tf.mean(student),
      teacherLoss: tf.mean(teacher),
      zStudent: z.student,
      zTeacher: z.teacher,
      memoryStudent: bankAfter(banks.student, index, after.student, parameter('momentum')),
      memoryTeacher: bankAfter(banks.teacher, index, after.teacher, parameter('momentum')),
    },
    grads,
  };
};

export const units: Record<string, Unit> = { crdLoss };
