import { TensorOps } from '../../../engine/composed';
import { tf, type Tensor, type Tensor4D } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import { differentiate, need, numbersOf, tensorsOf } from '../../../../tests/golden/inputs';
import { matchSides } from '../resample';
import { hintLosses } from './loss';
import { regress, regressorGeometry } from './regressor';

/** Our parameter names and the file's. */
const fileNames: Record<string, string> = {
  'conv.weight': 'conv.kernel',
  'conv.bias': 'conv.bias',
  'bn.weight': 'bn.gamma',
  'bn.bias': 'bn.beta',
};

/** FitNet: the geometry is chosen by our rule, from the shapes alone. */
const hintLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const student = need(tensors, 'studentFeature') as Tensor4D;
  const teacher = need(tensors, 'teacherFeature') as Tensor4D;
  const geometry = regressorGeometry(student.shape[1], teacher.shape[1]);
  const ops = new TensorOps({
    weights: (name) => need(tensors, fileNames[name] ?? name),
    statistics: () => {
      throw new Error('training mode needs no running statistics');
    },
    training: true,
  });
  const regressed = () => regress<Tensor>(ops, student, geometry, teacher.shape[3]) as Tensor4D;
  const losses = () => hintLosses(...matchSides(regressed(), teacher));
  const { value, grads } = differentiate(() => tf.mean(losses()), tensors, [
    'studentFeature',
    ...Object.values(fileNames),
  ]);
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(losses()),
    outputs: { regressed: regressed() },
    grads,
  };
};

export const units: Record<string, Unit> = { hintLoss };
