import { TensorOps } from '../../src/engine/composed';
import { gradientsOf } from '../../src/engine/gradients';
import type { Ops } from '../../src/engine/ops';
import { tf, type Tensor } from '../../src/engine/tf';
import type { GoldenCase, GoldenTensor } from './case';

export type Tensors = Record<string, Tensor>;

export function tensorOf({ shape, dtype, data }: GoldenTensor): Tensor {
  return tf.tensor(data, shape, dtype);
}

/** Inputs and weights of a case by name. */
export function tensorsOf({ inputs, weights }: GoldenCase): Tensors {
  return Object.fromEntries(
    Object.entries({ ...inputs, ...weights }).map(([name, value]) => [name, tensorOf(value)]),
  );
}

/** A tensor that the case must hold. */
export function need(tensors: Tensors, name: string): Tensor {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`the case lacks "${name}"`);
  return tensor;
}

export function numberParameter({ params }: GoldenCase, name: string): number {
  const value = params[name];
  if (typeof value !== 'number') throw new Error(`the case lacks the number params.${name}`);
  return value;
}

/** The value of `loss` and its gradient by each of the named tensors. */
export function differentiate(
  loss: () => tf.Scalar,
  tensors: Tensors,
  names: readonly string[],
): { value: tf.Scalar; grads: Tensors } {
  const { value, gradients } = gradientsOf(
    loss,
    names.map((name) => need(tensors, name)),
  );
  const grads = names.map((name, i) => [name, gradients[i] ?? tf.zerosLike(need(tensors, name))] as const);
  return { value, grads: Object.fromEntries(grads) };
}

export async function numbersOf(tensor: Tensor): Promise<number[]> {
  return Array.from(await tensor.data());
}

/** The file's name of one of our parameters. */
export function fileName(name: string): string {
  return /(^|\.)bn\d?\./.test(name)
    ? name
        .replace(/weight$/, 'gamma')
        .replace(/bias$/, 'beta')
        .replace(/running_mean$/, 'movingMean')
        .replace(/running_var$/, 'movingVariance')
    : name.replace(/weight$/, 'kernel');
}

/** The op table over a case's weights, batch statistics in its batch norms. */
export function opsOver(tensors: Tensors): Ops<Tensor> {
  return new TensorOps({
    weights: (name) => need(tensors, fileName(name)),
    statistics: () => {
      throw new Error('training mode needs no running statistics');
    },
    training: true,
  });
}

/** Names of the inputs `student0`, `student1`, ... in their order. */
export function numbered(golden: GoldenCase, what: string): string[] {
  return Object.keys(golden.inputs)
    .filter((name) => new RegExp(`^${what}\\d+$`).test(name))
    .sort((a, b) => Number(a.slice(what.length)) - Number(b.slice(what.length)));
}

/** Names of all that a case has gradients for. */
export function differentiated(golden: GoldenCase): string[] {
  return Object.keys(golden.expected.grads ?? {});
}
