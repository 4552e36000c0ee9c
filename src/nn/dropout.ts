/** Dropout masks, drawn on the CPU before each step, so that a run is the same on every device. */
import { liveTensor, type LiveTensor } from '../engine/capture/capture';
import type { tf } from '../engine/tf';
import { RandomStream } from '../random/streams';
import type { DropoutSpec } from './describe';

/** One random number gives two draws of 16 bits, so rates are rounded to 1/65536. */
const levels = 65536;

interface Layer {
  rate: number;
  live: LiveTensor;
  /** CPU copy of `live`, overwritten at each draw. */
  values: Float32Array;
}

/** The dropout layers of one network. */
export class Dropout {
  /** Images per draw. */
  readonly batch: number;
  private readonly layers: ReadonlyMap<string, Layer>;
  private random: RandomStream;

  constructor(specs: readonly DropoutSpec[], batch: number, random: RandomStream) {
    this.batch = batch;
    this.random = random;
    this.layers = new Map(
      specs.map(({ name, rate, shape }) => {
        const sides = [batch, ...shape];
        const size = sides.reduce((product, side) => product * side, 1);
        return [name, { rate, live: liveTensor(sides), values: new Float32Array(size) }];
      }),
    );
  }

  /** Tensors that are written between steps. */
  get inputs(): LiveTensor[] {
    return [...this.layers.values()].map(({ live }) => live);
  }

  /** Before a step: draws new masks for all layers. */
  draw(): void {
    for (const { rate, live, values } of this.layers.values()) {
      drawFactors(values, rate, this.random.below(2 ** 31));
      live.write(values);
    }
  }

  /**
   * The factors by which the layer called `name` multiplies its input: 0 or 1/(1 - rate), [batch,...]. Owned by this
   * object.
   */
  factors(name: string): tf.Tensor {
    return this.layers.get(name)!.live.tensor;
  }

  state(): readonly number[] {
    return this.random.state();
  }

  /** Restores the random state: the next draw is the one that would have followed. */
  restore(state: readonly number[]): void {
    this.random = RandomStream.restore(state);
  }

  dispose(): void {
    this.inputs.forEach((live) => live.dispose());
  }
}

/**
 * Fills `values` with 0, each with probability `rate`, or 1/(1 - rate). The seed of each layer comes from the run's
 * stream; the draws need only be fast and uniform (splitmix32).
 */
export function drawFactors(values: Float32Array, rate: number, seed: number): void {
  const kept = 1 / (1 - rate);
  const dropped = Math.round(rate * levels);
  let counter = seed;
  for (let i = 0; i < values.length; i += 2) {
    counter = (counter + 0x9e3779b9) | 0;
    let bits = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
    bits ^= bits >>> 15;
    values[i] = (bits & 0xffff) < dropped ? 0 : kept;
    if (i + 1 < values.length) values[i + 1] = bits >>> 16 < dropped ? 0 : kept;
  }
}
