/** Do weights from elsewhere fit a network? By names and shapes, before anything is made or changed. */
import { torchShape, type NamedArray } from './layouts';

/**
 * A sentence that names the first parameter that is missing, has another shape or is not the network's; null when the
 * weights fit.
 * @param specs what the network needs, in our layouts
 * @param state what is given, in PyTorch's names and layouts
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
