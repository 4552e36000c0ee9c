/** Checks whether weights fit a network, by names and shapes, before anything is created or changed. */
import { torchShape, type NamedArray } from './layouts';

/**
 * A sentence that names the first parameter that is missing, has another shape or does not belong to the network;
 * null when the weights fit.
 * @param specs the network's parameters, in our layouts
 * @param state the given weights, in PyTorch's names and layouts
 */
export function stateProblem(
  specs: readonly { name: string; shape: readonly number[] }[],
  state: readonly Pick<NamedArray, 'name' | 'shape'>[],
): string | null {
  const given = new Map(state.map((entry) => [entry.name, entry]));
  for (const { name, shape } of specs) {
    const entry = given.get(name);
    if (!entry) return `The weights lack “${name}”.`;
    const expected = torchShape(shape);
    if (entry.shape.join() !== expected.join())
      return `“${name}” has the shape [${entry.shape.join(', ')}] where this network needs [${expected.join(', ')}].`;
  }
  const known = new Set(specs.map(({ name }) => name));
  const surplus = state.find(({ name }) => !known.has(name));
  return surplus ? `The weights hold “${surplus.name}”, which this network does not have.` : null;
}
