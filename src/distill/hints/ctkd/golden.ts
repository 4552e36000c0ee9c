import { tf } from '../../../engine/tf';
import type { Unit } from '../../../../tests/golden/case';
import {
  differentiate,
  differentiated,
  need,
  numberParameter,
  numbersOf,
  tensorsOf,
} from '../../../../tests/golden/inputs';
import { ctkdLosses, curriculum, scaleGradient, temperatureOf } from './loss';

const ctkdLoss: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const loops = numberParameter(golden, 'decayLoops');
  const range = { from: numberParameter(golden, 'decayMax'), to: numberParameter(golden, 'decayMin') };
  const strength = (epoch: number) => curriculum(tf.scalar(epoch / loops), range);
  const factor = strength(numberParameter(golden, 'epoch'));
  const temperature = () =>
    temperatureOf(scaleGradient(need(tensors, 'theta'), factor), {
      start: numberParameter(golden, 'tStart'),
      span: numberParameter(golden, 'tEnd'),
    });
  const losses = () =>
    ctkdLosses(need(tensors, 'studentLogits'), need(tensors, 'teacherLogits'), temperature());
  const { value, grads } = differentiate(() => tf.mean(losses()), tensors, differentiated(golden));
  const epochs = golden.expected.outputs?.['schedule']?.data.length ?? 0;
  return {
    loss: (await numbersOf(value))[0]!,
    perSample: await numbersOf(losses()),
    outputs: {
      temperature: temperature(),
      lambda_: factor,
      ...(epochs > 0 ? { schedule: tf.stack(Array.from({ length: epochs }, (_, e) => strength(e))) } : {}),
    },
    grads,
  };
};

export const units: Record<string, Unit> = { ctkdLoss };
