/**
 * Registers our kernels in place of stock kernels, under the same names: everything written in TensorFlow.js ops uses
 * them, with the gradients of TensorFlow.js. Inputs that ours do not support go to the stock kernel.
 */
import { tf } from '../tf';
import { RetortBackend } from '../webgpu-backend';
import * as conv from './conv';
import { supportsConv, type ConvInfo } from './conv-info';
import * as depthwise from './depthwise';
import { columnsOf } from './weighted-losses';
import { maxPool, maxPoolGradient, supportsPool } from './pool';
import { reduce, runOf, sumPartials, type Reduction } from './reduce';
import { dispatch, later, laterMap, withStep } from './dispatch';

type Call = Parameters<tf.KernelFunc>[0];
type Shape4D = [number, number, number, number];

/** One of our kernels; returns null for inputs that the stock kernel must handle. */
type OwnKernel = (
  backend: RetortBackend,
  inputs: Record<string, tf.TensorInfo>,
  attributes: unknown,
) => tf.TensorInfo | tf.TensorInfo[] | null;

interface ConvAttributes {
  strides: [number, number] | number;
  pad: tf.backend_util.ExplicitPadding | 'valid' | 'same' | number;
  dataFormat?: 'NHWC' | 'NCHW';
  dilations?: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Replaces the kernels of the backend called "webgpu". Call once, after its own have been registered. */
export function overrideKernels(): void {
  replace('Conv2D', (backend, inputs, attributes) => {
    const [x, filter] = [inputs['x']!, inputs['filter']!];
    const info = convInfo(x.shape, filter.shape, attributes as ConvAttributes);
    if (!supportsConv(info)) return null;
    return laterMap(backend, info.outShape, [x, filter], (steps) => conv.convForward(info, steps));
  });
  replace('Conv2DBackpropInput', (backend, inputs, attributes) => {
    const [dy, filter] = [inputs['dy']!, inputs['filter']!];
    const { inputShape } = attributes as { inputShape: Shape4D };
    const info = convInfo(inputShape, filter.shape, attributes as ConvAttributes);
    if (!supportsConv(info)) return null;
    return later(backend, inputShape, [dy, filter], (steps) => conv.convInputGradient(info, steps));
  });
  replace('Conv2DBackpropFilter', (backend, inputs, attributes) => {
    const [x, dy] = [inputs['x']!, inputs['dy']!];
    const { filterShape } = attributes as { filterShape: Shape4D };
    const info = convInfo(x.shape, filterShape, attributes as ConvAttributes);
    if (!supportsConv(info)) return null;
    const { kernel, partials } = conv.convFilterGradient(info);
    return sumPartials(backend, kernel, [x, dy], partials, filterShape);
  });
  replace('DepthwiseConv2dNative', (backend, inputs, attributes) => {
    const [x, filter] = [inputs['x']!, inputs['filter']!];
    const info = convInfo(x.shape, filter.shape, attributes as ConvAttributes, true);
    if (!depthwise.supportsDepthwise(info)) return null;
    return laterMap(backend, info.outShape, [x, filter], (steps) => depthwise.depthwiseForward(info, steps));
  });
  replace('DepthwiseConv2dNativeBackpropInput', (backend, inputs, attributes) => {
    const [dy, filter] = [inputs['dy']!, inputs['filter']!];
    const { inputShape } = attributes as { inputShape: Shape4D };
    const info = convInfo(inputShape, filter.shape, attributes as ConvAttributes, true);
    if (!depthwise.supportsDepthwise(info)) return null;
    return later(backend, inputShape, [dy, filter], (steps) => depthwise.depthwiseInputGradient(info, steps));
  });
  replace('DepthwiseConv2dNativeBackpropFilter', (backend, inputs, attributes) => {
    const [x, dy] = [inputs['x']!, inputs['dy']!];
    const { filterShape } = attributes as { filterShape: Shape4D };
    const info = convInfo(x.shape, filterShape, attributes as ConvAttributes, true);
    if (!depthwise.supportsDepthwise(info)) return null;
    const partials = depthwise.depthwisePartials(info);
    return sumPartials(
      backend,
      depthwise.depthwiseFilterGradient(info, partials),
      [x, dy],
      partials,
      filterShape,
    );
  });
  replace('MaxPool', (backend, { x }, attributes) => {
    const info = poolInfo(x!, attributes);
    return supportsPool(info)
      ? dispatch(backend, maxPool(info), [x!], [backend.makeMap(info.outShape)])[0]!
      : null;
  });
  replace('MaxPoolGrad', (backend, { dy, input }, attributes) => {
    const info = poolInfo(input!, attributes);
    if (!supportsPool(info)) return null;
    return later(backend, input!.shape, [dy!, input!], (steps) => maxPoolGradient(info, steps));
  });
  replace('Add', (backend, { a, b }) => {
    if (tf.util.arraysEqual(a!.shape, b!.shape)) {
      const [first, second] = backend.lazyOf(a!) ? [a!, b!] : [b!, a!];
      return withStep(backend, first, 'plus', [second]);
    }
    const isBias = b!.shape.length === 1 && a!.shape.length > 1 && b!.shape[0] === a!.shape.at(-1);
    return isBias ? withStep(backend, a!, 'bias', [b!]) : null;
  });
  replace('Multiply', (backend, { a, b }) =>
    isNumberFor(b!, a!)
      ? withStep(backend, a!, 'times', [b!])
      : isNumberFor(a!, b!)
        ? withStep(backend, b!, 'times', [a!])
        : null,
  );
  replace('RealDiv', (backend, { a, b }) =>
    isNumberFor(b!, a!) ? withStep(backend, a!, 'over', [b!]) : null,
  );
  replace('Unpack', (backend, { value }, attributes) => {
    const { axis } = attributes as { axis: number };
    const { shape } = value!;
    const columns = shape.at(-1)!;
    const most = backend.device.limits.maxStorageBuffersPerShaderStage - 1;
    if (axis % shape.length !== shape.length - 1 || columns > most) return null;
    const rest = shape.slice(0, -1);
    if (columns > 1) {
      const rows = tf.util.sizeFromShape(rest);
      return dispatch(backend, columnsOf(rows, columns), [value!], Array<number[]>(columns).fill(rest));
    }
    backend.incRef(value!.dataId);
    return [{ dataId: value!.dataId, shape: rest, dtype: value!.dtype }];
  });
  replaceReduction('Sum', 'axis', 'sum');
  replaceReduction('Mean', 'axis', 'mean');
  replaceReduction('Max', 'reductionIndices', 'max');
}

/** Whether `number` is a single number that broadcasts over `other` without changing its shape. */
function isNumberFor(number: tf.TensorInfo, other: tf.TensorInfo): boolean {
  return tf.util.sizeFromShape(number.shape) === 1 && number.shape.length <= other.shape.length;
}

/** @param axisName this kernel's name for the attribute with the axes */
function replaceReduction(kernelName: string, axisName: string, reduction: Reduction): void {
  replace(kernelName, (backend, { x }, attributes) => {
    const { [axisName]: axis, keepDims } = attributes as { [name: string]: unknown; keepDims: boolean };
    const axes = tf.util.parseAxisParam(axis as number | number[], x!.shape).sort((a, b) => a - b);
    const run = runOf(x!.shape, axes);
    if (!run || run.length < 1) return null;
    const shape = x!.shape.flatMap((side, d) => (axes.includes(d) ? (keepDims ? [1] : []) : [side]));
    return reduce(backend, x!, run, reduction, shape);
  });
}

function replace(kernelName: string, own: OwnKernel): void {
  const stock = tf.getKernel(kernelName, 'webgpu');
  tf.unregisterKernel(kernelName, 'webgpu');
  const kernelFunc = (call: Call) => {
    const { backend, inputs, attrs } = call;
    const result =
      backend instanceof RetortBackend && ready(backend, inputs)
        ? own(backend, inputs as Record<string, tf.TensorInfo>, attrs)
        : null;
    return result ?? stock.kernelFunc(call);
  };
  tf.registerKernel({ ...stock, kernelFunc });
}

/** Our kernels read non-empty float32 buffers; tiny tensors that are still on the CPU stay there. */
function ready(backend: RetortBackend, inputs: Call['inputs']): boolean {
  const given = Object.values(inputs) as tf.TensorInfo[];
  return (
    given.every(
      (input) => tf.util.sizeFromShape(input.shape) > 0 && backend.storageType(input) === 'float32',
    ) && !backend.shouldExecuteOnCPU(given)
  );
}

function convInfo(
  inputShape: number[],
  filterShape: number[],
  attributes: ConvAttributes,
  isDepthwise = false,
): ConvInfo {
  // Gradients of depthwise convolutions have no `dataFormat`.
  const { strides, dilations = 1, pad, dimRoundingMode, dataFormat = 'NHWC' } = attributes;
  return tf.backend_util.computeConv2DInfo(
    inputShape as Shape4D,
    filterShape as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    isDepthwise,
    tf.backend_util.convertConv2DDataFormat(dataFormat),
  );
}

function poolInfo(x: tf.TensorInfo, attributes: unknown): tf.backend_util.Conv2DInfo {
  const { filterSize, strides, pad, dimRoundingMode } = attributes as ConvAttributes & {
    filterSize: [number, number] | number;
  };
  return tf.backend_util.computePool2DInfo(x.shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
}
