/**
 * Arithmetic between tensors, moves of numbers and sums by our kernels, in place of the backend's. In a recorded step these
 * are calls with pointers; a call of the backend's costs some microseconds around its numbers, and a step of a method has
 * hundreds of them.
 */
import { tf } from '../tf';
import { asWasm, launch, produce, type WasmBackend } from './launch';
import { replace, sizeOf } from './replace';

/** By the numbers of `combine` in `assembly/arrays.ts`. */
const operations = {
  Add: 0,
  Sub: 1,
  Multiply: 2,
  RealDiv: 3,
  SquaredDifference: 4,
  Minimum: 5,
  Maximum: 6,
} as const;

/** Registers the kernels. Call once, after the wasm backend's own kernels have been registered. */
export function registerArrayKernels(): void {
  replaceIdentity();
  for (const [name, operation] of Object.entries(operations))
    replace(
      name,
      (backend, { a, b }) =>
        (operation === operations.Add ? sum(backend, a!, b!) : null) ?? combined(backend, operation, a!, b!),
      [],
    );
  replace('Square', (backend, { x }) => combined(backend, operations.Multiply, x!, x!));
  replace('Relu', (backend, { x }) => produce(backend, 'relu', [x!], [x!.shape], [sizeOf(x!)])[0]!);
  registerMoves();
  registerSums();
}

function registerMoves(): void {
  replace(
    'GatherV2',
    (backend, { x, indices }, attributes) => {
      const { axis, batchDims } = attributes as { axis: number; batchDims: number };
      if (axis !== 0 || batchDims !== 0 || indices!.dtype !== 'int32') return null;
      const row = x!.shape.slice(1);
      const shape = [...indices!.shape, ...row];
      const numbers = [sizeOf(indices!.shape), sizeOf(row)];
      return produce(backend, 'pickRows', [x!, indices!], [shape], numbers)[0]!;
    },
    ['x'],
  );
  replace(
    'Concat',
    (backend, inputs, attributes) => {
      const parts = Object.values(inputs);
      const axis = axisOf(attributes, parts[0]!.shape.length);
      return joined(backend, parts, axis, (length) => [
        ...parts[0]!.shape.slice(0, axis),
        length,
        ...parts[0]!.shape.slice(axis + 1),
      ]);
    },
    [],
  );
  replace(
    'Pack',
    (backend, inputs, attributes) => {
      const parts = Object.values(inputs);
      const axis = axisOf(attributes, parts[0]!.shape.length + 1);
      const whole = parts[0]!.shape.toSpliced(axis, 0, parts.length);
      const single = parts.map((part) => ({ ...part, shape: part.shape.toSpliced(axis, 0, 1) }));
      return joined(backend, single, axis, () => whole);
    },
    [],
  );
  replace(
    'SplitV',
    (backend, { x }, attributes) => {
      const { numOrSizeSplits } = attributes as { numOrSizeSplits: number | number[] };
      const axis = axisOf(attributes, x!.shape.length);
      const sizes = tf.backend_util.prepareSplitSize(x!, numOrSizeSplits, axis);
      let start = 0;
      return isMoved(x!)
        ? sizes.map((size) =>
            block(backend, x!, axis, (start += size) - size, size, x!.shape.with(axis, size)),
          )
        : null;
    },
    [],
  );
  replace(
    'Unpack',
    (backend, { value }, attributes) => {
      const axis = axisOf(attributes, value!.shape.length);
      const shape = value!.shape.toSpliced(axis, 1);
      return isMoved(value!)
        ? Array.from({ length: value!.shape[axis]! }, (_, n) => block(backend, value!, axis, n, 1, shape))
        : null;
    },
    [],
  );
  replace(
    'Slice',
    (backend, { x }, attributes) => {
      const { begin, size } = attributes as { begin: number | number[]; size: number | number[] };
      const [start, shape] = tf.slice_util.parseSliceParams(x!, begin, size) as [number[], number[]];
      if (!isMoved(x!) || sizeOf(shape) === 0) return null;
      const { order, from } = cutOrder(x!.shape, start, shape);
      return order.length > 4 ? null : permuted(backend, x!, shape, order, from);
    },
    [],
  );
  replace(
    'Tile',
    (backend, { x }, attributes) => {
      const { reps } = attributes as { reps: number[] };
      // An axis of one place is repeated by standing still.
      const shape = x!.shape.map((side, axis) => side * reps[axis]!);
      const isRepeated = x!.shape.every((side, axis) => side === 1 || reps[axis] === 1);
      const strides = x!.shape.map((side, axis) => (side === 1 ? 0 : sizeOf(x!.shape.slice(axis + 1))));
      const order = shape.flatMap((length, axis) => (length > 1 ? [{ length, step: strides[axis]! }] : []));
      return isMoved(x!) && isRepeated && order.length <= 4 ? permuted(backend, x!, shape, order, 0) : null;
    },
    [],
  );
  replace('PadV2', (backend, { x }, attributes) => {
    const { paddings, constantValue } = attributes as {
      paddings: readonly (readonly [number, number])[];
      constantValue: number;
    };
    const padded = paddings.flatMap(([before, after], axis) => (before + after > 0 ? [axis] : []));
    const [axis = 0] = padded;
    if (padded.length !== 1) return null;
    const shape = x!.shape.map((side, n) => paddings[n]![0] + side + paddings[n]![1]);
    const y = backend.makeOutput(shape, 'float32');
    launch(backend, 'fill', [y, constantValue, sizeOf(shape)]);
    const [rows, inner] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
    const columns = x!.shape[axis]! * inner;
    const [start, pitch] = [paddings[axis]![0] * inner, shape[axis]! * inner];
    launch(backend, 'copyBlock', [x!, y, rows, columns, 0, columns, start, pitch]);
    return y;
  });
  replace(
    'TensorScatterUpdate',
    (backend, { tensor, indices, updates }) => {
      const [rows, columns] = [updates!.shape[0]!, sizeOf(updates!.shape.slice(1))];
      const isRows =
        indices!.dtype === 'int32' &&
        tf.util.arraysEqual(indices!.shape, [rows, 1]) &&
        tf.util.arraysEqual(updates!.shape.slice(1), tensor!.shape.slice(1));
      if (!isRows) return null;
      const y = backend.makeOutput(tensor!.shape, 'float32');
      launch(backend, 'copy', [tensor!, y, sizeOf(tensor!)]);
      launch(backend, 'putRows', [updates!, indices!, y, rows, columns]);
      return y;
    },
    ['tensor', 'updates'],
  );
  replace(
    'Transpose',
    (backend, { x }, attributes) => {
      const { perm } = attributes as { perm: number[] };
      const order = foldedOrder(x!.shape, perm);
      if (!isMoved(x!) || order.length > 4) return null;
      const shape = perm.map((axis) => x!.shape[axis]!);
      return permuted(backend, x!, shape, order, 0);
    },
    [],
  );
}

function registerSums(): void {
  for (const [name, isMean] of [
    ['Sum', false],
    ['Mean', true],
  ] as const)
    replace(name, (backend, { x }, attributes) => {
      const { axis, keepDims } = attributes as { axis: number | number[] | null; keepDims?: boolean };
      const { shape } = x!;
      const axes = tf.util.parseAxisParam(axis ?? shape.map((_, n) => n), shape);
      const [outer, inner] = tf.backend_util.computeOutAndReduceShapes(shape, axes);
      const kept = keepDims ? tf.backend_util.expandShapeToKeepDim(outer, axes) : outer;
      const [left, summed] = [sizeOf(outer), sizeOf(inner)];
      const divisor = isMean ? summed : 1;
      // Axes of length 1 lie anywhere.
      const long = axes.filter((each) => shape[each]! > 1);
      const others = shape.flatMap((side, each) => (side > 1 && !axes.includes(each) ? [each] : []));
      if (long.length === 0 || others.length === 0 || Math.max(...others) < Math.min(...long))
        return produce(backend, 'sumColumns', [x!], [kept], [left, summed, divisor])[0]!;
      return Math.max(...long) < Math.min(...others)
        ? produce(backend, 'sumRows', [x!], [kept], [summed, left, 1 / divisor])[0]!
        : null;
    });
}

/**
 * The same numbers under another name, counted like a reshape's; the backend's own copies them. Half of the kernels of a
 * step are of this kind: each input that a gradient needs is saved as a clone.
 */
const identity: tf.KernelFunc = ({ inputs, backend }) => {
  const { dataId, shape, dtype } = inputs['x'] as tf.TensorInfo;
  asWasm(backend).incRef(dataId);
  return { dataId, shape, dtype };
};

function replaceIdentity(): void {
  const stock = tf.getKernel('Identity', 'wasm')!;
  tf.unregisterKernel('Identity', 'wasm');
  tf.registerKernel({ ...stock, kernelFunc: identity });
  replace(
    'Cast',
    (backend, { x }, attributes) => {
      const { dtype } = attributes as { dtype: tf.DataType };
      if (dtype === x!.dtype) return identity({ inputs: { x: x! }, backend, attrs: {} }) as tf.TensorInfo;
      return dtype === 'float32' && x!.dtype === 'bool'
        ? produce(backend, 'fromBytes', [x!], [x!.shape], [sizeOf(x!)])[0]!
        : null;
    },
    [],
  );
}

/** Sums of equal shapes, with a row or with a column, whole numbers with a column too; null for others. */
function sum(backend: WasmBackend, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo | null {
  const isWhole = a.dtype === 'int32';
  if (a.dtype !== b.dtype || !(isWhole || a.dtype === 'float32')) return null;
  const [rows, columns] = [a.shape[0]!, a.shape[1]!];
  if (a.shape.length === 2 && b.shape.length === 2 && b.shape[0] === rows && b.shape[1] === 1) {
    const output = backend.makeOutput(a.shape, a.dtype);
    launch(backend, 'plusColumn', [a, b, output, rows, columns, Number(isWhole)]);
    return output;
  }
  if (isWhole) return null;
  if (tf.util.arraysEqual(a.shape, b.shape))
    return produce(backend, 'plus', [a, b], [a.shape], [sizeOf(a)])[0]!;
  const width = b.shape[0] ?? 0;
  const isBias = b.shape.length === 1 && a.shape.length > 1 && width === a.shape.at(-1);
  if (!isBias) return null;
  return produce(backend, 'plusRow', [a, b], [a.shape], [sizeOf(a) / width, width])[0]!;
}

/** One operation on two tensors, either repeated along rows, columns or both; null where it is repeated otherwise. */
function combined(
  backend: WasmBackend,
  operation: number,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
): tf.TensorInfo | null {
  if (a.dtype !== 'float32' || b.dtype !== 'float32') return null;
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const axes = foldedPair(a.shape, b.shape, shape);
  if (axes.length > 2) return null;
  const [rows, columns] = [...Array<(typeof axes)[0]>(2 - axes.length).fill(single), ...axes] as [
    (typeof axes)[0],
    (typeof axes)[0],
  ];
  const steps = (['a', 'b'] as const).flatMap((of) => [
    rows[of] ? (columns[of] ? columns.length : 1) : 0,
    Number(columns[of]),
  ]);
  const y = backend.makeOutput(shape, 'float32');
  launch(backend, 'combine', [operation, a, b, y, rows.length, columns.length, ...steps]);
  return y;
}

const single = { length: 1, a: false, b: false };

/** The axes of a result, neighbours with the same repetitions as one: which of a and b runs along each. */
function foldedPair(
  a: readonly number[],
  b: readonly number[],
  shape: readonly number[],
): { length: number; a: boolean; b: boolean }[] {
  const folded: { length: number; a: boolean; b: boolean }[] = [];
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const runs = (of: readonly number[]) => (of[axis - shape.length + of.length] ?? 1) > 1;
    const own = { length, a: runs(a), b: runs(b) };
    const last = folded.at(-1);
    if (last && last.a === own.a && last.b === own.b) last.length *= length;
    else folded.push(own);
  }
  return folded;
}

/** The axes of a transposed tensor, neighbours that stay neighbours as one, each with its step in the given one. */
function foldedOrder(shape: readonly number[], perm: readonly number[]): { length: number; step: number }[] {
  const folded: { axis: number; length: number; step: number }[] = [];
  for (const axis of perm) {
    if (shape[axis] === 1) continue;
    const step = sizeOf(shape.slice(axis + 1));
    const last = folded.at(-1);
    if (last && last.step === step * shape[axis]!)
      Object.assign(last, { length: last.length * shape[axis]!, step });
    else folded.push({ axis, length: shape[axis]!, step });
  }
  return folded;
}

/** The axes of a part that is cut out, those that are whole as one with the axis before them, and where it begins. */
function cutOrder(
  shape: readonly number[],
  begin: readonly number[],
  size: readonly number[],
): { order: { length: number; step: number }[]; from: number } {
  const order: { length: number; step: number }[] = [];
  let from = 0;
  for (const [axis, length] of size.entries()) {
    const step = sizeOf(shape.slice(axis + 1));
    from += begin[axis]! * step;
    const last = order.at(-1);
    if (last && last.step === length * step) Object.assign(last, { length: last.length * length, step });
    else if (length > 1) order.push({ length, step });
  }
  return { order, from };
}

/** A tensor of this shape whose axes run through x by these steps. */
function permuted(
  backend: WasmBackend,
  x: tf.TensorInfo,
  shape: number[],
  order: readonly { length: number; step: number }[],
  from: number,
): tf.TensorInfo {
  const y = backend.makeOutput(shape, x.dtype);
  const more = 4 - order.length;
  const lengths = [...Array<number>(more).fill(1), ...order.map(({ length }) => length)];
  const steps = [...Array<number>(more).fill(0), ...order.map(({ step }) => step)];
  launch(backend, 'permute', [x, y, ...lengths, ...steps, from]);
  return y;
}

/** Whether the moves can move it: numbers of 32 bits. */
function isMoved({ dtype }: tf.TensorInfo): boolean {
  return dtype === 'float32' || dtype === 'int32';
}

function axisOf(attributes: unknown, rank: number): number {
  const { axis } = attributes as { axis: number };
  return axis < 0 ? axis + rank : axis;
}

/** Tensors of one type side by side along an axis; null for others. @param shapeOf of the result, by its length there */
function joined(
  backend: WasmBackend,
  parts: readonly tf.TensorInfo[],
  axis: number,
  shapeOf: (length: number) => number[],
): tf.TensorInfo | null {
  if (!parts.every((part) => isMoved(part) && part.dtype === parts[0]!.dtype)) return null;
  const length = parts.reduce((all, { shape }) => all + shape[axis]!, 0);
  const output = backend.makeOutput(shapeOf(length), parts[0]!.dtype);
  const rows = sizeOf(parts[0]!.shape.slice(0, axis));
  const inner = sizeOf(parts[0]!.shape.slice(axis + 1));
  let start = 0;
  for (const part of parts) {
    const columns = part.shape[axis]! * inner;
    launch(backend, 'copyBlock', [part, output, rows, columns, 0, columns, start, length * inner]);
    start += columns;
  }
  return output;
}

/** Part of a tensor along one axis, under the given shape. */
function block(
  backend: WasmBackend,
  x: tf.TensorInfo,
  axis: number,
  start: number,
  length: number,
  shape: number[],
): tf.TensorInfo {
  const rows = sizeOf(x.shape.slice(0, axis));
  const inner = sizeOf(x.shape.slice(axis + 1));
  const output = backend.makeOutput(shape, x.dtype);
  const [columns, pitch] = [length * inner, x.shape[axis]! * inner];
  launch(backend, 'copyBlock', [x, output, rows, columns, start * inner, pitch, 0, columns]);
  return output;
}
