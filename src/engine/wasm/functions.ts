/** Functions of single numbers, comparisons, choices and softmax by our kernels, in place of the backend's. */
import { tf } from '../tf';
import { launch, produce, type WasmBackend } from './launch';
import { replace, sizeOf } from './replace';

/** By the numbers of `apply` in `assembly/functions.ts`. */
const functions = { Exp: 0, Log: 1, Log1p: 2, Sqrt: 3, Neg: 4, Abs: 5, Sigmoid: 6, Step: 7 } as const;

/** By the numbers of `compare` in `assembly/functions.ts`. */
const relations = { Equal: 0, Greater: 1, GreaterEqual: 2 } as const;
const finite = 3;

/** Registers the kernels. Call once, after the wasm backend's own kernels have been registered. */
export function registerFunctionKernels(): void {
  for (const [name, kind] of Object.entries(functions))
    replace(name, (backend, { x }, attributes) => {
      const y = backend.makeOutput(x!.shape, 'float32');
      const { alpha = 0 } = (attributes ?? {}) as { alpha?: number };
      launch(backend, 'apply', [kind, x!, y, sizeOf(x!), alpha]);
      return y;
    });
  replace('ZerosLike', (backend, { x }) => {
    const y = backend.makeOutput(x!.shape, 'float32');
    launch(backend, 'fill', [y, 0, sizeOf(x!)]);
    return y;
  });
  replace('Pow', (backend, { a, b }) => pairwise(backend, 'powers', [], a!, b!, 'float32'));
  registerChoices();
  registerRows();
}

function registerChoices(): void {
  for (const [name, relation] of Object.entries(relations))
    replace(name, (backend, { a, b }) => pairwise(backend, 'compare', [relation], a!, b!, 'bool'));
  replace('IsFinite', (backend, { x }) => pairwise(backend, 'compare', [finite], x!, x!, 'bool'));
  replace(
    'LogicalAnd',
    (backend, { a, b }) =>
      a!.dtype === 'bool' && b!.dtype === 'bool' ? pairwise(backend, 'both', [], a!, b!, 'bool') : null,
    [],
  );
  replace(
    'Select',
    (backend, { condition, t, e }) => {
      const isPlain =
        condition!.dtype === 'bool' &&
        [t!, e!].every(({ shape }) => tf.util.arraysEqual([...shape], [...condition!.shape]));
      return isPlain ? produce(backend, 'choose', [condition!, t!, e!], [t!.shape], [sizeOf(t!)])[0]! : null;
    },
    ['t', 'e'],
  );
}

function registerRows(): void {
  replace('Max', (backend, { x }, attributes) => {
    const { reductionIndices, keepDims } = attributes as {
      reductionIndices: number | number[];
      keepDims: boolean;
    };
    const axes = tf.util.parseAxisParam(reductionIndices, x!.shape);
    const [outer, inner] = tf.backend_util.computeOutAndReduceShapes(x!.shape, axes);
    if (!tf.backend_util.axesAreInnerMostDims(axes, x!.shape.length)) return null;
    const shape = keepDims ? tf.backend_util.expandShapeToKeepDim(outer, axes) : outer;
    return produce(backend, 'maxColumns', [x!], [shape], [sizeOf(outer), sizeOf(inner)])[0]!;
  });
  replace('Softmax', (backend, { logits }, attributes) => {
    const { dim } = attributes as { dim: number };
    const columns = logits!.shape[dim]!;
    if (dim !== logits!.shape.length - 1) return null;
    return produce(
      backend,
      'softmaxRows',
      [logits!],
      [logits!.shape],
      [sizeOf(logits!) / columns, columns],
    )[0]!;
  });
}

/** A kernel over pairs of numbers of tensors of one shape, or of a tensor and a number; null for others. */
function pairwise(
  backend: WasmBackend,
  kernel: 'powers' | 'compare' | 'both',
  first: readonly number[],
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  dtype: 'float32' | 'bool',
): tf.TensorInfo | null {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const count = sizeOf(shape);
  if (![a, b].every((each) => sizeOf(each) === count || sizeOf(each) === 1)) return null;
  const y = backend.makeOutput(shape, dtype);
  const steps = [a, b].map((each) => (sizeOf(each) === 1 ? 0 : 1));
  launch(backend, kernel, [...first, a, b, y, count, ...steps]);
  return y;
}
