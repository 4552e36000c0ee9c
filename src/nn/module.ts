/** Parameters as TensorFlow.js variables, and the op table that computes with them. */
import type { TensorOpsOptions } from '../engine/composed';
import { opsOverTensors } from '../engine/fused';
import type { Initializer, PictureOps } from '../engine/ops';
import { tf } from '../engine/tf';
import { RandomStream } from '../random/streams';
import type { ParameterSpec } from './describe';
import { fromTorchLayout, toTorchLayout, torchShape, type NamedArray } from './layouts';
import type { Observed } from './observed';
import { stateProblem } from './state-problem';

export { describeModule, type ModuleDescription, type ParameterSpec, type Shape } from './describe';
export type { NamedArray } from './layouts';
export { Observed } from './observed';

export interface ModuleOpsOptions {
  /** Batch statistics (true) or running statistics (false). */
  training: boolean;
  /** Values that replace trained parameters, by name; other parameters keep their own. */
  weights?: ReadonlyMap<string, tf.Tensor>;
  /** Collects the batch statistics of a training pass; without it they are discarded. */
  observed?: Observed;
  /** The factors of a dropout layer in training, by name; without it nothing is dropped. */
  dropout?: (name: string) => tf.Tensor;
}

/** A stream that a network's first values are drawn from, or the values, in PyTorch's names and layouts. */
export type FirstValues = RandomStream | readonly NamedArray[];

/** Makes variables' names unique, because TensorFlow.js registers them globally. */
let created = 0;

/** A set of parameters with their running statistics. */
export class Module {
  readonly specs: readonly ParameterSpec[];
  /** In order of first use. */
  readonly trainable: ReadonlyMap<string, tf.Variable>;
  /** Running means and variances. */
  readonly statistics: ReadonlyMap<string, tf.Variable>;

  private constructor(specs: readonly ParameterSpec[], variables: ReadonlyMap<string, tf.Variable>) {
    const ofKind = (kind: ParameterSpec['kind']) =>
      new Map(specs.filter((spec) => spec.kind === kind).map(({ name }) => [name, variables.get(name)!]));
    this.specs = specs;
    this.trainable = ofKind('weight');
    this.statistics = ofKind('statistic');
  }

  /**
   * Creates the variables. `scope` is a prefix of the variables' names, for debugging only.
   * @param values drawn in the order of `specs`, or given; given ones are checked before anything is created
   * @throws Error with a sentence that names the first mismatch of given values
   */
  static create(specs: readonly ParameterSpec[], values: FirstValues, scope: string): Module {
    const valuesOf = values instanceof RandomStream ? drawn(values) : given(specs, values);
    const prefix = `${scope}#${++created}`;
    const variables = new Map<string, tf.Variable>();
    for (const spec of specs) {
      const { name, shape, kind } = spec;
      const first = tf.tensor(valuesOf(spec), shape);
      variables.set(name, tf.variable(first, kind === 'weight', `${prefix}/${name}`));
      first.dispose();
    }
    return new Module(specs, variables);
  }

  /** An op table that computes with these parameters. */
  ops({ training, weights, observed, dropout }: ModuleOpsOptions): PictureOps<tf.Tensor> {
    return opsOverTensors({
      weights: (name) => weights?.get(name) ?? known(this.trainable, name),
      statistics: (name) => known(this.statistics, name),
      training,
      ...(dropout ? { dropout } : {}),
      ...(observed ? { observe: this.recorder(observed) } : {}),
    });
  }

  /** All parameters and statistics in PyTorch's names and layouts (conv [out,in,k,k], dense [out,in]). */
  async exportState(): Promise<NamedArray[]> {
    return Promise.all(
      this.specs.map(async ({ name, shape }) => {
        const values = (await this.variable(name).data()) as Float32Array;
        return { name, shape: torchShape(shape), data: toTorchLayout(values, shape) };
      }),
    );
  }

  /**
   * Loads values in PyTorch's names and layouts. Every name and shape is checked before anything changes.
   * @throws Error with a sentence that names the first mismatch
   */
  loadState(state: readonly NamedArray[]): void {
    const valuesOf = given(this.specs, state);
    for (const spec of this.specs)
      tf.tidy(() => this.variable(spec.name).assign(tf.tensor(valuesOf(spec), spec.shape)));
  }

  /** Copies parameters and statistics from a module with the same specs. */
  copyFrom(other: Module): void {
    for (const { name } of this.specs) this.variable(name).assign(other.variable(name));
  }

  dispose(): void {
    for (const { name } of this.specs) this.variable(name).dispose();
  }

  private recorder(observed: Observed): NonNullable<TensorOpsOptions['observe']> {
    return (name, mean, variance) => {
      observed.record(known(this.statistics, `${name}.running_mean`), mean);
      observed.record(known(this.statistics, `${name}.running_var`), variance);
    };
  }

  private variable(name: string): tf.Variable {
    return this.trainable.get(name) ?? known(this.statistics, name);
  }
}

function known(variables: ReadonlyMap<string, tf.Variable>, name: string): tf.Variable {
  const variable = variables.get(name);
  if (!variable) throw new Error(`No parameter is called ${name}`);
  return variable;
}

type ValuesOf = (spec: ParameterSpec) => Float32Array;

function drawn(random: RandomStream): ValuesOf {
  return ({ init, shape }) => initialValues(init, shape, random);
}

/** @throws Error with a sentence that names the first mismatch */
function given(specs: readonly ParameterSpec[], state: readonly NamedArray[]): ValuesOf {
  const problem = stateProblem(specs, state);
  if (problem) throw new Error(problem);
  const arrays = new Map(state.map((entry) => [entry.name, entry.data]));
  return ({ name, shape }) => fromTorchLayout(arrays.get(name)!, shape);
}

function initialValues(init: Initializer, shape: readonly number[], random: RandomStream): Float32Array {
  const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
  switch (init.kind) {
    case 'constant':
      return values.fill(init.value);
    case 'torch-default': {
      const bound = 1 / Math.sqrt(init.fanIn);
      return values.map(() => (2 * random.uniform() - 1) * bound);
    }
    case 'he-fan-out': {
      const deviation = Math.sqrt(2 / init.fanOut);
      return values.map(() => deviation * random.normal());
    }
    case 'normal':
      return values.map(() => init.deviation * random.normal());
  }
}
