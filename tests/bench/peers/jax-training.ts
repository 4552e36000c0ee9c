/** The training step in jax-js, whole in one `jit`. Networks as in `tests/bench/gpu/pytorch.py`, in the layouts of jax-js. */
import * as jax from '@jax-js/jax';
import type { EngineCase } from '../engine/training';
import type { Numbers, Start } from './protocol';

const { lax, nn, numpy: np } = jax;
type Array = jax.Array;

const classes = 10;

type Step = (
  weights: Array[],
  velocities: Array[],
  taught: Array[],
  images: Array,
  labels: Array,
) => { loss: Array; next: Array[]; moved: Array[] };

/** Images [B,C,H,W], kernels [out,in,k,k]. Running statistics are not kept, which spares jax-js a little. */
export class JaxTraining {
  readonly parameters: number;
  private readonly step: jax.OwnedFunction<Step>;
  private readonly pixels: Float32Array<ArrayBuffer>;
  private readonly shape: number[];
  private readonly taught: Array[];
  private readonly labels: Array;
  private state: { weights: Array[]; velocities: Array[] };

  constructor(
    { student, teacher, side, channels, batch }: EngineCase,
    { pixels, trained, teacher: frozen }: Start,
  ) {
    this.parameters = trained.reduce((sum, { values }) => sum + values.length, 0);
    this.shape = [batch, channels, side, side];
    this.pixels = turned({ shape: [batch, side, side, channels], values: pixels }, [0, 3, 1, 2]).values;
    this.labels = np.array(
      Float32Array.from({ length: batch * classes }, (_, i) =>
        Number(Math.floor(i / classes) % classes === i % classes),
      ),
      { shape: [batch, classes] },
    );
    const weights = trained.map(arrayOf);
    this.taught = frozen.map(arrayOf);
    this.state = { weights, velocities: trained.map(({ shape }) => np.zeros(arrayShape(shape))) };
    const objective = (own: Array[], others: Array[], images: Array, labels: Array) => {
      const given = new Parameters(own);
      const [logits, map] = forward(student, given, images.ref, true);
      const logs = nn.logSoftmax(logits.ref);
      const ce = np.sum(logs.mul(labels)).mul(-1 / batch);
      if (teacher === null) {
        disposed(images, logits, map);
        return ce;
      }
      const [answers, target] = forward(teacher, new Parameters(others), images, false);
      const p = nn.softmax(answers.ref.div(4));
      const apart = nn.logSoftmax(answers.div(4)).sub(nn.logSoftmax(logits.div(4)));
      const kd = np.sum(p.mul(apart)).mul(16 / batch);
      const regressed = lax.conv(map, given.next(), [1, 1], 'VALID').add(column(given.next()));
      const d = nn.relu(normalised(regressed, given)).sub(target);
      const hint = np.mean(np.square(d));
      return ce.mul(0.9).add(kd.mul(0.9)).add(hint.mul(0.1));
    };
    const gradients = jax.valueAndGrad(objective);
    this.step = jax.jit(
      (own: Array[], velocities: Array[], others: Array[], images: Array, labels: Array) => {
        const [loss, slopes] = gradients(
          own.map((weight) => weight.ref),
          others,
          images,
          labels,
        );
        const moved = velocities.map((velocity, n) =>
          velocity.mul(0.9).add(slopes[n]!).add(own[n]!.ref.mul(5e-4)),
        );
        const next = own.map((weight, n) => weight.sub(moved[n]!.ref.mul(0.01)));
        return { loss, next, moved };
      },
    );
  }

  /** @returns the loss before it */
  async take(): Promise<number> {
    const images = np.array(this.pixels, { shape: this.shape });
    const { weights, velocities } = this.state;
    const { loss, next, moved } = this.step(
      weights,
      velocities,
      this.taught.map((one) => one.ref),
      images,
      this.labels.ref,
    );
    this.state = { weights: next, velocities: moved };
    await jax.blockUntilReady([...next, ...moved]);
    // Its type names Float16Array, which older libraries lack.
    const numbers: unknown = await loss.data();
    return (numbers as Float32Array)[0]!;
  }

  dispose(): void {
    disposed(...this.state.weights, ...this.state.velocities, ...this.taught, this.labels);
    this.step.dispose();
  }
}

function disposed(...arrays: readonly Array[]): void {
  for (const one of arrays) one.dispose();
}

/** Hands out parameters in their order. */
class Parameters {
  private at = 0;
  private readonly all: readonly Array[];

  constructor(all: readonly Array[]) {
    this.all = all;
  }

  next(): Array {
    return this.all[this.at++]!;
  }
}

const column = (vector: Array) => np.reshape(vector, [1, -1, 1, 1]);

/** Batch norm with the batch's statistics, or with those of a network that was never trained: mean 0, variance 1. */
function normalised(x: Array, given: Parameters, training = true): Array {
  const [scale, offset] = [column(given.next()), column(given.next())];
  if (!training) return x.mul(scale.mul(1 / Math.sqrt(1 + 1e-5))).add(offset);
  const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true });
  const centred = x.sub(mean);
  const variance = np.mean(np.square(centred.ref), [0, 2, 3], { keepdims: true });
  return centred
    .mul(np.reciprocal(np.sqrt(variance.add(1e-5))))
    .mul(scale)
    .add(offset);
}

function convNorm(x: Array, given: Parameters, training: boolean, stride = 1): Array {
  const kernel = given.next();
  const pad = (kernel.shape[2]! - 1) / 2;
  const padding: [number, number][] = [
    [pad, pad],
    [pad, pad],
  ];
  return normalised(lax.convGeneralDilated(x, kernel, [stride, stride], padding), given, training);
}

/** @returns logits and the last map */
function forward(network: string, given: Parameters, images: Array, training: boolean): [Array, Array] {
  const x = network.startsWith('resnet')
    ? resnet(given, images, training)
    : cnn(network, given, images, training);
  const [weights, bias] = [given.next(), given.next()];
  const means = np.mean(x.ref, [2, 3]);
  return [np.matmul(means, weights).add(bias), x];
}

function cnn(network: string, given: Parameters, images: Array, training: boolean): Array {
  let x = images;
  for (let block = 0; block < network.split('-').length - 1; block++) {
    if (block > 0) {
      const [batch, channels, height, width] = x.shape as [number, number, number, number];
      x = np.max(np.reshape(x, [batch, channels, height / 2, 2, width / 2, 2]), [3, 5]);
    }
    x = nn.relu(convNorm(x, given, training));
  }
  return x;
}

/** ResNet-8. */
function resnet(given: Parameters, images: Array, training: boolean): Array {
  let x = nn.relu(convNorm(images, given, training));
  for (const stride of [1, 2, 2]) {
    const inner = nn.relu(convNorm(x.ref, given, training, stride));
    const sum = convNorm(inner, given, training);
    x = nn.relu(sum.add(stride === 1 ? x : convNorm(x, given, training, stride)));
  }
  return x;
}

/** Kernels of the engine are [k,k,in,out]; here [out,in,k,k]. */
function arrayOf(given: Numbers): Array {
  const { shape, values } = given.shape.length === 4 ? turned(given, [3, 2, 0, 1]) : given;
  return np.array(Float32Array.from(values), { shape });
}

function arrayShape(shape: number[]): number[] {
  return shape.length === 4 ? [3, 2, 0, 1].map((side) => shape[side]!) : shape;
}

function turned({ shape, values }: Numbers, axes: readonly number[]) {
  const strides = shape.map((_, n) => shape.slice(n + 1).reduce((product, side) => product * side, 1));
  const to = axes.map((axis) => shape[axis]!);
  const numbers = Float32Array.from(values, (_, place) => {
    let [from, rest] = [0, place];
    for (let n = to.length - 1; n >= 0; n--) {
      from += (rest % to[n]!) * strides[axes[n]!]!;
      rest = Math.floor(rest / to[n]!);
    }
    return values[from]!;
  });
  return { shape: to, values: numbers };
}
