import { trainingPass } from '../engine/half-maps';
import type { JoinOps, TraceOf } from '../engine/ops';
import type { tf } from '../engine/tf';
import type { RandomStream } from '../random/streams';
import { planDefinition, planNetwork, type DropoutSpec, type ImageShape, type InputShape } from './describe';
import { Dropout } from './dropout';
import { Module, type FirstValues, type ModuleOpsOptions } from './module';
import type { JoinedDefinition, Midway } from './networks/define-network';

/** The outputs of a network on a batch, as tensors. */
export type Trace = TraceOf<tf.Tensor>;

/** @throws Error for a row of a table: only code that refuses such beforehand may ask */
export function imageShape(shape: InputShape): ImageShape {
  if (shape.length !== 3) throw new Error('Only images have a height and a width.');
  return shape;
}

/**
 * Whether a pass may keep its maps in half precision. Passes at other weights are those that differences are taken of
 * (HKD's probes), which rounding would drown.
 */
function keepsMaps({ training, weights }: ModuleOpsOptions): boolean {
  return training && !weights;
}

/** A network with its parameters. */
export class Network {
  readonly name: string;
  readonly input: InputShape;
  readonly outputs: number;
  readonly module: Module;
  /** Masks of its dropout layers in training; null before `drop`, and for networks without dropout. */
  dropout: Dropout | null = null;
  private readonly define: JoinedDefinition;
  private readonly dropouts: readonly DropoutSpec[];

  private constructor(
    name: string,
    input: InputShape,
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
   * Builds the network called `name` (see `network-names.ts`).
   * @throws Error with a sentence for the user when there is no such network, the images are too small for it, or
   *   given values do not fit it
   */
  static create(name: string, input: InputShape, classes: number, values: FirstValues): Network {
    return Network.planned(planNetwork(name, input, classes), name, input, classes, values);
  }

  /**
   * Builds a network from a definition; `name` is for display.
   * @throws Error with a sentence for the user when the images are too small for it, or given values do not fit it
   */
  static joined(
    define: JoinedDefinition,
    name: string,
    input: InputShape,
    classes: number,
    values: FirstValues,
  ): Network {
    return Network.planned(planDefinition(define, name, input), name, input, classes, values);
  }

  private static planned(
    plan: ReturnType<typeof planDefinition>,
    name: string,
    input: InputShape,
    classes: number,
    values: FirstValues,
  ): Network {
    if ('problem' in plan) throw new Error(plan.problem);
    const module = Module.create(plan.description.parameters, values, name);
    return new Network(name, input, classes, module, plan.define, plan.description.dropouts);
  }

  /** Name of the kernel of the layer that gives its outputs: of the last dense one. */
  get classifier(): string {
    return [...this.module.trainable].findLast(([, { rank }]) => rank === 2)![0];
  }

  /**
   * Turns dropout on in training passes, if the network has any. Before each step the caller must call
   * `dropout.draw()`; `dropout.inputs` belong to the tensors written between steps.
   * @param batch images of a step; a smaller pass uses the first masks, a larger one drops nothing
   * @param random a stream of its own, so that other random choices do not change
   */
  drop(batch: number, random: RandomStream): void {
    if (this.dropouts.length === 0) return;
    this.dropout?.dispose();
    this.dropout = new Dropout(this.dropouts, batch, random);
  }

  /** Turns dropout off and disposes the masks. */
  dropNoMore(): void {
    this.dropout?.dispose();
    this.dropout = null;
  }

  /**
   * The trace of a batch of images [B,h,w,c], normalised as the network expects. Call inside `tf.tidy` or
   * `gradientsOf`, because every layer's output is a tensor.
   */
  forward(images: tf.Tensor, options: ModuleOpsOptions): Trace {
    const pass = () => this.define(this.ops(images.shape[0]!, options), images);
    return keepsMaps(options) ? trainingPass(pass) : pass();
  }

  /**
   * Logits [B,C] of the layers behind a stage, fed with a map in place of that stage's output; only for networks that
   * `startsMidway` names.
   * @param images of the batch, for their size alone
   */
  logitsFrom(from: Midway<tf.Tensor>, images: tf.Tensor, options: ModuleOpsOptions): tf.Tensor {
    const pass = () => this.define(this.ops(images.shape[0]!, options), images, from).logits;
    return keepsMaps(options) ? trainingPass(pass) : pass();
  }

  /** The op table with which `forward` computes, for code that runs parts of a joined network. @param batch images of the pass */
  ops(batch: number, options: ModuleOpsOptions): JoinOps<tf.Tensor> {
    const { dropout } = this;
    const drops = options.training && dropout !== null && batch <= dropout.batch;
    return this.module.ops(
      drops ? { dropout: (name: string) => dropout.factors(name), ...options } : options,
    );
  }

  /**
   * The same parameters computed by another definition. It drops nothing and owns nothing: it lives as long as this
   * network and is not to be disposed.
   */
  computedAs(define: JoinedDefinition): Network {
    return new Network(this.name, this.input, this.outputs, this.module, define, []);
  }

  dispose(): void {
    this.dropNoMore();
    this.module.dispose();
  }
}
