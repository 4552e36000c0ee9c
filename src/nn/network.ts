import type { TraceOf } from '../engine/ops';
import type { tf } from '../engine/tf';
import type { RandomStream } from '../random/streams';
import { planDefinition, planNetwork } from './describe';
import { Module, type ModuleOpsOptions } from './module';
import type { JoinedDefinition } from './networks';

/** What a network exposes on a batch, as tensors. */
export type Trace = TraceOf<tf.Tensor>;

/** A network with its parameters. */
export class Network {
  readonly name: string;
  /** [h,w,c] */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  readonly module: Module;
  private readonly define: JoinedDefinition;

  private constructor(
    name: string,
    input: readonly [number, number, number],
    classes: number,
    module: Module,
    define: JoinedDefinition,
  ) {
    this.name = name;
    this.input = input;
    this.classes = classes;
    this.module = module;
    this.define = define;
  }

  /**
   * Builds the network called `name` (see `names.ts`) with first values drawn from `random`.
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
    return new Network(name, input, classes, module, plan.define);
  }

  /**
   * The trace of a batch of images [B,h,w,c], normalised as the network expects. Call inside `tf.tidy` or
   * `gradientsOf`: every layer's output is a tensor.
   */
  forward(images: tf.Tensor4D, options: ModuleOpsOptions): Trace {
    return this.define(this.module.ops(options), images as tf.Tensor);
  }

  dispose(): void {
    this.module.dispose();
  }
}
