/**
 * How fast the engine trains, against TensorFlow.js as it comes. Runs in any page or worker with WebGPU, on whatever
 * adapter there is. Absolute times of a shared machine wander by a factor of two: compare the rows of one call.
 */
import { hintLosses } from '../../../src/distill/hints/fitnet/loss';
import { regress } from '../../../src/distill/hints/fitnet/regressor';
import { kdLosses } from '../../../src/distill/hints/kd/loss';
import { crossEntropies } from '../../../src/distill/objective';
import { chooseBackend } from '../../../src/engine/backends';
import { gradientsOf } from '../../../src/engine/gradients';
import { tf, type Scalar, type Tensor2D, type Tensor4D } from '../../../src/engine/tf';
import { describeModule } from '../../../src/nn/describe';
import { Module, Observed } from '../../../src/nn/module';
import { Network } from '../../../src/nn/network';
import { Sgd } from '../../../src/nn/optimisers';
import { RandomStream } from '../../../src/random/streams';

export interface EngineCase {
  name: string;
  student: string;
  /** With one: CE + T^2 KL + feature hint from this network, frozen. */
  teacher?: string;
  side: number;
  batch: number;
}

export interface Measurement {
  case: string;
  backend: string;
  /** Median time of a step including the wait for its loss. */
  ms: number;
  /** Median time until the step has been handed over. */
  hostMs: number;
  /** Dispatches per step; kernel calls on other backends. */
  dispatches: number;
  /** The first step, with everything compiled. */
  firstMs: number;
  /** Loss of the last step: equal networks and batches must end equal. */
  loss: number;
}

export const engineCases: EngineCase[] = [
  { name: 'student 8x8x1, 32', student: 'cnn-8-16-32', side: 8, batch: 32 },
  { name: 'student 28x28x1, 64', student: 'cnn-8-16-32', side: 28, batch: 64 },
  { name: 'ResNet-8 8x8x1, 64', student: 'resnet8', side: 8, batch: 64 },
  { name: 'distillation 8x8x1, 32', student: 'cnn-8-16-32', teacher: 'cnn-16-32-64', side: 8, batch: 32 },
  { name: 'distillation 28x28x1, 64', student: 'cnn-8-16-32', teacher: 'cnn-16-32-64', side: 28, batch: 64 },
  { name: 'distillation ResNet-8 8x8x1, 64', student: 'resnet8', teacher: 'resnet8', side: 8, batch: 64 },
];

/** The package's own backend, on a device of its own, with its own kernels and the composed table. */
const stock = 'webgpu-stock';

/**
 * Measures every case on every backend, alternating between backends so that load from outside hits all of them.
 * @param backends of 'webgpu', 'webgpu-stock', 'wasm'
 * @param steps timed steps per case and backend, after the first
 */
export async function measureEngine(
  cases: readonly EngineCase[] = engineCases,
  backends: readonly string[] = ['webgpu', stock, 'wasm'],
  steps = 5,
): Promise<Measurement[]> {
  for (const backend of backends) await prepare(backend);
  const measured: Measurement[] = [];
  for (const one of cases)
    for (const backend of backends) {
      await tf.setBackend(backend);
      measured.push(await measure(one, backend, steps));
    }
  return measured;
}

async function prepare(backend: string): Promise<void> {
  if (backend === stock) await registerStock();
  else if ((await chooseBackend(backend as 'webgpu' | 'wasm')).name !== backend)
    throw new Error(`${backend} does not start here.`);
}

async function registerStock(): Promise<void> {
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  if (tf.engine().registryFactory[stock]) return;
  await chooseBackend('webgpu');
  tf.registerBackend(stock, async () => {
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
    return new WebGPUBackend(await adapter!.requestDevice(), adapter!.info);
  });
  // Our kernels step aside for a backend that is not ours.
  tf.copyRegisteredKernels('webgpu', stock);
}

async function measure(one: EngineCase, backend: string, steps: number): Promise<Measurement> {
  // The stock backend hands over every 15 dispatches; ours says itself how many.
  const batchSize = 'WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE';
  const usual = tf.env().getNumber(batchSize);
  if (backend === stock) tf.env().set(batchSize, 15);
  const training = makeTraining(one);
  const times: { ms: number; hostMs: number }[] = [];
  const counter = dispatchCounter();
  let loss = 0;
  let dispatches = 0;
  for (let step = 0; step <= steps; step++) {
    const before = counter.made();
    const start = performance.now();
    const value = training.step();
    const hostMs = performance.now() - start;
    if (step > 0) dispatches = counter.made() - before;
    loss = (await value.data())[0]!;
    times.push({ ms: performance.now() - start, hostMs });
    value.dispose();
  }
  counter.stop();
  training.dispose();
  tf.env().set(batchSize, usual);
  const later = times.slice(1);
  return {
    case: one.name,
    backend,
    ms: median(later.map(({ ms }) => ms)),
    hostMs: median(later.map(({ hostMs }) => hostMs)),
    dispatches,
    firstMs: times[0]!.ms,
    loss,
  };
}

/** Counts dispatches of either WebGPU backend at the device; 0 elsewhere. */
function dispatchCounter(): { made: () => number; stop: () => void } {
  const { device } = tf.backend() as Partial<{ device: GPUDevice }>;
  if (!device) return { made: () => 0, stop: () => undefined };
  let dispatches = 0;
  const original = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = original(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const pass = beginComputePass(passDescriptor);
      const dispatchWorkgroups = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (...workgroups) => {
        dispatches++;
        dispatchWorkgroups(...workgroups);
      };
      return pass;
    };
    return encoder;
  };
  return {
    made: () => dispatches,
    stop: () => {
      device.createCommandEncoder = original;
    },
  };
}

/** A training step on a fixed batch: SGD with momentum, batch statistics taken over. */
function makeTraining({ student: name, teacher: teacherName, side, batch }: EngineCase) {
  const random = RandomStream.fork(1, 'bench');
  const input = [side, side, 1] as const;
  const student = Network.create(name, input, 10, random);
  const teacher = teacherName ? Network.create(teacherName, input, 10, random) : null;
  const pixels = Float32Array.from({ length: batch * side * side }, () => random.normal());
  const images: Tensor4D = tf.tensor4d(pixels, [batch, side, side, 1]);
  const labels = tf.tensor2d(
    Float32Array.from({ length: batch * 10 }, (_, i) => Number(Math.floor(i / 10) % 10 === i % 10)),
    [batch, 10],
  );
  const trace = teacher && tf.tidy(() => teacher.forward(images, { training: false }));
  const hinted = trace?.stages.at(-1)!.shape;
  tf.dispose(trace ?? []);
  const from = tf.tidy(() => student.forward(images, { training: false }).stages.at(-1)!.shape.slice(1));
  const regressor =
    hinted &&
    Module.create(
      describeModule((ops, map) => regress(ops, map!, pointwise, hinted[3]!), [from]).parameters,
      random,
      'regressor',
    );
  const variables = [...student.module.trainable.values(), ...(regressor?.trainable.values() ?? [])];
  const optimiser = new Sgd(variables, { momentum: 0.9, nesterov: false, weightDecay: 5e-4 });

  const objective = (observed: Observed): Scalar => {
    const { logits, stages } = student.forward(images, { training: true, observed });
    const task = tf.mean(crossEntropies(logits, labels));
    if (!teacher || !regressor) return task as Scalar;
    const taught = lastTrace!;
    const ops = regressor.ops({ training: true, observed });
    const regressed = regress(ops, stages.at(-1)!, pointwise, hinted[3]!);
    const parts = [
      kdLosses(logits, taught.logits as Tensor2D, 4),
      hintLosses(regressed, taught.stages.at(-1)!),
    ];
    return tf.add(task, tf.add(tf.mul(tf.mean(parts[0]!), 0.9), tf.mul(tf.mean(parts[1]!), 0.1)));
  };
  let lastTrace: ReturnType<Network['forward']> | null = null;

  return {
    step: (): Scalar =>
      tf.tidy(() => {
        const observed = new Observed();
        lastTrace = teacher && teacher.forward(images, { training: false });
        const { value, gradients } = gradientsOf(() => objective(observed), variables);
        observed.absorb();
        optimiser.step(gradients, 0.01);
        return value;
      }),
    dispose: () => {
      optimiser.dispose();
      regressor?.dispose();
      teacher?.dispose();
      student.dispose();
      tf.dispose([images, labels]);
    },
  };
}

/** Maps of the pairs above have the same sides. */
const pointwise = { kind: 'conv', kernel: 1, stride: 1, padding: 0 } as const;

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
