/** NumPy arrays, alone (.npy) or packed together (.npz). */
import { rawFromArrays } from '../arrays';
import type { ImportContext } from '../import-context';
import { counted } from '../limits';
import { numbersFrom } from '../number-array';
import type { LoadedArray } from '../array-names';
import { arraysByClass } from '../arrays-by-class';
import { matchArrays } from '../match-arrays';
import { Unreadable, whyUnreadable, type Source } from '../source';
import { namesFrom, type Format } from './dataset-format';
import { isNpy, npyHeader, type NpyItem } from './npy-header';

/** Reads the bytes of one .npy file. Throws `Unreadable` when it is cut off, damaged or holds no numbers or texts. */
export function parseNpy(bytes: Uint8Array, path: string, where: string): LoadedArray {
  const { item, fortran, shape, start } = npyHeader(bytes);
  const length = shape.reduce((product, size) => product * size, 1);
  // Negated, so that a NaN product fails too. Zero-byte items would match any length.
  if (item.bytes === 0 || !(start + length * item.bytes <= bytes.length))
    throw new Unreadable(
      `is cut off: its header states ${counted(length)} values, and the file ends before that; download or copy it again`,
    );
  if (item.kind === 'number') {
    const values = numbersFrom(bytes, start, length, item.type, item.littleEndian);
    return { path, where, shape, fortran, content: { kind: 'numbers', values } };
  }
  const column = shape.length === 1 || (shape.length === 2 && shape[1] === 1);
  if (!column) throw new Unreadable('holds texts in more than one column, which are no labels');
  const texts = Array.from({ length }, (_, i) => textAt(bytes, start + i * item.bytes, item));
  return { path, where, shape, fortran, content: { kind: 'texts', values: texts } };
}

/** A text of fixed length, padded with zeros. */
function textAt(bytes: Uint8Array, start: number, item: NpyItem & { kind: 'text' }): string {
  if (item.unit === 1) {
    const field = bytes.subarray(start, start + item.bytes);
    return new TextDecoder().decode(field).replace(/\0+$/, '');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, item.bytes);
  let text = '';
  for (let at = 0; at < item.bytes; at += 4) {
    const code = view.getUint32(at, item.littleEndian);
    if (code > 0x10ffff) throw new Unreadable('holds a text with a character that does not exist');
    text += String.fromCodePoint(code);
  }
  return text.replace(/\0+$/, '');
}

async function load(sources: readonly Source[], context: ImportContext): Promise<LoadedArray[]> {
  const arrays: LoadedArray[] = [];
  for (const source of sources) {
    context.progress(`Reading ${source.path}`, arrays.length / sources.length);
    try {
      arrays.push(parseNpy(await source.read(Infinity), source.path, source.where));
    } catch (error) {
      context.skip(source.where, whyUnreadable(error));
    }
  }
  return arrays;
}

function nameOf(files: number): string {
  if (files === 2) return 'NPY pair';
  return files === 4 ? 'NPY quadruple' : 'NPY';
}

export const npy: Format = {
  name: 'NPY',
  noun: 'a NumPy array',
  recognise: ({ head }) => isNpy(head),
  async read(sources, aside, context) {
    const arrays = await load(sources, context);
    const byClass = arraysByClass(arrays, context);
    if (byClass)
      return { format: 'NumPy arrays of one class each', raw: await rawFromArrays(byClass, null, context) };
    const { images, names } = matchArrays(arrays, context);
    return {
      format: nameOf(sources.length),
      raw: await rawFromArrays(images, names ?? namesFrom(aside), context),
    };
  },
};
