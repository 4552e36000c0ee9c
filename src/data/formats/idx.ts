/** IDX, the format of MNIST: two zeros, a type, the sizes (big-endian), the numbers. */
import { rawFromArrays } from '../arrays';
import type { ImportContext } from '../import-context';
import { numbersFrom } from '../number-array';
import type { LoadedArray } from '../array-names';
import { matchArrays } from '../match-arrays';
import { Unreadable, whyUnreadable, type Source } from '../source';
import { namesFrom, type Format } from './dataset-format';
import { idxHeader, idxLength } from './idx-header';

/** Reads one IDX file. Throws `Unreadable` when its sizes do not match its length. */
export function parseIdx(bytes: Uint8Array, path: string, where: string): LoadedArray {
  const header = idxHeader(bytes);
  if (!header || header.bytes !== bytes.length)
    throw new Unreadable('is an IDX file whose sizes do not match its length');
  const { type, shape, start } = header;
  const length = shape.reduce((product, size) => product * size, 1);
  const values = numbersFrom(bytes, start, length, type, false);
  return { path, where, shape, fortran: false, content: { kind: 'numbers', values } };
}

async function load(sources: readonly Source[], context: ImportContext): Promise<LoadedArray[]> {
  const arrays: LoadedArray[] = [];
  for (const source of sources) {
    context.progress(`Reading ${source.path}`, arrays.length / sources.length);
    try {
      arrays.push(parseIdx(await source.read(Infinity), source.path, source.where));
    } catch (error) {
      context.skip(source.where, whyUnreadable(error));
    }
  }
  return arrays;
}

export const idx: Format = {
  name: 'IDX',
  noun: 'an IDX file',
  recognise: ({ head, size }) => idxLength(head) === size,
  async read(sources, aside, context) {
    const { images } = matchArrays(await load(sources, context), context);
    const mirrored = sources.some(({ path }) => /emnist/i.test(path));
    if (mirrored)
      context.warn(
        'EMNIST files hold each image mirrored at its diagonal, so rows and columns were exchanged.',
      );
    return { format: 'IDX', raw: await rawFromArrays(images, namesFrom(aside), context, { mirrored }) };
  },
};
