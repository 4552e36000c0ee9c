/** What a pickle may hold. Lists, tuples and sets are arrays. */
import type { TorchStorage, TorchTensor } from './tensor';

export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | PythonDict
  | TorchTensor
  | TorchStorage
  | NumpyArray
  | GlobalName
  | Aside;

/** A list, tuple or set. */
export function isList(value: PickleValue | undefined): value is PickleValue[] {
  return Array.isArray(value);
}

export class PythonDict extends Map<PickleValue, PickleValue> {}

/** A name of a module; stands for nothing by itself. */
export class GlobalName {
  constructor(readonly name: string) {}
}

/** A record that is not read. */
export class Aside {
  fill(_state: PickleValue): void {}
}

/**
 * A file of PyTorch cannot be read. The message completes the sentence "<file> ...", without a full stop. `kind` says what
 * helps: `object` is for files that hold more than tensors, which must be converted in Python.
 */
export class TorchProblem extends Error {
  constructor(
    why: string,
    readonly kind: 'damaged' | 'object' = 'damaged',
  ) {
    super(why);
    this.name = 'TorchProblem';
  }
}

/** Types of numbers in the files, by NumPy's letters and width; `bf2` is the upper half of a float. */
export type NumberKind = 'bool' | 'u1' | 'i1' | 'i2' | 'i4' | 'i8' | 'f2' | 'bf2' | 'f4' | 'f8';

export function bytesOfKind(kind: NumberKind): number {
  return kind === 'bool' ? 1 : Number(kind.slice(-1));
}

/** An array of NumPy inside a pickle. Rows first, unless `columnsFirst`. */
export class NumpyArray {
  shape: number[] = [0];
  kind: NumberKind = 'u1';
  littleEndian = true;
  columnsFirst = false;
  bytes: Uint8Array = new Uint8Array();

  /** From the state (version, shape, dtype, whether columns are first, bytes). @throws TorchProblem */
  fill(state: PickleValue): void {
    const wrong = () => new TorchProblem('holds an array of NumPy that cannot be read');
    if (!isList(state)) throw wrong();
    const [shape, dtype, columnsFirst, stored] = state.slice(-4);
    // Bytes of Python 2 that happen to be a text.
    const bytes = typeof stored === 'string' ? new TextEncoder().encode(stored) : stored;
    if (!isShape(shape) || !(dtype instanceof NumpyType) || !(bytes instanceof Uint8Array)) throw wrong();
    this.shape = shape;
    this.kind = dtype.kind;
    this.littleEndian = dtype.littleEndian;
    this.columnsFirst = columnsFirst === true;
    this.bytes = bytes;
    const count = shape.reduce((product, side) => product * side, 1);
    if (count * bytesOfKind(dtype.kind) !== bytes.length) throw wrong();
  }
}

/** Element type of a NumPy array; its state tells the byte order. */
class NumpyType extends Aside {
  littleEndian = true;
  constructor(readonly kind: NumberKind) {
    super();
  }

  /** From the state (version, byte order, ...). */
  override fill(state: PickleValue): void {
    this.littleEndian = !(isList(state) && state[1] === '>');
  }
}

/** Value of a call of NumPy, or of the encoder that its bytes pass through; undefined for any other name. */
export function numpyRebuilder(name: string, args: PickleValue[]): PickleValue | undefined {
  if (/^numpy\._?core\.multiarray\._reconstruct$/.test(name)) return new NumpyArray();
  if (/^numpy\._?core\.multiarray\.scalar$/.test(name)) return new Aside();
  const [first] = args;
  if (name === '_codecs.encode') {
    // Bytes are written as a text of the same character codes.
    if (typeof first !== 'string') throw new TorchProblem('holds bytes that cannot be read');
    return Uint8Array.from(first, (letter) => letter.charCodeAt(0));
  }
  if (name !== 'numpy.dtype') return undefined;
  const letters = typeof first === 'string' ? first.replace(/^[<>|=]/, '') : '';
  const kind = letters === 'b1' ? 'bool' : letters;
  if (!['bool', 'u1', 'i1', 'i2', 'i4', 'i8', 'f2', 'f4', 'f8'].includes(kind)) return new Aside();
  return new NumpyType(kind as NumberKind);
}

export function isShape(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && (side as number) >= 0);
}
