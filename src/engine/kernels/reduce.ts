/** Sums, means and maxima over neighbouring axes, without the barriers of the stock kernel. */
import type { tf } from '../tf';
import type { LazyTensor } from '../lazy-tensors';
import type { RawKernel, RetortBackend } from '../webgpu-backend';
import { dispatch, release } from './dispatch';
import { flat, vec, widthOf, type Finish } from './wgsl';

export type Reduction = 'sum' | 'mean' | 'max';

/** A tensor seen as [outer, length, inner], to be reduced over the middle axis. */
export interface Run {
  outer: number;
  length: number;
  inner: number;
}

/** The run that `axes` (sorted, not negative) form in a shape; null if they are not adjacent. */
export function runOf(shape: readonly number[], axes: readonly number[]): Run | null {
  const [first, last] = [axes[0]!, axes.at(-1)!];
  if (axes.length === 0 || last - first !== axes.length - 1) return null;
  const product = (sides: readonly number[]) => sides.reduce((size, side) => size * side, 1);
  return {
    outer: product(shape.slice(0, first)),
    length: product(shape.slice(first, last + 1)),
    inner: product(shape.slice(last + 1)),
  };
}

/** Longer runs with few results are reduced in two steps of about the same length, to use more threads. */
const longRun = 256;
const fewResults = 4096;

/** x reduced to `shape`; the caller owns the result. */
export function reduce(
  backend: RetortBackend,
  x: tf.TensorInfo,
  { outer, length, inner }: Run,
  reduction: Reduction,
  shape: readonly number[],
): tf.TensorInfo {
  const partials =
    length > longRun && outer * inner < fewResults ? Math.ceil(length / Math.ceil(Math.sqrt(length))) : 1;
  const divisor = reduction === 'mean' ? length : 1;
  // The gradient of a bias: the update of the bias adds up its rows.
  if (outer === 1 && reduction === 'sum') {
    if (length > 1 && partials === 1) return sumOf(backend, x, length, shape);
    if (partials > 1) {
      const inPartials = step({ outer, length, inner }, partials, 'sum', 1);
      return sumPartials(backend, inPartials, [x], partials, shape);
    }
  }
  const first = step({ outer, length, inner }, partials, reduction, partials === 1 ? divisor : 1);
  if (partials === 1) return dispatch(backend, first, [x], [shape])[0]!;
  const [partial] = dispatch(backend, first, [x], [[outer, partials, inner]]) as [tf.TensorInfo];
  const second = step({ outer, length: partials, inner }, 1, reduction, divisor);
  const [result] = dispatch(backend, second, [partial], [shape]) as [tf.TensorInfo];
  release(backend, partial);
  return result;
}

/** [outer, length, inner] -> [outer, partials, inner]: a thread reduces one chunk of one result's run. */
function step(
  { outer, length, inner }: Run,
  partials: number,
  reduction: Reduction,
  divisor: number,
): RawKernel {
  const width = widthOf(inner);
  const groups = inner / width;
  const each = Math.ceil(length / partials);
  const at = (n: string) => `x[(result * ${length} + ${n}) * ${groups} + group]`;
  return flat({
    name: `reduce ${reduction}`,
    read: [`x: ${vec(width)}`],
    write: [`y: ${vec(width)}`],
    threads: outer * partials * groups,
    body: `
      let group = i % ${groups};
      let chunk = (i / ${groups}) % ${partials};
      let result = i / ${groups * partials};
      let start = chunk * ${each};
      var value = ${at('start')};
      for (var n = start + 1; n < min(start + ${each}, ${length}); n++) {
        ${reduction === 'max' ? `value = max(value, ${at('n')});` : `value += ${at('n')};`}
      }
      y[i] = value${divisor === 1 ? '' : ` / ${divisor}`};`,
  });
}

/** [partials, size] -> sum of the partial sums [size]; one thread per vector. */
function sumOfPartials(size: number, partials: number, { steps, channels }: Finish): RawKernel {
  const width = widthOf(channels);
  const type = vec(width);
  return flat({
    name: ['sum of partials', ...steps].join(', '),
    read: [`x: ${type}`],
    write: [`y: ${type}`],
    threads: size / width,
    body: `
      var value = x[i];
      for (var n = 1; n < ${partials}; n++) { value += x[n * ${size / width} + i]; }
      y[i] = finish(i, value);`,
    finish: { steps, channels },
  });
}

/** The sum of a kernel's partial sums [partials,...shape], as a lazy tensor of that shape; the caller owns it. */
export function sumPartials(
  backend: RetortBackend,
  kernel: RawKernel,
  inputs: readonly tf.TensorInfo[],
  partials: number,
  shape: readonly number[],
): tf.TensorInfo {
  if (partials === 1) return dispatch(backend, kernel, inputs, [shape])[0]!;
  const [partial] = dispatch(backend, kernel, inputs, [[partials, ...shape]]) as [tf.TensorInfo];
  const sum = sumOf(backend, partial, partials, shape);
  release(backend, partial);
  return sum;
}

/** [partials,...shape] -> their sum, lazily. */
function sumOf(
  backend: RetortBackend,
  x: tf.TensorInfo,
  partials: number,
  shape: readonly number[],
): tf.TensorInfo {
  const size = shape.reduce((product, side) => product * side, 1);
  const channels = shape.at(-1) ?? 1;
  const kernel: LazyTensor['kernel'] = (steps) => sumOfPartials(size, partials, { steps, channels });
  return backend.postpone([shape], { inputs: [x], steps: [], channels, partials, kernel })[0]!;
}

/**
 * The operand for a kernel that adds up partial sums itself: the partial sums of a lazy sum, otherwise the tensor as
 * the only one.
 */
export function unsummed(
  backend: RetortBackend,
  tensor: tf.TensorInfo,
): { tensor: tf.TensorInfo; partials: number } {
  const pending = backend.lazyOf(tensor);
  if (!pending?.partials || pending.steps.length > 0) return { tensor, partials: 1 };
  return { tensor: pending.inputs[0]!, partials: pending.partials };
}

/** WGSL: declares `name`, the number at `at` of a buffer with this many partial sums of `size` numbers each. */
export function numberAt(name: string, buffer: string, partials: number, size: number): string {
  const others = `for (var n = 1; n < ${partials}; n++) { ${name} += ${buffer}[n * ${size} + at]; }`;
  return `var ${name} = ${buffer}[at]; ${partials > 1 ? others : ''}`;
}
