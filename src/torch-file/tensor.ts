/** Tensors of a file of PyTorch: a view (offset, shape, strides) of a storage that lies elsewhere in the file. */
import { fromBrainHalf, fromHalf } from '../numbers/half-precision';
import {
  bytesOfKind,
  GlobalName,
  isList,
  isShape,
  TorchProblem,
  type NumberKind,
  type PickleValue,
} from './values';

/** Numbers in a row, which several tensors may share. */
export class TorchStorage {
  constructor(
    readonly key: string,
    readonly kind: NumberKind,
    /** How many numbers. */
    readonly count: number,
    /** Where a storage that is part of another begins, in numbers; files before 1.6 only. */
    readonly start = 0,
  ) {}
}

export class TorchTensor {
  constructor(
    readonly storage: TorchStorage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}

  get size(): number {
    return this.shape.reduce((product, side) => product * side, 1);
  }
}

const kinds: Readonly<Record<string, NumberKind>> = {
  FloatStorage: 'f4',
  DoubleStorage: 'f8',
  HalfStorage: 'f2',
  BFloat16Storage: 'bf2',
  LongStorage: 'i8',
  IntStorage: 'i4',
  ShortStorage: 'i2',
  CharStorage: 'i1',
  ByteStorage: 'u1',
  BoolStorage: 'bool',
  UntypedStorage: 'u1',
};

const malformed = () => new TorchProblem('is damaged: it describes a tensor in a way that cannot be read');

/** The storage that a persistent id names: ('storage', type, key, device, count, part of another). */
export function storageOf(id: PickleValue, storages: Map<string, TorchStorage>): TorchStorage {
  if (!isList(id) || id[0] !== 'storage' || !(id[1] instanceof GlobalName)) throw malformed();
  const [, type, key, , count, part] = id as [unknown, GlobalName, ...PickleValue[]];
  const name = type.name.slice(type.name.lastIndexOf('.') + 1);
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind)
    throw new TorchProblem(
      `holds numbers of the type ${name}, which cannot be read here; save them as float32`,
      'object',
    );
  if (typeof key !== 'string' || !isCount(count)) throw malformed();
  const known = storages.get(key);
  if (known && (known.kind !== kind || known.count !== count)) throw malformed();
  const storage = known ?? new TorchStorage(key, kind, count);
  storages.set(key, storage);
  if (part === undefined || part === null) return storage;
  const [, start, size] = isList(part) ? part : [];
  if (!isCount(start) || !isCount(size) || start + size > count) throw malformed();
  return new TorchStorage(key, kind, size, start);
}

/** The tensor that one of PyTorch's functions would make of these arguments. */
export function rebuilt(name: string, args: PickleValue[]): TorchTensor {
  if (name.startsWith('torch._utils._rebuild_parameter')) {
    const [tensor] = args;
    if (!(tensor instanceof TorchTensor)) throw malformed();
    return tensor;
  }
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof TorchStorage) || !isCount(offset) || !isShape(shape) || !isShape(strides))
    throw malformed();
  if (shape.length !== strides.length) throw malformed();
  const size = shape.reduce((product, side) => product * side, 1);
  const last = shape.reduce((at, side, i) => at + (side - 1) * strides[i]!, offset);
  if (!Number.isSafeInteger(size) || (size > 0 && !(last < storage.count)))
    throw new TorchProblem('is damaged: a tensor lies outside its storage');
  return new TorchTensor(storage, storage.start + offset, shape, strides);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export type NumberArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** What numbers of a kind are read into. 64-bit integers beyond 2^53 lose their last digits. */
const arrays: Readonly<Record<NumberKind, new (length: number) => NumberArray>> = {
  bool: Uint8Array,
  u1: Uint8Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: Float64Array,
  f2: Float32Array,
  bf2: Float32Array,
  f4: Float32Array,
  f8: Float64Array,
};

/**
 * The numbers of a view of `bytes`, in order of its shape, copied.
 * @throws TorchProblem when they end before it
 */
export function numbersOf(
  bytes: Uint8Array,
  { kind, offset, shape, strides }: { kind: NumberKind } & Pick<TorchTensor, 'offset' | 'shape' | 'strides'>,
  littleEndian: boolean,
): NumberArray {
  const size = shape.reduce((product, side) => product * side, 1);
  const out = new arrays[kind](size);
  if (size === 0) return out;
  const last = shape.reduce((at, side, i) => at + (side - 1) * strides[i]!, offset);
  if ((last + 1) * bytesOfKind(kind) > bytes.length)
    throw new TorchProblem('is cut off: numbers of a tensor are missing');
  if (littleEndian && isInARow(shape, strides) && (kind === 'f4' || kind === 'u1')) {
    const width = bytesOfKind(kind);
    const run = bytes.slice(offset * width, (offset + size) * width);
    return kind === 'u1' ? run : new Float32Array(run.buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const get = readerOf(view, kind, littleEndian);
  const place = shape.map(() => 0);
  let at = offset;
  for (let i = 0; i < size; i++) {
    out[i] = get(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      at -= place[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return out;
}

function isInARow(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! > 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

function readerOf(view: DataView, kind: NumberKind, little: boolean): (at: number) => number {
  switch (kind) {
    case 'bool':
      return (at) => (view.getUint8(at) === 0 ? 0 : 1);
    case 'u1':
      return (at) => view.getUint8(at);
    case 'i1':
      return (at) => view.getInt8(at);
    case 'i2':
      return (at) => view.getInt16(at * 2, little);
    case 'i4':
      return (at) => view.getInt32(at * 4, little);
    case 'i8':
      return (at) => Number(view.getBigInt64(at * 8, little));
    case 'f2':
      return (at) => fromHalf(view.getUint16(at * 2, little));
    case 'bf2':
      return (at) => fromBrainHalf(view.getUint16(at * 2, little));
    case 'f4':
      return (at) => view.getFloat32(at * 4, little);
    case 'f8':
      return (at) => view.getFloat64(at * 8, little);
  }
}
