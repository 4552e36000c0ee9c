/**
 * Convolutions, max pooling and matrix products by our kernels, in place of the backend's: its gradients are missing or
 * slow, and its forward convolution packs the filter anew for each step.
 */
import { tf } from '../tf';
import { launch, matrixGeometry, produce, scratchFor, tilesFor, type WasmBackend } from './launch';
import { replace, sizeOf } from './replace';

type Info = tf.backend_util.Conv2DInfo;
type Shape4D = [number, number, number, number];

interface ConvAttributes {
  strides: [number, number] | number;
  pad: tf.backend_util.ExplicitPadding | 'valid' | 'same' | number;
  dataFormat?: 'NHWC' | 'NCHW';
  dilations?: [number, number] | number;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Registers the kernels. Call once, after the wasm backend's own kernels have been registered. */
export function registerConvolutions(): void {
  replace('Conv2D', (backend, { x, filter }, attributes) => {
    const info = convInfo(x!.shape, filter!.shape, attributes as ConvAttributes);
    if (!isPlain(info)) return null;
    return convolve(backend, 'convolution', info, [x!, filter!, 0], info.outShape);
  });
  replace('Conv2DBackpropInput', (backend, { dy, filter }, attributes) => {
    const { inputShape } = attributes as { inputShape: Shape4D };
    const info = convInfo(inputShape, filter!.shape, attributes as ConvAttributes);
    return isPlain(info) ? convolve(backend, 'inputGradient', info, [dy!, filter!], inputShape) : null;
  });
  replace('Conv2DBackpropFilter', (backend, { x, dy }, attributes) => {
    const { filterShape } = attributes as { filterShape: Shape4D };
    const info = convInfo(x!.shape, filterShape, attributes as ConvAttributes);
    return isPlain(info) ? convolve(backend, 'filterGradient', info, [x!, dy!], filterShape) : null;
  });
  replace('DepthwiseConv2dNative', (backend, { x, filter }, attributes) => {
    const info = convInfo(x!.shape, filter!.shape, attributes as ConvAttributes, true);
    return isPlain(info, true) ? depthwise(backend, 0, info, [x!, filter!, null], info.outShape) : null;
  });
  replace('DepthwiseConv2dNativeBackpropInput', (backend, { dy, filter }, attributes) => {
    const { inputShape } = attributes as { inputShape: Shape4D };
    const info = convInfo(inputShape, filter!.shape, attributes as ConvAttributes, true);
    return isPlain(info, true) ? depthwise(backend, 1, info, [null, filter!, dy!], inputShape) : null;
  });
  replace('DepthwiseConv2dNativeBackpropFilter', (backend, { x, dy }, attributes) => {
    const { filterShape } = attributes as { filterShape: Shape4D };
    const info = convInfo(x!.shape, filterShape, attributes as ConvAttributes, true);
    return isPlain(info, true) ? depthwise(backend, 2, info, [x!, null, dy!], filterShape) : null;
  });
  replace('MaxPool', (backend, { x }, attributes) => {
    const info = poolInfo(x!, attributes);
    return info.dilationHeight === 1 && info.dilationWidth === 1
      ? produce(backend, 'maxPool', [x!], [info.outShape], poolGeometry(info))[0]!
      : null;
  });
  replace('MaxPoolGrad', (backend, { dy, input }, attributes) => {
    const info = poolInfo(input!, attributes);
    return produce(backend, 'maxPoolGradient', [input!, dy!], [input!.shape], poolGeometry(info))[0]!;
  });
  replace('BatchMatMul', (backend, { a, b }, attributes) => {
    const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
    const isOne = [a!, b!].every(({ shape }) => sizeOf(shape.slice(0, -2)) === 1);
    if (isOne && !(transposeA && transposeB)) return product(backend, a!, b!, transposeA, transposeB);
    return products(backend, a!, b!, transposeA, transposeB);
  });
}

/** Products of small matrices [batch..., M, K] and [batch..., K, N], of one batch each; null for others. */
function products(
  backend: WasmBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.TensorInfo | null {
  const batch = a.shape.slice(0, -2);
  if (!tf.util.arraysEqual(batch, b.shape.slice(0, -2))) return null;
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const columns = transposeB ? bRows : bColumns;
  if (inner !== (transposeB ? bColumns : bRows)) return null;
  const steps = [
    ...[aRows * aColumns, ...(transposeA ? [1, aColumns] : [aColumns, 1])],
    ...[bRows * bColumns, ...(transposeB ? [1, bColumns] : [bColumns, 1])],
  ];
  const y = backend.makeOutput([...batch, rows, columns], 'float32');
  launch(backend, 'batchProduct', [a, b, y, sizeOf(batch), rows, columns, inner, ...steps]);
  return y;
}

/**
 * A product of two matrices as a convolution of kernel 1 over rows, or as one of its gradients where a factor is
 * transposed: a [1..., M, K] and b [1..., K, N].
 */
function product(
  backend: WasmBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeA: boolean,
  transposeB: boolean,
): tf.TensorInfo {
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const result = [transposeA ? aColumns : aRows, transposeB ? bRows : bColumns];
  const shape = [...(a.shape.length >= b.shape.length ? a : b).shape.slice(0, -2), ...result];
  const [kernel, rows, inputs, units] = transposeA
    ? (['filterGradient', aRows, aColumns, bColumns] as const)
    : transposeB
      ? (['inputGradient', aRows, bRows, bColumns] as const)
      : (['convolution', aRows, aColumns, bColumns] as const);
  const geometry = matrixGeometry(rows, inputs, units);
  const output = backend.makeOutput(shape, 'float32');
  const operands = kernel === 'convolution' ? [a, b, 0] : [a, b];
  const tiles = kernel === 'filterGradient' ? tilesFor(backend, geometry) : [];
  launch(backend, kernel, [...operands, output, scratchFor(backend, geometry), ...geometry, ...tiles]);
  return output;
}

function convolve(
  backend: WasmBackend,
  kernel: 'convolution' | 'inputGradient' | 'filterGradient',
  info: Info,
  operands: readonly (tf.TensorInfo | number)[],
  shape: readonly number[],
): tf.TensorInfo {
  const geometry = convGeometry(info);
  const output = backend.makeOutput(shape, 'float32');
  const scratch = scratchFor(backend, geometry);
  const tiles = kernel === 'filterGradient' ? tilesFor(backend, geometry) : [];
  launch(backend, kernel, [...operands, output, scratch, ...geometry, ...tiles]);
  return output;
}

/** @param operands x, filter and y; the one that is computed is null */
function depthwise(
  backend: WasmBackend,
  sum: 0 | 1 | 2,
  info: Info,
  operands: readonly (tf.TensorInfo | null)[],
  shape: readonly number[],
): tf.TensorInfo {
  const output = backend.makeOutput(shape, 'float32');
  launch(backend, 'depthwise', [sum, ...operands.map((given) => given ?? output), ...poolGeometry(info)]);
  return output;
}

/** In the order of the parameters of `assembly/convolution.ts`. */
function convGeometry(info: Info): number[] {
  return [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    ...[info.filterHeight, info.filterWidth, info.outChannels],
    ...[info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
    ...[info.outHeight, info.outWidth],
  ];
}

/** In the order of the parameters of `assembly/pool.ts` and `assembly/depthwise.ts`. */
function poolGeometry(info: Info): number[] {
  return [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
    ...[info.filterHeight, info.filterWidth],
    ...[info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
    ...[info.outHeight, info.outWidth],
  ];
}

/** Whether our kernels compute this convolution. */
function isPlain(info: Info, isDepthwise = false): boolean {
  const isDense = info.dilationHeight === 1 && info.dilationWidth === 1;
  return (
    info.dataFormat === 'channelsLast' && isDense && (!isDepthwise || info.outChannels === info.inChannels)
  );
}

function convInfo(
  inputShape: readonly number[],
  filterShape: readonly number[],
  attributes: ConvAttributes,
  isDepthwise = false,
): Info {
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

function poolInfo(x: tf.TensorInfo, attributes: unknown): Info {
  const { filterSize, strides, pad, dimRoundingMode } = attributes as ConvAttributes & {
    filterSize: [number, number] | number;
  };
  return tf.backend_util.computePool2DInfo(x.shape as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
}
