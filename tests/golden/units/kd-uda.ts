/** The divergence of two domains that an adapting teacher lowers. */
import { mmd } from '../../../src/distill/teachers/adapting/mmd';
import type { Tensor2D } from '../../../src/engine/tf';
import type { Unit } from '../case';
import { differentiate, need, numberParameter, numbersOf, tensorsOf } from '../inputs';

const mmdUnit: Unit = async (golden) => {
  const tensors = tensorsOf(golden);
  const [source, target] = ['source', 'target'].map((name) => need(tensors, name) as Tensor2D) as [
    Tensor2D,
    Tensor2D,
  ];
  const kernels = {
    count: numberParameter(golden, 'kernelNum'),
    factor: numberParameter(golden, 'kernelMul'),
  };
  const { value, grads } = differentiate(() => mmd(source, target, kernels), tensors, ['source', 'target']);
  return { loss: (await numbersOf(value))[0]!, grads };
};

export const kdUdaUnits: Record<string, Unit> = { mmd: mmdUnit };
