/**
 * How fast the engine trains, against TensorFlow.js as it comes. Runs in any page or worker with WebGPU, on whatever
 * adapter there is. Absolute times of a shared machine wander by a factor of two: compare the rows of one call.
 */
import { chooseBackend } from '../../../src/engine/backends';
import { captureAvailability, captureStep, type RecordedStep } from '../../../src/engine/capture/capture';
import { tf } from '../../../src/engine/tf';
import { countDispatches, poolBytes, watchPool } from './probes';
import { asStock, registerStock, stockBackend } from './stock-backend';
import { engineCases } from './cases';
import { Training, type EngineCase } from './training';

/** How a step is run. Captured comes before eager, so that its compile time is that of a cold start. */
export const runners = ['captured', 'eager', 'stock', 'wasm'] as const;
export type Runner = (typeof runners)[number];

export interface Measurement {
  case: string;
  runner: Runner;
  /** Median time of a step including the wait for its loss. */
  ms: number;
  /** Mean time of a step when steps do not wait for the previous loss; null where not requested. */
  overlappedMs: number | null;
  /** Median time until the step has been submitted. */
  hostMs: number;
  /** Dispatches per step; null on wasm. */
  dispatches: number | null;
  /** GPU memory at the step's peak, weights and optimiser included; null on wasm. */
  bytes: number | null;
  /** Time to the end of the first step: recording, and compiling kernels that are not compiled yet. */
  firstMs: number;
  /** Timed steps after the first. */
  steps: number;
  /** Loss of the second step: equal networks and batches must agree. */
  loss: number;
  /** Number of trained parameters. */
  parameters: number;
}

/** What to measure; by default everything in every way. */
export interface MeasureOptions {
  cases?: readonly EngineCase[];
  runners?: readonly Runner[];
  limits?: Record<Runner, Limit>;
  /** Whether overlapping steps are timed too. */
  overlapped?: boolean;
}

/** Steps are timed until there are so many, or this long has passed; at least one. */
export interface Limit {
  steps: number;
  ms: number;
}

export interface EngineResult {
  /** The WebGPU adapter. */
  adapter: string;
  /** From the page's start to the last measurement. */
  tookMs: number;
  measurements: Measurement[];
}

const backendOf: Record<Runner, string> = {
  captured: 'webgpu',
  eager: 'webgpu',
  stock: stockBackend,
  wasm: 'wasm',
};

/** Short enough for a software adapter. */
const usualLimits: Record<Runner, Limit> = {
  captured: { steps: 20, ms: 1000 },
  eager: { steps: 10, ms: 1000 },
  stock: { steps: 3, ms: 1500 },
  wasm: { steps: 10, ms: 800 },
};

/** Measures every case in every way, one way after the other so that load from outside hits all of them. */
export async function measureEngine(
  onMeasured: (measurement: Measurement) => void = () => undefined,
  options: MeasureOptions = {},
): Promise<EngineResult> {
  const { cases = engineCases, limits = usualLimits, overlapped = false } = options;
  const chosen = options.runners ?? runners;
  const { adapter } = await start();
  await registerStock();
  if (chosen.includes('wasm')) await start('wasm');
  const measurements: Measurement[] = [];
  for (const one of cases)
    for (const runner of chosen) {
      await tf.setBackend(backendOf[runner]);
      const work = () => measure(one, runner, limits[runner], overlapped);
      const measured = await (runner === 'stock' ? asStock(work) : work());
      measurements.push(measured);
      onMeasured(measured);
    }
  return { adapter, tookMs: performance.now(), measurements };
}

/** @throws Error when the backend does not start here, or (WebGPU) records no steps */
export async function start(backend: 'webgpu' | 'wasm' = 'webgpu'): Promise<{ adapter: string }> {
  const { name, device, rejected } = await chooseBackend(backend);
  if (name !== backend)
    throw new Error(`${backend} does not start here. ${rejected.map(({ why }) => why).join(' ')}`);
  if (backend === 'webgpu') {
    const { available, why } = await captureAvailability();
    if (!available) throw new Error(why);
  }
  return { adapter: device };
}

async function measure(
  one: EngineCase,
  runner: Runner,
  { steps, ms }: Limit,
  overlapped: boolean,
): Promise<Measurement> {
  const before = poolBytes();
  const training = new Training(one);
  await training.settle();
  const pool = watchPool(before);
  const times: { ms: number; hostMs: number; loss: number }[] = [];
  let graph: RecordedStep | null = null;
  const began = performance.now();
  if (runner === 'captured' || runner === 'wasm') {
    training.prepare();
    graph = captureStep(training.compute, { inputs: training.inputs });
    await graph.prepare();
  }
  const counter = graph ? null : countDispatches();
  const take = async () => {
    const start = performance.now();
    // A graph's first step was prepared before it was recorded.
    if (!graph || times.length > 0) training.prepare();
    const loss = graph ? graph.replay()!.then((numbers) => numbers['loss']![0]!) : eagerly(training);
    const hostMs = performance.now() - start;
    times.push({ hostMs, loss: await loss, ms: performance.now() - start });
  };
  await take();
  const firstMs = performance.now() - began;
  const madeFirst = counter?.made() ?? 0;
  const timed = performance.now();
  do await take();
  while (times.length <= steps && performance.now() - timed < ms);
  const later = times.slice(1);
  const made = counter && (counter.made() - madeFirst) / later.length;
  const peak = pool && pool.peak() + training.inputBytes + (graph?.bytes ?? 0);
  const measured = {
    case: one.name,
    runner,
    ms: median(later.map(({ ms }) => ms)),
    overlappedMs: overlapped ? await overlappedStep(training, graph, later.length) : null,
    hostMs: median(later.map(({ hostMs }) => hostMs)),
    dispatches: runner === 'wasm' ? null : (graph?.dispatches ?? made),
    bytes: peak,
    firstMs,
    steps: later.length,
    loss: times[1]!.loss,
    parameters: training.parameters,
  };
  counter?.stop();
  pool?.stop();
  graph?.dispose();
  training.dispose();
  return measured;
}

async function eagerly(training: Training): Promise<number> {
  const { loss } = tf.tidy(training.compute);
  const [value] = await loss.data();
  loss.dispose();
  return value!;
}

/** Mean of `steps` steps that do not wait for each other; the time ends with the last one's loss. */
async function overlappedStep(
  training: Training,
  graph: RecordedStep | null,
  steps: number,
): Promise<number> {
  const began = performance.now();
  let last: Promise<unknown> | null = null;
  for (let step = 1; step <= steps; step++) {
    await graph?.room();
    training.prepare();
    if (graph) last = graph.replay();
    else if (step === steps) last = eagerly(training);
    else tf.tidy(() => void training.compute());
  }
  await last;
  return (performance.now() - began) / steps;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
