/**
 * Single convolutions of the networks, forward and both gradients, by each kernel there is for them and by TensorFlow.js as
 * it comes. Runs in any page or worker with WebGPU, and in Node through Dawn.
 */
import * as conv from '../../../src/engine/kernels/conv';
import { convFilterGradientByThreads, filterGradientPlan } from '../../../src/engine/kernels/conv-filter';
import { convForwardByThreads } from '../../../src/engine/kernels/conv-forward';
import type { ConvInfo } from '../../../src/engine/kernels/conv-info';
import { convInputGradientByThreads } from '../../../src/engine/kernels/conv-input-gradient';
import * as workgroups from '../../../src/engine/kernels/conv-workgroups';
import { dispatch, release } from '../../../src/engine/kernels/dispatch';
import { sumPartials } from '../../../src/engine/kernels/reduce';
import { tf, type Tensor4D } from '../../../src/engine/tf';
import type { RawKernel, RetortBackend } from '../../../src/engine/webgpu-backend';
import { RandomStream } from '../../../src/random/streams';
import { start } from './measure';
import { asStock, registerStock, stockBackend } from './stock-backend';

interface ConvCase {
  batch: number;
  side: number;
  inputs: number;
  outputs: number;
  kernel: number;
  stride: number;
}

/** Where they come from: the small networks of the page, ResNet-18 to -50 and MobileNetV2 on images of 32 pixels. */
const cases: ConvCase[] = [
  [64, 28, 1, 16, 3, 1],
  [64, 32, 3, 32, 3, 1],
  [64, 14, 16, 32, 3, 1],
  [64, 8, 32, 64, 3, 1],
  [64, 8, 64, 64, 3, 1],
  [16, 16, 128, 128, 3, 1],
  [16, 16, 128, 256, 3, 2],
  [16, 8, 256, 256, 3, 1],
  [16, 4, 512, 512, 3, 1],
  [64, 16, 24, 144, 1, 1],
  [64, 8, 64, 256, 1, 1],
  [64, 8, 256, 64, 1, 1],
  [64, 4, 512, 2048, 1, 1],
].map(([batch, side, inputs, outputs, kernel, stride]) => ({
  batch: batch!,
  side: side!,
  inputs: inputs!,
  outputs: outputs!,
  kernel: kernel!,
  stride: stride!,
}));

export interface ConvMeasurement {
  case: string;
  end: workgroups.End;
  /** Multiplications and additions, including those with the border's zeros. */
  flop: number;
  /** By independent threads, by workgroups (null where unsupported), by the stock kernels. */
  ms: { threads: number; workgroups: number | null; stock: number };
  /** Time from the kernel's source to the end of the first dispatch, minus the time of a dispatch. */
  compileMs: { threads: number; workgroups: number | null };
  /** The kernel that the engine chooses on this adapter. */
  chosen: 'threads' | 'workgroups';
}

export interface ConvolutionsResult {
  adapter: string;
  measurements: ConvMeasurement[];
  /** The same as a readable table. */
  rows: Record<string, string | number>[];
}

const ends: readonly workgroups.End[] = ['forward', 'input gradient', 'filter gradient'];

/** @param name part of the cases' names */
export async function measureConvolutions(
  name = '',
  onMeasured: (measurement: ConvMeasurement) => void = () => undefined,
): Promise<ConvolutionsResult> {
  const { adapter } = await start();
  await registerStock();
  const measurements: ConvMeasurement[] = [];
  for (const one of cases.filter((each) => nameOf(each).includes(name)))
    for (const end of ends) {
      const measured = await measure(one, end);
      measurements.push(measured);
      onMeasured(measured);
    }
  return { adapter, measurements, rows: measurements.map(row) };
}

function row({ case: convolution, end, flop, ms, compileMs, chosen }: ConvMeasurement) {
  const round = (value: number | null) => (value === null ? '-' : Number(value.toPrecision(3)));
  const chosenMs = ms[chosen]!;
  return {
    convolution,
    end,
    'threads ms': round(ms.threads),
    'workgroups ms': round(ms.workgroups),
    'stock ms': round(ms.stock),
    chosen,
    'GFLOP/s': round(flop / chosenMs / 1e6),
    'x stock': round(ms.stock / chosenMs),
    'compile ms (threads)': Math.round(compileMs.threads),
    'compile ms (workgroups)': compileMs.workgroups === null ? '-' : Math.round(compileMs.workgroups),
  };
}

function nameOf({ batch, side, inputs, outputs, kernel, stride }: ConvCase): string {
  return `${kernel}x${kernel}/${stride}, ${side}x${side}, ${inputs} to ${outputs}, b${batch}`;
}

/** Long enough for a median, short enough for a software adapter; calls longer than `once` are not repeated. */
const limit = { rounds: 7, ms: 600, once: 4000 };

async function measure(one: ConvCase, end: workgroups.End): Promise<ConvMeasurement> {
  const { batch, side, inputs, outputs, kernel, stride } = one;
  const pad = (kernel - 1) / 2;
  const xShape = [batch, side, side, inputs] as [number, number, number, number];
  const filterShape = [kernel, kernel, inputs, outputs] as [number, number, number, number];
  const info = tf.backend_util.computeConv2DInfo(xShape, filterShape, stride, 1, pad);
  const shapes = { x: xShape, filter: filterShape, dy: info.outShape };
  const random = RandomStream.fork(1, 'convolutions');
  const values = Object.entries(shapes).map(
    ([key, shape]) =>
      [key, Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal())] as const,
  );
  const tensorsOn = async (backend: string) => {
    await tf.setBackend(backend);
    return Object.fromEntries(
      values.map(([key, numbers]) => [key, tf.tensor(numbers, shapes[key as keyof typeof shapes])]),
    ) as Record<keyof typeof shapes, Tensor4D>;
  };

  const own = await tensorsOn('webgpu');
  const given =
    end === 'forward'
      ? [own.x, own.filter]
      : end === 'input gradient'
        ? [own.dy, own.filter]
        : [own.x, own.dy];
  const output = end === 'forward' ? info.outShape : end === 'input gradient' ? xShape : filterShape;
  const timeOwn = async ({ kernel, partials }: Made) => {
    const backend = tf.backend() as RetortBackend;
    return time(() => {
      const y =
        partials > 1
          ? sumPartials(backend, kernel, given, partials, output)
          : dispatch(backend, kernel, given, [output])[0]!;
      backend.uploadToGPU(y.dataId);
      release(backend, y);
    });
  };
  const threads = await timeOwn(byThreads(info, end));
  const byTeams = workgroups.supportsWorkgroups(info, end) ? await timeOwn(inTeams(info, end)) : null;
  const chosen = conv.workgroupsFor(info, end) ? 'workgroups' : 'threads';
  tf.dispose(own);

  const stocks = await tensorsOn(stockBackend);
  const stock = await asStock(() => time(() => stockConv(stocks, end, stride, pad).dispose()));
  tf.dispose(stocks);
  await tf.setBackend('webgpu');
  return {
    case: nameOf(one),
    end,
    flop: 2 * tf.util.sizeFromShape(info.outShape) * kernel * kernel * inputs,
    ms: { threads: threads.ms, workgroups: byTeams?.ms ?? null, stock: stock.ms },
    compileMs: { threads: threads.firstMs - threads.ms, workgroups: byTeams && byTeams.firstMs - byTeams.ms },
    chosen,
  };
}

interface Made {
  kernel: RawKernel;
  partials: number;
}

function byThreads(info: ConvInfo, end: workgroups.End): Made {
  if (end === 'forward') return { kernel: convForwardByThreads(info, []), partials: 1 };
  if (end === 'input gradient') return { kernel: convInputGradientByThreads(info, []), partials: 1 };
  const plan = filterGradientPlan(info);
  return { kernel: convFilterGradientByThreads(info, plan), partials: plan.partials };
}

function inTeams(info: ConvInfo, end: workgroups.End): Made {
  const block = conv.blockFor(info, end);
  if (end === 'forward') return { kernel: workgroups.convForwardByWorkgroups(info, [], block), partials: 1 };
  if (end === 'input gradient')
    return { kernel: workgroups.convInputGradientByWorkgroups(info, [], block), partials: 1 };
  const partials = conv.workgroupPartials(info, block);
  return { kernel: workgroups.convFilterGradientByWorkgroups(info, partials, block), partials };
}

/** As TensorFlow.js computes it. */
function stockConv(
  { x, filter, dy }: Record<'x' | 'filter' | 'dy', Tensor4D>,
  end: workgroups.End,
  strides: number,
  pad: number,
): tf.Tensor {
  const attributes = { strides, pad, dataFormat: 'NHWC' };
  const run = (kernel: string, inputs: tf.NamedTensorMap, more: object) =>
    tf
      .engine()
      .runKernel(kernel, inputs, { ...attributes, ...more } as unknown as tf.NamedAttrMap) as tf.Tensor;
  if (end === 'forward') return tf.conv2d(x, filter, strides, pad);
  if (end === 'input gradient') return run('Conv2DBackpropInput', { dy, filter }, { inputShape: x.shape });
  return run('Conv2DBackpropFilter', { x, dy }, { filterShape: filter.shape });
}

/** Median time of a call including submission, after a first call that compiles. */
async function time(call: () => void): Promise<{ firstMs: number; ms: number }> {
  // Of both backends.
  const backend = tf.backend() as RetortBackend;
  const once = async () => {
    const began = performance.now();
    call();
    backend.endComputePassEncoder();
    backend.submitQueue();
    await backend.device.queue.onSubmittedWorkDone();
    return performance.now() - began;
  };
  const firstMs = await once();
  if (firstMs > limit.once) return { firstMs, ms: firstMs };
  const times: number[] = [];
  const began = performance.now();
  do times.push(await once());
  while (times.length < limit.rounds && performance.now() - began < limit.ms);
  times.sort((a, b) => a - b);
  return { firstMs, ms: times[Math.floor(times.length / 2)]! };
}
