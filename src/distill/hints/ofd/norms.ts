/** Which batch norm of a network comes before each stage's last ReLU. */
import type { Ops } from '../../../engine/ops';
import { describeModule, planNetwork, type Shape } from '../../../nn/describe';

/**
 * The name of the batch norm whose output is the stage's value before the ReLU, per stage, or null where there is none.
 * Of a sum it is the first summand's: the branch with the convolutions, as in the authors' code.
 * @param name of a network; @param input [H,W,C]
 */
export function normsBeforeStages(name: string, input: Shape, classes: number): (string | null)[] {
  const plan = planNetwork(name, input, classes);
  if ('problem' in plan) return [];
  const { output } = describeModule(
    (ops, images) => {
      const names = new WeakMap<Shape, string>();
      const trace = plan.define(watched(ops, names), images!);
      return trace.preActivations.map((shape) => names.get(shape) ?? null);
    },
    [input],
  );
  return output;
}

/** The op table that also notes which batch norm a value comes from. Each noted value is an object of its own. */
function watched(ops: Ops<Shape>, names: WeakMap<Shape, string>): Ops<Shape> {
  const note = (shape: Shape, name: string | undefined): Shape => {
    const own = [...shape];
    if (name !== undefined) names.set(own, name);
    return own;
  };
  const own: Pick<Ops<Shape>, 'batchNorm' | 'add' | 'asMap' | 'relu'> = {
    batchNorm: (x, name) => note(ops.batchNorm(x, name), name),
    add: (a, b) => note(ops.add(a, b), names.get(a) ?? names.get(b)),
    asMap: (x) => note(ops.asMap(x), names.get(x)),
    relu: (x) => note(ops.relu(x), undefined),
  };
  return new Proxy(ops, {
    get: (target, key) => {
      if (Object.hasOwn(own, key)) return own[key as keyof typeof own];
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
