/** Writes files as `torch.save` does, for tests. */
import { zipSync } from 'fflate';
import type { NamedArray } from '../../src/nn/layouts';

const text = (value: string) => {
  const bytes = new TextEncoder().encode(value);
  return [0x58, bytes.length & 255, bytes.length >> 8, 0, 0, ...bytes];
};
const code = (value: string) => [...new TextEncoder().encode(value)];
const int = (value: number) => [
  0x4a,
  value & 255,
  (value >> 8) & 255,
  (value >> 16) & 255,
  (value >> 24) & 255,
];
const tuple = (...values: number[][]) => [0x28, ...values.flat(), 0x74];
const list = (...values: number[][]) => [0x5d, 0x28, ...values.flat(), 0x65];

function strides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));
}

/** The parts of a file: its pickle, and the numbers of its tensors. */
class Writer {
  readonly files: Record<string, Uint8Array> = {};

  /** @param type of PyTorch's storage: Float, Byte, Long */
  tensor(shape: readonly number[], data: ArrayBufferView & { length: number }, type: string): number[] {
    const key = String(Object.keys(this.files).length);
    this.files[`archive/data/${key}`] = new Uint8Array(
      data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer,
    );
    const storage = code(`ctorch\n${type}Storage\n`);
    const id = tuple(text('storage'), storage, text(key), text('cpu'), int(data.length));
    const view = [int(0), tuple(...shape.map(int)), tuple(...strides(shape).map(int)), [0x89], code('N')];
    return [...code('ctorch._utils\n_rebuild_tensor_v2\n'), ...tuple([...id, 0x51], ...view), 0x52];
  }

  zip(value: number[]): Uint8Array {
    return zipSync(
      { 'archive/data.pkl': Uint8Array.of(0x80, 2, ...value, 0x2e), ...this.files },
      { level: 0 },
    );
  }
}

/** The checkpoint of a state under the key `wrapper` (none where left out), beside the epoch. */
export function torchCheckpoint(state: readonly NamedArray[], wrapper?: string): Uint8Array {
  const writer = new Writer();
  const entries = state.flatMap(({ name, shape, data }) => [
    ...text(name),
    ...writer.tensor(shape, data, 'Float'),
  ]);
  const dict = [0x7d, 0x28, ...entries, 0x75];
  return writer.zip(
    wrapper ? [0x7d, 0x28, ...text('epoch'), ...int(3), ...text(wrapper), ...dict, 0x75] : dict,
  );
}

/** A tuple of bytes of images and their labels. */
export function torchPair(
  shape: readonly number[],
  images: Uint8Array,
  labels: readonly number[],
): Uint8Array {
  const writer = new Writer();
  const targets = BigInt64Array.from(labels, BigInt);
  return writer.zip(
    tuple(writer.tensor(shape, images, 'Byte'), writer.tensor([labels.length], targets, 'Long')),
  );
}

/** A list of pairs of an image of fractions and its label. */
export function torchSamples(count: number, shape: readonly number[], labels: readonly number[]): Uint8Array {
  const writer = new Writer();
  const size = shape.reduce((product, side) => product * side, 1);
  const samples = Array.from({ length: count }, (_, n) => {
    const image = Float32Array.from({ length: size }, (_, i) => ((n * 7 + i) % 256) / 255);
    return tuple(writer.tensor(shape, image, 'Float'), int(labels[n]!));
  });
  return writer.zip(list(...samples));
}
