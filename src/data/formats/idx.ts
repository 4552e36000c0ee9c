/** IDX, the format of MNIST: two zeros, a type, the sizes (big-endian), the numbers. */
import { draftFromArrays } from '../arrays';
import type { Job } from '../job';
import { bytesPer, numbersFrom, type NumberType } from '../numbers';
import { pairArrays, type LoadedArray } from '../pair';
import { Unreadable, whyUnreadable, type Source } from '../source';
import { namesFrom, type Format } from './format';

const types = new Map<number, NumberType>([
  [0x08, 'u1'],
  [0x09, 'i1'],
  [0x0b, 'i2'],
  [0x0c, 'i4'],
  [0x0d, 'f4'],
  [0x0e, 'f8'],
]);

interface IdxHeader {
  type: NumberType;
  shape: number[];
  start: number;
  /** Length of the whole file by this header. */
  bytes: number;
}

/** Whether the first four bytes are those of an IDX file; other formats may begin so by chance. */
export function isIdxMagic(head: Uint8Array): boolean {
  return head[0] === 0 && head[1] === 0 && types.has(head[2]!) && head[3]! >= 1 && head[3]! <= 4;
}

function headerOf(head: Uint8Array): IdxHeader | null {
  const dimensions = head[3] ?? 0;
  const start = 4 + 4 * dimensions;
  if (!isIdxMagic(head) || head.length < start) return null;
  const type = types.get(head[2]!)!;
  const view = new DataView(head.buffer, head.byteOffset);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  // Four sizes of 2^32 are far beyond exact doubles, but equal to no file length either.
  return {
    type,
    shape,
    start,
    bytes: start + bytesPer(type) * shape.reduce((product, size) => product * size, 1),
  };
}

/** Reads one IDX file. Throws `Unreadable` when its sizes do not match its length. */
export function parseIdx(bytes: Uint8Array, path: string, where: string): LoadedArray {
  const header = headerOf(bytes);
  if (!header || header.bytes !== bytes.length)
    throw new Unreadable('is an IDX file whose sizes do not match its length');
  const { type, shape, start } = header;
  const length = shape.reduce((product, size) => product * size, 1);
  const values = numbersFrom(bytes, start, length, type, false);
  return { path, where, shape, fortran: false, content: { kind: 'numbers', values } };
}

async function load(sources: readonly Source[], job: Job): Promise<LoadedArray[]> {
  const arrays: LoadedArray[] = [];
  for (const source of sources) {
    job.progress(`Reading ${source.path}`, arrays.length / sources.length);
    try {
      arrays.push(parseIdx(await source.read(Infinity), source.path, source.where));
    } catch (error) {
      job.skip(source.where, whyUnreadable(error));
    }
  }
  return arrays;
}

export const idx: Format = {
  name: 'IDX',
  noun: 'an IDX file',
  recognise: ({ head, size }) => headerOf(head)?.bytes === size,
  async read(sources, aside, job) {
    const { images } = pairArrays(await load(sources, job), job);
    const mirrored = sources.some(({ path }) => /emnist/i.test(path));
    if (mirrored)
      job.warn('EMNIST files hold each image mirrored at its diagonal, so rows and columns were exchanged.');
    return { format: 'IDX', draft: await draftFromArrays(images, namesFrom(aside), job, { mirrored }) };
  },
};
