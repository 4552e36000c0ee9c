/** Writes checkpoints as `torch.save` does, for tests. */
import { zipSync } from 'fflate';
import type { NamedArray } from '../../src/nn/layouts';

const text = (value: string) => {
  const bytes = new TextEncoder().encode(value);
  return [0x58, bytes.length & 255, bytes.length >> 8, 0, 0, ...bytes];
};
const code = (value: string) => [...new TextEncoder().encode(value)];
const int = (value: number) => [0x4a, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >> 24];
const tuple = (...values: number[][]) => [0x28, ...values.flat(), 0x74];

function strides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
}

/** The checkpoint of a state under the key `wrapper` (none where left out), beside the epoch. */
export function torchCheckpoint(state: readonly NamedArray[], wrapper?: string): Uint8Array {
  const files: Record<string, Uint8Array> = {};
  const entries = state.flatMap(({ name, shape, data }, i) => {
    files[`archive/data/${i}`] = new Uint8Array(data.slice().buffer);
    const id = tuple(
      text('storage'),
      code('ctorch\nFloatStorage\n'),
      text(`${i}`),
      text('cpu'),
      int(data.length),
    );
    const view = [int(0), tuple(...shape.map(int)), tuple(...strides(shape).map(int)), [0x89], code('N')];
    return [
      ...text(name),
      ...code('ctorch._utils\n_rebuild_tensor_v2\n'),
      ...tuple([...id, 0x51], ...view),
      0x52,
    ];
  });
  const dict = [0x7d, 0x28, ...entries, 0x75];
  const whole = wrapper ? [0x7d, 0x28, ...text('epoch'), ...int(3), ...text(wrapper), ...dict, 0x75] : dict;
  return zipSync({ 'archive/data.pkl': Uint8Array.of(0x80, 2, ...whole, 0x2e), ...files }, { level: 0 });
}
