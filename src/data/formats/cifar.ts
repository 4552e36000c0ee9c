/** CIFAR binary files: records of label bytes and 32×32 pixels, all red, then all green, then all blue. */
import { draftFromArrays, type ImageArray } from '../arrays';
import type { Job } from '../job';
import { numbersFrom } from '../numbers';
import { roleOfPath } from '../paths';
import { whyUnreadable, type Source } from '../source';
import { namesFrom, type Format, type Probe } from './format';

const side = 32;
const plane = side * side;

interface Kind {
  name: string;
  /** Highest value of each label byte; the last one is the label that is used. */
  highest: number[];
  /** The file of class names that belongs to it. */
  names: RegExp;
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
    async read(sources, aside, job) {
      const arrays: ImageArray[] = [];
      for (const source of sources) {
        job.progress(`Reading ${source.path}`, arrays.length / sources.length);
        try {
          arrays.push(await arrayOf(source, record, kind.highest.length));
        } catch (error) {
          job.skip(source.where, whyUnreadable(error));
        }
      }
      tellLabeling(kind, job);
      const draft = await draftFromArrays(arrays, namesFrom(aside, kind.names), job, true);
      return { format: kind.name, draft };
    },
  };
}

async function arrayOf(source: Source, record: number, labelBytes: number): Promise<ImageArray> {
  const bytes = await source.read(Infinity);
  const count = Math.floor(bytes.length / record);
  return {
    values: numbersFrom(bytes, labelBytes, bytes.length - labelBytes, 'u1', true),
    layout: {
      count,
      height: side,
      width: side,
      channels: 3,
      strides: { image: record, row: side, column: 1, channel: plane },
    },
    labels: {
      kind: 'numbers',
      values: Uint8Array.from({ length: count }, (_, n) => bytes[n * record + labelBytes - 1]!),
    },
    role: roleOfPath(source.path),
    where: source.where,
  };
}

function tellLabeling(kind: Kind, job: Job): void {
  if (kind.highest.length > 1) job.warn('The file has coarse and fine labels; the fine ones were taken.');
}

export const cifar10 = cifar({ name: 'CIFAR-10 binary', highest: [9], names: /^batches/i });
export const cifar100 = cifar({ name: 'CIFAR-100 binary', highest: [19, 99], names: /^fine/i });
