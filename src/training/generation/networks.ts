/** The networks that make pictures and judge them, as parameters and as functions of tensors. */
import { tf, type Tensor, type Tensor2D, type Tensor4D } from '../../engine/tf';
import type { PictureOps } from '../../engine/ops';
import { describeModule, type Shape } from '../../nn/describe';
import { Dropout } from '../../nn/dropout';
import { Module, type FirstValues } from '../../nn/module';
import { discriminatorOf, generatorOf, lastRatioBias, ratioOf } from '../../nn/networks/generator';
import { RandomStream } from '../../random/streams';
import type { GenerationPlan } from './plan';

/** A network of two inputs. */
export type PairDefinition = <T>(ops: PictureOps<T>, input: T, condition: T) => T;

interface Form {
  define: PairDefinition;
  inputs: readonly [input: Shape, condition: Shape];
}

export const generatorForm = ({ shape, condition, noise }: GenerationPlan): Form => ({
  define: generatorOf(shape, condition),
  inputs: [[noise], [condition.width]],
});

const discriminatorForm = ({ shape, condition }: GenerationPlan): Form => ({
  define: discriminatorOf(shape, condition),
  inputs: [shape, [condition.width]],
});

export const ratioNetForm = ({ condition, features }: GenerationPlan): Form => ({
  define: ratioOf(condition),
  inputs: [[features], [condition.width]],
});

const describe = ({ define, inputs }: Form) =>
  describeModule((ops, input, condition) => define(ops, input!, condition!), inputs);

/** Its parameters; the caller disposes them. */
const create = (form: Form, values: FirstValues, scope: string) =>
  Module.create(describe(form).parameters, values, scope);

/** @param values drawn, or given in PyTorch's names @throws Error with a sentence when given ones do not fit */
export const createGenerator = (plan: GenerationPlan, values: FirstValues) =>
  create(generatorForm(plan), values, 'generator');

export const createDiscriminator = (plan: GenerationPlan, values: FirstValues) =>
  create(discriminatorForm(plan), values, 'discriminator');

/** @param values as for a generator */
export function createRatio(plan: GenerationPlan, values: FirstValues): Module {
  const module = create(ratioNetForm(plan), values, 'ratio');
  const bias = module.trainable.get(lastRatioBias())!;
  if (values instanceof RandomStream) tf.tidy(() => bias.assign(tf.ones(bias.shape)));
  return module;
}

/** Dropout of the ratio for batches of so many pictures; the caller disposes it. */
export const ratioDropout = (plan: GenerationPlan, batch: number, random: RandomStream) =>
  new Dropout(describe(ratioNetForm(plan)).dropouts, batch, random);

/** Pictures [B,H,W,C] of values 0..1, differentiable. @param noise [B,D] @param condition [B,W] */
export function picturesOf(plan: GenerationPlan, module: Module, noise: Tensor, condition: Tensor): Tensor4D {
  const ops = module.ops({ training: true });
  return generatorForm(plan).define<Tensor>(ops, noise, condition) as Tensor4D;
}

/** What the discriminator says of pictures [B,H,W,C] of values 0..1 under their conditions: [B,1], differentiable. */
export function discriminated(
  plan: GenerationPlan,
  module: Module,
  pictures: Tensor,
  condition: Tensor,
): Tensor {
  return discriminatorForm(plan).define<Tensor>(module.ops({ training: true }), pictures, condition);
}

/** Ratios [B,1] of features [B,D] under their conditions, differentiable. @param dropout of a step of training; null elsewhere */
export function ratiosOf(
  plan: GenerationPlan,
  module: Module,
  features: Tensor,
  condition: Tensor,
  dropout: Dropout | null,
): Tensor2D {
  const ops = module.ops({
    training: dropout !== null,
    ...(dropout ? { dropout: (name: string) => dropout.factors(name) } : {}),
  });
  return ratioNetForm(plan).define<Tensor>(ops, features, condition) as Tensor2D;
}

/** Trained parameters of generator and discriminator. */
export function sizesOf(plan: GenerationPlan): { generator: number; discriminator: number } {
  return {
    generator: describe(generatorForm(plan)).trainable,
    discriminator: describe(discriminatorForm(plan)).trainable,
  };
}
