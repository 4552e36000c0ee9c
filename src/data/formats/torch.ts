/**
 * Arrays in files of `torch.save` and of Python's pickle: tensors and arrays of NumPy in tuples, lists and dictionaries, and
 * lists of pairs of a tensor and a label.
 */
import {
  isList,
  isPlainPickle,
  isTorchFile,
  NumpyArray,
  PythonDict,
  readPlainPickle,
  readTorchFile,
  TorchProblem,
  TorchTensor,
  type NumberArray,
  type PickleValue,
  type TorchFile,
} from '../../torch-file/torch-file';
import type { LoadedArray } from '../array-names';
import { rawFromArrays } from '../arrays';
import type { ImportContext } from '../import-context';
import { matchArrays } from '../match-arrays';
import type { Numbers } from '../number-array';
import { baseName, stem } from '../paths';
import { Unreadable, whyUnreadable, type Source } from '../source';
import { namesFrom, type Format } from './dataset-format';

type Tensor = TorchTensor | NumpyArray;

/** Containers in containers; sets have at most a split and a name. */
const deepest = 4;

function isTensor(value: PickleValue): value is Tensor {
  return value instanceof TorchTensor || value instanceof NumpyArray;
}

/** What a value holds, by where it is found in it. */
type Found = { path: string } & (
  | { tensors: Tensor[]; shape: number[] }
  | { numbers: number[] }
  | { texts: string[] }
);

/** The arrays in a value. @param path of the value */
function arraysIn(value: PickleValue, path: string, depth = 0): Found[] {
  if (isTensor(value)) return [{ path, tensors: [value], shape: [...value.shape] }];
  if (depth > deepest) return [];
  if (value instanceof PythonDict) {
    const entries = [...value].flatMap(([key, part]) => {
      const name = key instanceof Uint8Array ? new TextDecoder().decode(key) : key;
      return typeof name === 'string' || typeof name === 'number' ? [[`${name}`, part] as const] : [];
    });
    if (entries.some(([key, part]) => isTensor(part) && /\.(weight|running_mean)$/.test(key)))
      throw new Unreadable(
        'holds the weights of a network and no data; bring it as a teacher, under “Teacher”',
      );
    return entries.flatMap(([key, part]) => arraysIn(part, `${path}/${key}`, depth + 1));
  }
  if (!isList(value) || value.length === 0) return [];
  if (value.every((part) => typeof part === 'number')) return [{ path, numbers: value }];
  if (value.every((part) => typeof part === 'string')) return [{ path, texts: value }];
  if (value.every((part) => part instanceof Uint8Array))
    return [{ path, texts: value.map((part) => new TextDecoder().decode(part)) }];
  const pairs = pairsOf(value);
  if (pairs)
    return [...stacked(pairs.images, `${path}/images`), { path: `${path}/labels`, numbers: pairs.labels }];
  if (value.length > 1 && value.every(isTensor)) {
    const all = stacked(value, path);
    if (all.length > 0 && value.length > 2) return all;
  }
  return value.flatMap((part, i) => arraysIn(part, `${path}/${partName(part, i, value)}`, depth + 1));
}

/** Images and their labels, as a list of samples has them. */
function pairsOf(list: readonly PickleValue[]): { images: Tensor[]; labels: number[] } | null {
  const images: Tensor[] = [];
  const labels: number[] = [];
  for (const sample of list) {
    if (!isList(sample) || sample.length !== 2) return null;
    const [image, label] = sample as [PickleValue, PickleValue];
    if (!isTensor(image) || typeof label !== 'number') return null;
    images.push(image);
    labels.push(label);
  }
  return { images, labels };
}

/** Tensors of one shape as one array; none where their shapes differ. */
function stacked(tensors: Tensor[], path: string): Found[] {
  const [first] = tensors as [Tensor];
  return tensors.every(({ shape }) => shape.join() === first.shape.join())
    ? [{ path, tensors, shape: [tensors.length, ...first.shape] }]
    : [];
}

/** Parts of a tuple have no names: of (images, labels) the one with more axes is the images. */
function partName(part: PickleValue, index: number, all: readonly PickleValue[]): string {
  if (!isTensor(part) || all.length > 2) return String(index);
  return part.shape.length > 1 ? 'images' : 'labels';
}

function numbersOf(values: ArrayLike<number>): Numbers {
  const get = (i: number) => values[i]!;
  return { length: values.length, get, ...(values instanceof Uint8Array ? { bytes: values } : {}) };
}

/** One array after the other; of one only, itself. */
function joined(parts: readonly NumberArray[]): NumberArray {
  const [first] = parts as [NumberArray];
  if (parts.length === 1) return first;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new (first.constructor as new (length: number) => NumberArray)(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function loaded(file: TorchFile, source: Source): LoadedArray[] {
  return arraysIn(file.value, stem(source.path)).map((found) => {
    const { path } = found;
    const where = `${source.where}: ${path.slice(stem(source.path).length + 1) || baseName(path)}`;
    const about = { path, where, fortran: false };
    if ('texts' in found)
      return { ...about, shape: [found.texts.length], content: { kind: 'texts', values: found.texts } };
    if ('numbers' in found)
      return {
        ...about,
        shape: [found.numbers.length],
        content: { kind: 'numbers', values: numbersOf(found.numbers) },
      };
    const values = numbersOf(joined(file.numbers(found.tensors)));
    return { ...about, shape: found.shape, content: { kind: 'numbers', values } };
  });
}

async function load(
  sources: readonly Source[],
  open: (bytes: Uint8Array, source: Source) => TorchFile,
  context: ImportContext,
): Promise<LoadedArray[]> {
  const arrays: LoadedArray[] = [];
  for (const [i, source] of sources.entries()) {
    context.progress(`Reading ${source.path}`, i / sources.length);
    try {
      arrays.push(...loaded(open(await source.read(Infinity), source), source));
    } catch (error) {
      const why = error instanceof TorchProblem ? error.message : whyUnreadable(error);
      context.skip(source.where, why);
    }
  }
  return arrays;
}

/** @param inPython what opens the file in Python, by its name */
function opener(read: (bytes: Uint8Array) => TorchFile, inPython: (name: string) => string) {
  return (bytes: Uint8Array, source: Source): TorchFile => {
    try {
      return read(bytes);
    } catch (error) {
      if (!(error instanceof TorchProblem) || error.kind !== 'object') throw error;
      throw new Unreadable(
        `${error.message}. In Python, images, labels = ${inPython(baseName(source.path))} and numpy.savez("data.npz", images=images, labels=labels) write the arrays alone; drop data.npz`,
      );
    }
  };
}

function ofArrays(
  about: Pick<Format, 'name' | 'noun' | 'recognise'>,
  open: (bytes: Uint8Array, source: Source) => TorchFile,
): Format {
  return {
    ...about,
    async read(sources, aside, context) {
      const { images, names } = matchArrays(await load(sources, open, context), context);
      return { format: about.name, raw: await rawFromArrays(images, names ?? namesFrom(aside), context) };
    },
  };
}

export const torch: Format = ofArrays(
  { name: 'PyTorch', noun: 'a file of PyTorch', recognise: ({ head }) => isTorchFile(head) },
  opener(readTorchFile, (name) => `torch.load("${name}", weights_only=False)`),
);

export const pickles: Format = ofArrays(
  { name: 'Python pickle', noun: 'a Python pickle', recognise: ({ head }) => isPlainPickle(head) },
  opener(readPlainPickle, (name) => `pickle.load(open("${name}", "rb"), encoding="latin1")`),
);
