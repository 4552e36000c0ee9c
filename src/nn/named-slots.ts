/** What an optimiser remembers of what it moves, by PyTorch's names: for programs that go on with a training. */
import type { tf } from '../engine/tf';
import { toTorchLayout, torchShape, type NamedSlots } from './layouts';
import type { Optimiser } from './optimisers';

/**
 * In PyTorch's layouts.
 * @param parameters what the optimiser moves, in its order, by name
 */
export async function namedSlots(
  optimiser: Pick<Optimiser, 'state'>,
  parameters: ReadonlyMap<string, Pick<tf.Variable, 'shape'>>,
): Promise<NamedSlots> {
  const { steps, slots } = await optimiser.state();
  const named = (values: readonly Float32Array[]) =>
    [...parameters].map(([name, { shape }], i) => ({
      name,
      shape: torchShape(shape),
      data: toTorchLayout(values[i]!, shape),
    }));
  return {
    steps,
    slots: Object.fromEntries(Object.entries(slots).map(([kind, values]) => [kind, named(values)])),
  };
}
