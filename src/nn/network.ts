import type { TraceOf } from '../engine/ops';
import type { tf } from '../engine/tf';
import type { RandomStream } from '../random/streams';
import { planDefinition, planNetwork, type DropoutSpec } from './describe';
import { Dropout } from './dropout';
import { Module, type ModuleOpsOptions } from './module';
import type { JoinedDefinition } from './networks';

/** What a network exposes on a batch, as tensors. */
export type Trace = TraceOf<tf.Tensor>;

/** A network with its parameters. */
export class Network {
  readonly name: string;
  /** [h,w,c] */
  readonly input: readonly [number, number, number];
  readonly outputs: number;
  readonly module: Module;
  /** What its dropouts drop in the next training pass; null until `drop`, and where it has none. */
  dropout: Dropout | null = null;
  private readonly define: JoinedDefinition;
  private readonly dropouts: readonly DropoutSpec[];

  private constructor(
    name: string,
    input: readonly [number, number, number],
    classes: number,
    module: Module,
    define: JoinedDefinition,
    dropouts: readonly DropoutSpec[],
  ) {
    this.name = name;
    this.input = input;
    this.outputs = classes;
    this.module = module;
    this.define = define;
    this.dropouts = dropouts;
  }

  /**
   * Builds the network called `name` (see `network-names.ts`) with first values drawn from `random`.
   * @throws Error with a sentence for the user when there is no such network or the images are too small for it
   */
  static create(
    name: string,
    input: readonly [number, number, number],
    classes: number,
    random: RandomStream,
  ): Network {
    return Network.planned(planNetwork(name, input, classes), name, input, classes, random);
  }

  /**
   * Builds a network that has a definition of its own; `name` is what people read.
   * @throws Error with a sentence for the user when the images are too small for it
   */
  static joined(
    define: JoinedDefinition,
    name: string,
    input: readonly [number, number, number],
    classes: number,
    random: RandomStream,
  ): Network {
    return Network.planned(planDefinition(define, name, input), name, input, classes, random);
  }

  private static planned(
    plan: ReturnType<typeof planDefinition>,
    name: string,
    input: readonly [number, number, number],
    classes: number,
    random: RandomStream,
  ): Network {
    if ('problem' in plan) throw new Error(plan.problem);
    const module = Module.create(plan.description.parameters, random, name);
    return new Network(name, input, classes, module, plan.define, plan.description.dropouts);
  }

  /**
   * From now on training passes drop, where the network has dropouts. Whoever drives the steps calls `dropout.draw()`
   * before each, and counts `dropout.inputs` among what is written between them.
   * @param batch images of a step; a pass of fewer takes the first ones' zeros, a pass of more drops nothing
   * @param random of its own, so that no other choice moves
   */
  drop(batch: number, random: RandomStream): void {
    if (this.dropouts.length === 0) return;
    this.dropout?.dispose();
    this.dropout = new Dropout(this.dropouts, batch, random);
  }

  /** It drops no more; what was drawn is disposed. */
  dropNoMore(): void {
    this.dropout?.dispose();
    this.dropout = null;
  }

  /**
   * The trace of a batch of images [B,h,w,c], normalised as the network expects. Call inside `tf.tidy` or
   * `gradientsOf`: every layer's output is a tensor.
   */
  forward(images: tf.Tensor4D, options: ModuleOpsOptions): Trace {
    const { dropout } = this;
    const drops = options.training && dropout !== null && images.shape[0] <= dropout.batch;
    const all = drops ? { dropout: (name: string) => dropout.factors(name), ...options } : options;
    return this.define(this.module.ops(all), images as tf.Tensor);
  }

  dispose(): void {
    this.dropNoMore();
    this.module.dispose();
  }
}
