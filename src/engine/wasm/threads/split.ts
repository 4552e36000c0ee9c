/**
 * How calls of our kernels fall into parts for threads. Each part computes other results, all sums stay whole and in their
 * order: the numbers are the same to the bit however many parts there are, and whichever threads compute them. Kernels that are not
 * named here, and those that write where they read (updates), are never split.
 */
import type { KernelName } from '../launch';

interface Split {
  /** Operand that counts what is split: images, rows, numbers; null where a range of channels or tiles is. */
  count: number | null;
  /** Pointers that move with it, and by how many numbers each. */
  moving?: (operands: readonly number[]) => readonly (readonly [pointer: number, numbers: number])[];
  /** The two operands of a range of channels or tiles. */
  range?: readonly [first: number, last: number];
  /** Parts are multiples of this, but for the last. */
  unit: number;
  /** Scratch memory, of which each part needs its own. */
  scratch?: number;
  /** Estimated time of one thread, in nanoseconds. */
  time: (operands: readonly number[]) => number;
}

/** Multiply-adds and numbers moved in a nanosecond, as measured on one core of a server of 2023. */
const multiplied = 14;
const moved = 2.7;

/** A call over vectors of one length. */
function elements(pointers: readonly number[], count: number): Split {
  const moving = pointers.map((pointer) => [pointer, 1] as const);
  return { count, moving: () => moving, unit: 64, time: (o) => o[count]! / moved };
}

/** A call over rows, or images, whose sizes in numbers are those of the pointers. */
function rows(
  count: number,
  sizes: (operands: readonly number[]) => readonly (readonly [number, number])[],
  slowness = 1,
): Split {
  const most = (o: readonly number[]) => Math.max(...sizes(o).map(([, size]) => size));
  return { count, moving: sizes, unit: 1, time: (o) => (slowness * o[count]! * most(o)) / moved };
}

/** [batch, height, width, channels, tall, wide, units, strideY, strideX, top, left, outHeight, outWidth] from this operand on. */
function convolution(batch: number, pointers: { image: number; output: number; scratch: number }): Split {
  const macs = (o: readonly number[]) => {
    const [images, , , channels, tall, wide, units] = o.slice(batch);
    return images! * o[batch + 11]! * o[batch + 12]! * channels! * tall! * wide! * units!;
  };
  return {
    count: batch,
    moving: (o) => [
      [pointers.image, o[batch + 1]! * o[batch + 2]! * o[batch + 3]!],
      [pointers.output, o[batch + 11]! * o[batch + 12]! * o[batch + 6]!],
    ],
    // As many as are computed together.
    unit: 4,
    scratch: pointers.scratch,
    time: (o) => macs(o) / multiplied,
  };
}

/** [batch, height, width, channels, tall, wide, strideY, strideX, top, left, outHeight, outWidth] from this operand on. */
function pooling(batch: number, images: readonly number[], outputs: readonly number[]): Split {
  const image = (o: readonly number[]) => o[batch + 1]! * o[batch + 2]! * o[batch + 3]!;
  const output = (o: readonly number[]) => o[batch + 10]! * o[batch + 11]! * o[batch + 3]!;
  return {
    count: batch,
    moving: (o) => [
      ...images.map((pointer) => [pointer, image(o)] as const),
      ...outputs.map((pointer) => [pointer, output(o)] as const),
    ],
    unit: 1,
    time: (o) => (o[batch]! * output(o) * o[batch + 4]! * o[batch + 5]!) / moved,
  };
}

/** Rows of classes, with one number a row beside them. */
function classes(count: number, whole: readonly number[], single: readonly number[]): Split {
  const sizes = (o: readonly number[]) => [
    ...whole.map((pointer) => [pointer, o[count + 1]!] as const),
    ...single.map((pointer) => [pointer, 1] as const),
  ];
  return rows(count, sizes, 12);
}

/** Products with picked rows: [batch, width, picks] from operand 4 on. @param sizes of pointers, by the operand that is one */
function picked(sizes: readonly (readonly [number, number])[]): Split {
  const split = rows(4, (o) => sizes.map(([pointer, size]) => [pointer, o[size]!] as const));
  // The rows come from far.
  return { ...split, time: (o) => (3 * o[4]! * o[5]! * o[6]!) / multiplied };
}

/** Range of channels of [rows, channels]. */
function channels(row: number, range: readonly [number, number]): Split {
  return { count: null, range, unit: 4, time: (o) => (o[row]! * o[row + 1]!) / moved };
}

const filterGradient = convolution(4, { image: 0, output: 1, scratch: 3 });
const splits: Partial<Record<KernelName, Split>> = {
  convolution: convolution(5, { image: 0, output: 3, scratch: 4 }),
  inputGradient: convolution(4, { image: 2, output: 0, scratch: 3 }),
  filterGradient: { count: null, range: [17, 18], unit: 1, scratch: 3, time: filterGradient.time },
  maxPool: pooling(2, [0], [1]),
  maxPoolGradient: pooling(3, [0, 2], [1]),
  normStatistics: channels(6, [8, 9]),
  normParameterGradients: channels(5, [8, 9]),
  normalise: rows(3, (o) => [
    [0, o[4]!],
    [2, o[4]!],
  ]),
  normInputGradient: rows(6, (o) => [
    [0, o[7]!],
    [1, o[7]!],
    [5, o[7]!],
  ]),
  relu: elements([0, 1], 2),
  mask: elements([0, 1, 2], 3),
  plus: elements([0, 1, 2], 3),
  times: elements([0, 2], 3),
  plusRow: rows(3, (o) => [
    [0, o[4]!],
    [2, o[4]!],
  ]),
  placeMeans: rows(2, (o) => [
    [0, o[3]! * o[4]!],
    [1, o[4]!],
  ]),
  spread: rows(2, (o) => [
    [0, o[4]!],
    [1, o[3]! * o[4]!],
  ]),
  resample: rows(2, (o) => [
    [0, o[3]! * o[4]! * o[5]!],
    [1, o[6]! * o[7]! * o[5]!],
  ]),
  resampleGradient: rows(2, (o) => [
    [0, o[6]! * o[7]! * o[5]!],
    [1, o[3]! * o[4]! * o[5]!],
  ]),
  pickedProducts: picked([
    [0, 5],
    [2, 6],
    [3, 6],
  ]),
  pickedSums: picked([
    [0, 6],
    [2, 6],
    [3, 5],
  ]),
  crossEntropy: classes(3, [0, 1], [2]),
  crossEntropyGradient: classes(4, [1, 2, 3], [0]),
  temperatureKl: classes(4, [0, 1], [3]),
  temperatureKlGradient: classes(5, [1, 2, 4], [0]),
  squaredDistance: rows(3, (o) => [
    [0, o[4]!],
    [1, o[4]!],
    [2, 1],
  ]),
  squaredDistanceGradient: rows(4, (o) => [
    [0, 1],
    [1, o[5]!],
    [2, o[5]!],
    [3, o[5]!],
  ]),
};

/** Nanoseconds below which a part is not worth handing over. */
const leastPart = 4_000;
/** No call is split into more parts; the more there are, the more often a filter is packed. */
const mostParts = 16;

/** Whether parts of such a call would overwrite what others still read: outputs that are inputs too. */
function isInPlace(moving: readonly (readonly [number, number])[], operands: readonly number[]): boolean {
  const pointers = moving.map(([pointer]) => operands[pointer]);
  return new Set(pointers).size < pointers.length;
}

export interface Parts {
  /** Operands of each part. */
  operands: number[][];
  /** Operand that is a pointer to scratch memory. */
  scratch: number | null;
  /** Estimated nanoseconds of the whole call. */
  time: number;
}

/**
 * The parts of a call, or null when it is not worth splitting.
 * @param most parts; decides about the time only
 */
export function partsOf(kernel: KernelName, operands: readonly number[], most: number): Parts | null {
  const split = splits[kernel];
  if (!split) return null;
  const { count, moving, range, unit, scratch = null, time } = split;
  const [start, end] = range ? [operands[range[0]]!, operands[range[1]]!] : [0, operands[count!]!];
  const units = Math.ceil((end - start) / unit);
  const whole = time(operands);
  const parts = Math.min(units, most, mostParts, Math.floor(whole / leastPart));
  if (parts < 2) return null;
  const moved = moving?.(operands) ?? [];
  if (isInPlace(moved, operands)) return null;
  const cut = (part: number) => Math.min(end, start + Math.floor((units * part) / parts) * unit);
  const all = Array.from({ length: parts }, (_, part) => {
    const own = [...operands];
    const [first, last] = [cut(part), part === parts - 1 ? end : cut(part + 1)];
    if (range) [own[range[0]], own[range[1]]] = [first, last];
    else own[count!] = last - first;
    for (const [pointer, numbers] of moved) own[pointer] = operands[pointer]! + 4 * first * numbers;
    return own;
  });
  return { operands: all, scratch, time: whole };
}
