/**
 * STL-10 binary files: 96×96 pixels of each colour after the other, columns first, and the labels 1 to 10 in a file of
 * their own. The files have no magic number; they are known by their names, lengths and labels.
 */
import { rawFromArrays, type ImageArray } from '../arrays';
import { Refusal } from '../import-context';
import { counted } from '../limits';
import { numbersFrom } from '../number-array';
import { baseName, roleOfPath } from '../paths';
import { whyUnreadable, type Source } from '../source';
import { namesFrom, type Format } from './dataset-format';

const side = 96;
const plane = side * side;
const record = 3 * plane;

function isImages({ path, size }: Source): boolean {
  return /(^|_)X\.bin$/.test(baseName(path)) && size > 0 && size % record === 0;
}

function isLabels({ path }: Source, head: Uint8Array): boolean {
  const isName = /(^|_)y\.bin$/.test(baseName(path));
  return isName && head.length > 0 && head.every((label) => label >= 1 && label <= 10);
}

export const stl10: Format = {
  name: 'STL-10 binary',
  noun: 'an STL-10 file',
  recognise: (probe) => isImages(probe) || isLabels(probe, probe.head),
  async read(sources, aside, context) {
    const arrays: ImageArray[] = [];
    for (const source of sources.filter(isImages)) {
      const beside = source.path.replace(/X\.bin$/, 'y.bin');
      const labels = sources.find(({ path }) => path === beside);
      if (!labels) {
        context.skip(source.where, `has no labels: ${baseName(beside)} is not beside it`);
        continue;
      }
      try {
        arrays.push(await arrayOf(source, labels));
      } catch (error) {
        context.skip(source.where, whyUnreadable(error));
      }
    }
    if (arrays.length === 0) {
      const [first] = context.skipped;
      throw new Refusal(
        first
          ? `${first.where} ${first.why}.`
          : `${sources[0]!.where} holds the labels of STL-10 without the images; add the file whose name ends in X.bin.`,
      );
    }
    const raw = await rawFromArrays(arrays, namesFrom(aside), context, { asBytes: true });
    return { format: 'STL-10 binary', raw };
  },
};

/** Pixels are read when they are needed, so that two files are never in memory at once. */
async function arrayOf(source: Source, labels: Source): Promise<ImageArray> {
  const count = source.size / record;
  const values = await labels.read(count + 1);
  if (labels.size !== count)
    throw new Refusal(
      `${source.where} holds ${counted(count)} images and ${baseName(labels.path)} ${counted(labels.size)} labels; one of them was cut off or is of another set.`,
    );
  return {
    values: async () => {
      const bytes = await source.read(Infinity);
      return numbersFrom(bytes, 0, bytes.length, 'u1', true);
    },
    layout: {
      count,
      height: side,
      width: side,
      channels: 3,
      strides: { image: record, row: 1, column: side, channel: plane },
    },
    labels: { kind: 'numbers', values },
    role: roleOfPath(source.path),
    where: source.where,
  };
}
