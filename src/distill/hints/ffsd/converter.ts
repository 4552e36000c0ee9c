import { gradientsOf } from '../../../engine/gradients';
import { tf, type Tensor } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { DrivenOptimiser } from '../../../nn/driven-optimiser';
import { Module, Observed } from '../../../nn/module';
import type { NamedSlots } from '../../../nn/layouts';
import { namedSlots } from '../../../nn/named-slots';
import { Adam } from '../../../nn/optimisers';
import type { RandomStream } from '../../../random/streams';
import { convert, converterLosses, widthsOf } from './converters';

/** A converter with its own training, apart from the networks'. Its owner disposes it. */
export class Converter {
  /** Adam's default, which the published code takes; it follows the schedule's curve. */
  static readonly rate = 1e-3;
  /** Over its trained parameters; prepared by the owner before each step. */
  readonly optimiser: DrivenOptimiser;
  readonly module: Module;
  private readonly widths: readonly number[];

  /** @param stages shapes of the network whose maps it makes, without the batch axis */
  constructor(stages: readonly (readonly number[])[], random: RandomStream, scope: string) {
    this.widths = widthsOf(stages);
    const { parameters } = describeModule((ops, map) => convert(ops, map!, this.widths), [stages.at(-1)!]);
    this.module = Module.create(parameters, random, `${scope}/converter`);
    this.optimiser = new DrivenOptimiser(
      new Adam([...this.module.trainable.values()], { weightDecay: 1e-4 }),
    );
  }

  /** What its optimiser remembers, for other programs. */
  slots(): Promise<NamedSlots> {
    return namedSlots(this.optimiser.optimiser, this.module.trainable);
  }

  /** Parameters and running statistics. */
  get variables(): tf.Variable[] {
    const { trainable, statistics } = this.module;
    return [...trainable.values(), ...statistics.values()];
  }

  /** Earlier maps out of a last one [B,H,W,C], the latest first; with running statistics unless it is trained. */
  make(map: Tensor, training: boolean, observed?: Observed): Tensor[] {
    return convert(this.module.ops({ training, ...(observed ? { observed } : {}) }), map, this.widths);
  }

  /** One step on the maps of its network, which are constants; in the caller's tidy. @param weight a scalar */
  learn(stages: readonly Tensor[], weight: Tensor): void {
    const observed = new Observed();
    const { value, gradients } = gradientsOf(() => {
      const { feature, attention } = converterLosses(this.make(stages.at(-1)!, true, observed), stages);
      return tf.mul<tf.Scalar>(tf.mean(tf.add(feature, attention)), weight);
    }, [...this.module.trainable.values()]);
    value.dispose();
    observed.absorb();
    this.optimiser.apply(gradients);
  }

  dispose(): void {
    this.optimiser.dispose();
    this.module.dispose();
  }
}
