/** The distillation-oriented trainer: a trajectory of parameters under given gradients. */
import { tf, type Tensor2D } from '../../../src/engine/tf';
import { Dot } from '../../../src/nn/dot';
import type { Unit } from '../case';
import { need, numberParameter, tensorsOf } from '../inputs';

export const dotOptimizer: Unit = (golden) => {
  const tensors = tensorsOf(golden);
  const parameters = tf.variable(need(tensors, 'params'));
  const optimiser = new Dot([parameters], {
    momentum: numberParameter(golden, 'momentum'),
    delta: numberParameter(golden, 'delta'),
    weightDecay: numberParameter(golden, 'weightDecay'),
  });
  const gradients = (name: string) => tf.unstack(need(tensors, name) as Tensor2D);
  const [task, distilled] = [gradients('gradTask'), gradients('gradKd')];
  const trajectory = task.map((gradient, step) => {
    optimiser.step([gradient, distilled[step]!], numberParameter(golden, 'learningRate'));
    // A copy of the numbers: on WebGPU the variable's own buffer goes on changing.
    return tf.add(parameters, 0);
  });
  optimiser.dispose();
  const trajectoryOf = tf.stack(trajectory);
  parameters.dispose();
  return { outputs: { trajectory: trajectoryOf } };
};
