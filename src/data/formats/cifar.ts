/** CIFAR binary files: records of label bytes and 32×32 pixels, all red, then all green, then all blue. */
import { rawFromArrays, type ImageArray } from '../arrays';
import type { ImportContext } from '../import-context';
import { numbersFrom } from '../number-array';
import { roleOfPath } from '../paths';
import { whyUnreadable, type Source } from '../source';
import { namesFrom, type Format, type Probe } from './dataset-format';

const side = 32;
const plane = side * side;

interface Labeling {
  value: string;
  text: string;
  /** The file with the class names, and files of class names that belong to other labels. */
  names: RegExp;
  others: RegExp;
}

interface Kind {
  name: string;
  /** Highest value of each label byte. */
  highest: number[];
  /** Meaning of the label bytes, in order. The last one is used unless the user chose another. */
  labelings: Labeling[];
}

function cifar(kind: Kind): Format {
  const record = kind.highest.length + 3 * plane;
  return {
    name: kind.name,
    noun: `a ${kind.name} file`,
    async recognise({ head, size, read }: Probe) {
      const fits = (bytes: Uint8Array, start: number) =>
        kind.highest.every((highest, i) => bytes[start + i]! <= highest);
      if (size === 0 || size % record !== 0 || !fits(head, 0)) return false;
      const bytes = await read(Infinity);
      for (let start = 0; start < bytes.length; start += record) if (!fits(bytes, start)) return false;
      return true;
    },
    async read(sources, aside, context) {
      const labelByte = chosenLabeling(kind, context);
      const arrays: ImageArray[] = [];
      for (const source of sources) {
        context.progress(`Reading ${source.path}`, arrays.length / sources.length);
        try {
          arrays.push(await arrayOf(source, record, kind.highest.length, labelByte));
        } catch (error) {
          context.skip(source.where, whyUnreadable(error));
        }
      }
      const { names, others } = kind.labelings[labelByte]!;
      const raw = await rawFromArrays(arrays, namesFrom(aside, names, others), context, {
        asBytes: true,
      });
      return { format: kind.name, raw };
    },
  };
}

function chosenLabeling({ labelings }: Kind, context: ImportContext): number {
  const last = labelings.length - 1;
  if (last === 0) return last;
  const chosen = context.pick('labels', 'Labels', labelings, labelings[last]!.value);
  return labelings.findIndex(({ value }) => value === chosen);
}

/** The records of a file. Pixels are read again on demand, so that two files are never in memory at once. */
async function arrayOf(
  source: Source,
  record: number,
  labelBytes: number,
  labelByte: number,
): Promise<ImageArray> {
  const bytes = await source.read(Infinity);
  const count = Math.floor(bytes.length / record);
  return {
    values: async () => {
      const again = await source.read(Infinity);
      return numbersFrom(again, labelBytes, again.length - labelBytes, 'u1', true);
    },
    layout: {
      count,
      height: side,
      width: side,
      channels: 3,
      strides: { image: record, row: side, column: 1, channel: plane },
    },
    labels: {
      kind: 'numbers',
      values: Uint8Array.from({ length: count }, (_, n) => bytes[n * record + labelByte]!),
    },
    role: roleOfPath(source.path),
    where: source.where,
  };
}

export const cifar10 = cifar({
  name: 'CIFAR-10 binary',
  highest: [9],
  labelings: [{ value: 'only', text: 'the only ones', names: /^batches/i, others: /coarse/i }],
});

export const cifar100 = cifar({
  name: 'CIFAR-100 binary',
  highest: [19, 99],
  labelings: [
    { value: 'coarse', text: 'coarse (superclasses)', names: /^coarse/i, others: /fine/i },
    { value: 'fine', text: 'fine', names: /^fine/i, others: /coarse/i },
  ],
});
