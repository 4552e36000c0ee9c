/**
 * HDF5 files, and those of MATLAB 7.3, which are HDF5 after a header: their arrays, read by h5wasm, the HDF5 library in
 * WebAssembly. An array is read some rows at a time and only after its size was counted.
 */
import type { Dataset, Group } from 'h5wasm';
import type { LoadedArray } from '../array-names';
import { Refusal, type ImportContext } from '../import-context';
import { bytesInWords, counted } from '../limits';
import { numbersFrom, type NumberType } from '../number-array';
import { Unreadable } from '../source';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a file has the signature of HDF5 at its beginning or behind a header of 512, 1024 or 2048 bytes. */
export function isHdf5(head: Uint8Array): boolean {
  return [0, 512, 1024, 2048].some((start) => signature.every((byte, i) => head[start + i] === byte));
}

function isMatlab(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 6)) === 'MATLAB';
}

/** Bytes that are read at a time. */
const stretch = 16 * 1024 * 1024;
const mostItems = 2000;
const deepest = 8;
const longestText = 1000;
const textsAtOnce = 500;
/** Bytes of a packed chunk, which the library unpacks whole. */
const largestChunk = 256 * 1024 * 1024;

/**
 * The arrays of numbers and the lists of texts in a file, named by their place in it. What else it holds is reported as
 * left out. Throws `Unreadable` when it is cut off or damaged, and a refusal at the limit of unpacked bytes or for the
 * weights of a model.
 */
export async function hdf5Arrays(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  where: string,
  context: ImportContext,
): Promise<LoadedArray[]> {
  const library = await import('h5wasm');
  const module = await library.ready;
  // Errors are thrown instead of printed.
  module.activate_throwing_error_handler();
  const { FS } = module;
  const name = 'import.h5';
  // The library keeps the bytes themselves, not a copy.
  FS.createDataFile('/', name, bytes, true, false, true);
  try {
    const file = damagedUnless(() => new library.File(`/${name}`, 'r'));
    try {
      const found = damagedUnless(() => datasetsIn(file, library.Dataset, library.Group));
      if (found.some(([at]) => /(^|\/)model_weights\//.test(at)))
        throw new Refusal(
          `${where} holds the weights of a model (Keras), not data. Drop the images and their labels.`,
          'HDF5',
        );
      const arrays: LoadedArray[] = [];
      for (const [at, dataset] of found) {
        const place = `${where}: ${at}`;
        const array = await arrayOf(dataset, place, context);
        if (typeof array === 'string') context.skip(place, array);
        else
          arrays.push({
            ...array,
            path: `${path}/${at}`,
            where: place,
            ...turned(array.shape, isMatlab(bytes)),
          });
      }
      return arrays;
    } finally {
      file.close();
    }
  } finally {
    FS.unlink(`/${name}`);
  }
}

/** MATLAB counts the first axis fastest, which is written as the last one. Axes of one element are left out behind. */
function turned(shape: readonly number[], byColumns: boolean): { shape: number[]; fortran: boolean } {
  const own = byColumns ? [...shape].reverse() : [...shape];
  const isList = own.filter((size) => size > 1).length <= 1;
  return { shape: isList ? [own.reduce((product, size) => product * size, 1)] : own, fortran: byColumns };
}

/** The datasets below a group with their paths. Links that lead nowhere or to other files are passed over. */
function datasetsIn(root: Group, dataset: typeof Dataset, group: typeof Group): [string, Dataset][] {
  const found: [string, Dataset][] = [];
  let items = 0;
  const visit = (parent: Group, prefix: string, depth: number): void => {
    for (const key of parent.keys()) {
      if (++items > mostItems || depth > deepest)
        throw new Unreadable(
          `holds more than ${counted(mostItems)} items or groups in more than ${deepest} levels`,
        );
      // MATLAB keeps the contents of its cells and objects there.
      if (key.startsWith('#')) continue;
      const item = parent.get(key);
      if (item instanceof dataset) found.push([prefix + key, item]);
      else if (item instanceof group) visit(item, `${prefix}${key}/`, depth + 1);
    }
  };
  visit(root, '', 0);
  return found;
}

type Content = Pick<LoadedArray, 'content'> & { shape: number[] };

/** The content of a dataset, or why it is none of numbers or texts. */
async function arrayOf(dataset: Dataset, place: string, context: ImportContext): Promise<Content | string> {
  const { shape, size, type, signed, vlen } = damagedUnless(() => dataset.metadata);
  if (!shape) return 'holds nothing';
  if (shape.length === 0) return 'is a single value';
  const length = shape.reduce((product, side) => product * side, 1);
  if (type === textType) {
    if (shape.length !== 1 || length > longestText * 100) return 'holds texts that are no list';
    if (!vlen) context.countUnpacked(length * size);
    const values: string[] = [];
    // Texts of any length may lie in one place of the file and be named often: some are read, counted, then the next.
    for (let start = 0; start < length; start += textsAtOnce) {
      await context.yieldToMessages();
      const texts = damagedUnless(() => dataset.slice([[start, Math.min(length, start + textsAtOnce)]]));
      if (!Array.isArray(texts)) return 'holds texts that are no list';
      for (const text of texts) values.push(typeof text === 'string' ? text.replace(/\0+$/, '') : '');
      if (vlen) context.countUnpacked(values.slice(start).reduce((sum, text) => sum + text.length, 0));
    }
    return { shape, content: { kind: 'texts', values } };
  }
  if (type !== integerType && type !== floatType)
    return 'is a table of several columns or another thing than an array of numbers';
  const kind = type === floatType ? 'f' : signed ? 'i' : 'u';
  const widths = type === floatType ? [4, 8] : [1, 2, 4, 8];
  if (!widths.includes(size)) return `holds numbers of ${size} bytes, which are not read; save it as float32`;
  const bytes = length * size;
  if (bytes > context.limits.unpackedBytes)
    throw new Refusal(
      `${place} takes ${bytesInWords(bytes)}; the limit is ${bytesInWords(context.limits.unpackedBytes)}. Save fewer images.`,
    );
  const chunk = dataset.metadata.chunks?.reduce((product, side) => product * side, size) ?? 0;
  if (chunk > largestChunk)
    return `is packed in chunks of ${bytesInWords(chunk)}; the limit is ${bytesInWords(largestChunk)}. Save it in smaller ones`;
  context.countUnpacked(bytes);
  const whole = await bytesOf(dataset, shape, bytes, context);
  const values = numbersFrom(whole, 0, length, `${kind}${size}` as NumberType, true);
  return { shape, content: { kind: 'numbers', values } };
}

/** Classes of types in HDF5. */
const integerType = 0;
const floatType = 1;
const textType = 3;

/** The numbers with their lowest bytes first, to which the library turns them, read some rows at a time. */
async function bytesOf(
  dataset: Dataset,
  shape: readonly number[],
  bytes: number,
  context: ImportContext,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(bytes);
  const [rows = 1] = shape;
  if (bytes === 0) return whole;
  const perRow = bytes / rows;
  // Packed chunks are unpacked whole, so that each is read once.
  const chunk = dataset.metadata.chunks?.[0] ?? 1;
  const step = chunk * Math.max(1, Math.floor(stretch / (perRow * chunk)));
  for (let start = 0; start < rows; start += step) {
    await context.yieldToMessages();
    const end = Math.min(rows, start + step);
    const part = damagedUnless(() => dataset.slice([[start, end]]));
    if (!ArrayBuffer.isView(part) || part.byteLength !== (end - start) * perRow) throw damaged();
    whole.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), start * perRow);
  }
  return whole;
}

function damaged(): Unreadable {
  return new Unreadable(
    'is an HDF5 file that was cut off, is damaged or packed in a way that is not read; download or copy it again, or save the arrays with numpy.savez (NPZ)',
  );
}

/** The library throws various errors for damaged bytes. */
function damagedUnless<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unreadable) throw error;
    throw damaged();
  }
}
