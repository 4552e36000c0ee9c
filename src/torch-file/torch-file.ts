/**
 * Files of `torch.save`: the zip of PyTorch 1.6 and later, and the pickles in a row of earlier ones. What they hold is
 * read as plain values and tensors; see `pickle.ts` for what is never done.
 */
import { unzipSync } from 'fflate';
import { readPickle } from './pickle';
import { numbersOf, TorchTensor, type NumberArray, type TorchStorage } from './tensor';
import { bytesOfKind, isList, PythonDict, TorchProblem, type NumpyArray, type PickleValue } from './values';

export { TorchTensor, type NumberArray } from './tensor';
export { isList, NumpyArray, PythonDict, TorchProblem, type PickleValue } from './values';

export interface TorchFile {
  value: PickleValue;
  /**
   * Numbers of arrays of the file, in order of their shapes, copied.
   * @throws TorchProblem when numbers are missing, or they are many times the file's
   */
  numbers: (arrays: readonly (TorchTensor | NumpyArray)[]) => NumberArray[];
}

/** The name of the first entry of a zip; '' when the bytes are no zip. */
function firstEntry(head: Uint8Array): string {
  if (head.length < 30 || head[0] !== 0x50 || head[1] !== 0x4b || head[2] !== 3 || head[3] !== 4) return '';
  const length = head[26]! + 256 * head[27]!;
  return new TextDecoder().decode(head.subarray(30, 30 + length));
}

/** The first pickle of an early file: its magic number, 0x1950a86a20f9469cfc6c. */
const earlyMagic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/** Whether the first bytes of a file are those of `torch.save`. */
export function isTorchFile(head: Uint8Array): boolean {
  return /^([^/]+\/)?data\.pkl$/.test(firstEntry(head)) || isEarly(head);
}

function isEarly(head: Uint8Array): boolean {
  return head[0] === 0x80 && earlyMagic.every((byte, i) => head[2 + i] === byte);
}

/** Whether the first bytes of a file are those of a pickle of protocol 2 to 5 that PyTorch has not written. */
export function isPlainPickle(head: Uint8Array): boolean {
  return head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5 && !isEarly(head);
}

/**
 * Reads a file of Python's `pickle.dump`: arrays of NumPy in plain containers, such as CIFAR's Python version.
 * @throws TorchProblem when it is damaged or holds more than these
 */
export function readPlainPickle(bytes: Uint8Array): TorchFile {
  const { value, storages } = readPickle(bytes);
  return { value, numbers: (arrays) => numbersFrom(arrays, storages, () => undefined, true) };
}

/**
 * Reads a file of `torch.save`.
 * @throws TorchProblem when it is damaged or holds more than tensors in plain containers
 */
export function readTorchFile(bytes: Uint8Array): TorchFile {
  return isEarly(bytes) ? readEarly(bytes) : readZip(bytes);
}

/** Deflate expands a byte to at most this many. */
const deflateRatio = 1032;

/** The wanted entries of a zip. Together they may be as large as the packed file allows. */
function entriesOf(
  bytes: Uint8Array,
  wanted: (name: string) => boolean,
  seen?: (name: string) => void,
): Record<string, Uint8Array> {
  let packed = bytes.length;
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        seen?.(name);
        if (!wanted(name)) return false;
        // Memory is allocated for the stated size. Overlapping entries would together be longer than the zip.
        if (originalSize > deflateRatio * size + 1024 || originalSize > 2 ** 30 || size > packed)
          throw new TorchProblem('is damaged: a part of its zip states a size that cannot be');
        packed -= size;
        return true;
      },
    });
  } catch (error) {
    if (error instanceof TorchProblem || error instanceof RangeError) throw error;
    throw new TorchProblem('is a zip that cannot be read; it may be cut off');
  }
}

function readZip(bytes: Uint8Array): TorchFile {
  let folder: string | null = null;
  let isScript = false;
  const opening = entriesOf(
    bytes,
    (name) => /(^|\/)(data\.pkl|byteorder)$/.test(name),
    (name) => {
      isScript ||= /(^|\/)constants\.pkl$/.test(name);
      if (/^([^/]+\/)?data\.pkl$/.test(name)) folder ??= name.slice(0, -'data.pkl'.length);
    },
  );
  if (isScript)
    throw new TorchProblem('is a TorchScript program, of which neither weights nor code are read', 'object');
  if (folder === null) throw new TorchProblem('is a zip without the pickle of PyTorch');
  const at: string = folder;
  const { value, storages } = readPickle(opening[`${at}data.pkl`]!);
  const order = opening[`${at}byteorder`];
  const littleEndian = !order || new TextDecoder().decode(order).trim() !== 'big';
  return {
    value,
    numbers: (arrays) => {
      const needed = new Set(
        arrays.flatMap((array) => (array instanceof TorchTensor ? [`${at}data/${array.storage.key}`] : [])),
      );
      const parts = new Map(Object.entries(entriesOf(bytes, (name) => needed.has(name))));
      return numbersFrom(arrays, storages, (key) => parts.get(`${at}data/${key}`), littleEndian);
    },
  };
}

/** Before 1.6: magic number, protocol, machine, object, keys of the storages, then each storage behind its length. */
function readEarly(bytes: Uint8Array): TorchFile {
  const magic = readPickle(bytes);
  const protocol = readPickle(bytes, magic.end);
  const machine = readPickle(bytes, protocol.end);
  const { value, storages, end } = readPickle(bytes, machine.end);
  const keys = readPickle(bytes, end);
  if (!isList(keys.value)) throw new TorchProblem('is damaged: it does not list its storages');
  const littleEndian = !(machine.value instanceof PythonDict && machine.value.get('little_endian') === false);
  const parts = new Map<string, Uint8Array>();
  let at = keys.end;
  for (const key of keys.value) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) throw new TorchProblem('is damaged: it lists a storage that no tensor has');
    // The length is 64 bits wide and repeats what the pickle says.
    const from = at + 8;
    at = from + storage.count * bytesOfKind(storage.kind);
    if (at > bytes.length) throw new TorchProblem('is cut off: numbers of a tensor are missing');
    parts.set(storage.key, bytes.subarray(from, at));
  }
  return {
    value,
    numbers: (arrays) => numbersFrom(arrays, storages, (key) => parts.get(key), littleEndian),
  };
}

/**
 * Numbers of tensors from their storages. A view may repeat a number without end, so views together must not be many
 * times larger than the storages.
 */
function numbersFrom(
  arrays: readonly (TorchTensor | NumpyArray)[],
  storages: ReadonlyMap<string, TorchStorage>,
  partOf: (key: string) => Uint8Array | undefined,
  littleEndian: boolean,
): NumberArray[] {
  const parts = new Map<string, Uint8Array>();
  let room = 2 ** 16;
  for (const array of arrays) {
    if (!(array instanceof TorchTensor) || parts.has(array.storage.key)) continue;
    const { key } = array.storage;
    const { count, kind } = storages.get(key)!;
    const part = partOf(key);
    if (!part || part.length < count * bytesOfKind(kind))
      throw new TorchProblem('is cut off: numbers of a tensor are missing');
    parts.set(key, part);
    room += 4 * count * bytesOfKind(kind);
  }
  for (const array of arrays)
    if (array instanceof TorchTensor) room -= array.size * bytesOfKind(array.storage.kind);
  if (room < 0)
    throw new TorchProblem('holds views that repeat its numbers many times; save them with .contiguous()');
  return arrays.map((array) => read(array, parts, littleEndian));
}

function read(
  array: TorchTensor | NumpyArray,
  parts: ReadonlyMap<string, Uint8Array>,
  littleEndian: boolean,
): NumberArray {
  if (array instanceof TorchTensor) {
    const { storage, offset, shape, strides } = array;
    return numbersOf(parts.get(storage.key)!, { kind: storage.kind, offset, shape, strides }, littleEndian);
  }
  const { bytes, kind, shape, columnsFirst } = array;
  const strides = stridesOf(shape, columnsFirst);
  return numbersOf(bytes, { kind, offset: 0, shape, strides }, array.littleEndian);
}

function stridesOf(shape: readonly number[], columnsFirst: boolean): number[] {
  const strides = shape.map(() => 1);
  let step = 1;
  for (let i = 0; i < shape.length; i++) {
    const axis = columnsFirst ? i : shape.length - 1 - i;
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}
