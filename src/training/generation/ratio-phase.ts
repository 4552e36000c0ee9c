/** The second phase: the ratio of the densities of real and generated pictures, on the teacher's features. */
import { ratioLoss } from '../../distill/material/generated/losses';
import { BatchOrder, type OrderState } from '../../distill/material/order';
import type { Task } from '../../distill/tasks/task';
import { liveTensor } from '../../engine/capture/capture';
import { gradientsOf } from '../../engine/gradients';
import { tf, type Tensor2D } from '../../engine/tf';
import { readVariables, writeVariables } from '../../engine/variables';
import { DrivenOptimiser } from '../../nn/driven-optimiser';
import type { Dropout } from '../../nn/dropout';
import type { Module } from '../../nn/module';
import { Adam, type OptimiserState } from '../../nn/optimisers';
import { RandomStream } from '../../random/streams';
import type { RunContext } from '../context';
import { EngineReport } from '../engine-report';
import { logitsOf } from '../evaluate';
import type { RunEvent } from '../events';
import { StepMetrics } from '../step-metrics';
import { Stepper, type StepValues } from '../stepper';
import { Throughput } from '../throughput';
import { conditionsOf, normals } from './conditions';
import { refuseDivergedGenerator } from './diverged';
import type { Judge } from './judge';
import { createRatio, picturesOf, ratioDropout, ratiosOf } from './networks';
import type { GenerationPlan } from './plan';

const batchSize = 64;
/** Ten times the published rate: a page trains some hundred steps. */
const rate = 1e-3;
const options = { beta1: 0.5, beta2: 0.999, weightDecay: 1e-4 };
/** The one kind of step. */
const comparing = 'comparing';

/** Keys are stored. */
export interface RatioState {
  step: number;
  variables: Float32Array[];
  optimiser: OptimiserState;
  order: OrderState;
  random: readonly number[];
  dropout: readonly number[];
}

export interface RatioSetup {
  plan: GenerationPlan;
  task: Task;
  context: RunContext;
  judge: Judge;
  /** Stays the caller's. */
  generator: Module;
  /** Steps before this phase, and of all together. */
  before: number;
  total: number;
}

export class RatioPhase {
  private readonly setup: RatioSetup;
  private readonly module: Module;
  private readonly optimiser: DrivenOptimiser;
  private readonly dropout: Dropout;
  private readonly order: BatchOrder;
  private readonly features;
  private readonly condition;
  private readonly noise;
  private readonly metrics = new StepMetrics('generator');
  private readonly engine = new EngineReport('generator');
  private readonly stepper: Stepper;
  private random: RandomStream;
  private step = 0;

  constructor(setup: RatioSetup) {
    const { plan, context } = setup;
    const fork = (name: string) => RandomStream.fork(context.recipe().seed, name);
    this.setup = setup;
    this.module = createRatio(plan, fork('init/ratio'));
    this.optimiser = new DrivenOptimiser(new Adam([...this.module.trainable.values()], options));
    this.order = new BatchOrder(plan.rows, batchSize, fork('order/ratio'));
    const { batch } = this.order;
    this.dropout = ratioDropout(plan, 2 * batch, fork('dropout/ratio'));
    this.features = liveTensor<Tensor2D>([batch, plan.features]);
    this.condition = liveTensor<Tensor2D>([batch, plan.condition.width]);
    this.noise = liveTensor<Tensor2D>([batch, plan.noise]);
    this.random = fork('generate/ratio');
    this.stepper = new Stepper(
      {
        compute: () => this.compute(),
        inputs: () => [
          this.features,
          this.condition,
          this.noise,
          ...this.dropout.inputs,
          ...this.optimiser.inputs,
        ],
      },
      this.metrics,
      context.unrecorded,
    );
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { plan, task, context, before, total } = this.setup;
    const { stopRequested, takeKnobEvents } = context;
    const steps = plan.steps.ratio;
    const throughput = new Throughput();
    const text = 'A density ratio learns which generated pictures look real.';
    if (this.step === 0) yield [{ type: 'phase', phase: 'generator', steps: total, text }];
    const known = await this.realFeatures();
    const places = new Map(Array.from(plan.rows, (row, place) => [row, place]));
    yield* this.stepper.ready([comparing], stopRequested);
    for (let step = this.step + 1; step <= steps && !stopRequested(); step++) {
      const rows = this.order.next();
      const features = new Float32Array(rows.length * plan.features);
      rows.forEach((row, i) => {
        const from = places.get(row)! * plan.features;
        features.set(known.subarray(from, from + plan.features), i * plan.features);
      });
      this.features.write(features);
      this.condition.write(conditionsOf(plan, task, rows));
      this.noise.write(normals(rows.length, plan.noise, this.random));
      this.dropout.draw();
      this.optimiser.prepare(rate);
      await this.stepper.run(comparing, before + step, rate);
      this.step = step;
      const events = takeKnobEvents('generator', before + step);
      if (step === steps || throughput.readingDue)
        events.push(
          ...(await this.flush()),
          throughput.reading(before + step),
          ...this.engine.news(before + step, this.stepper),
        );
      yield events;
    }
  }

  async flush(): Promise<RunEvent[]> {
    const events = await this.metrics.flush();
    refuseDivergedGenerator(events);
    return events;
  }

  async state(): Promise<RatioState> {
    return {
      step: this.step,
      variables: await readVariables([...this.module.trainable.values()]),
      optimiser: await this.optimiser.optimiser.state(),
      order: this.order.state(),
      random: this.random.state(),
      dropout: this.dropout.state(),
    };
  }

  restore({ step, variables, optimiser, order, random, dropout }: RatioState): void {
    this.step = step;
    writeVariables([...this.module.trainable.values()], variables);
    this.optimiser.optimiser.restore(optimiser);
    this.order.restore(order);
    this.random = RandomStream.restore(random);
    this.dropout.restore(dropout);
  }

  /** Frees everything but the network, which the caller owns from now on. */
  release(): Module {
    this.letGo();
    return this.module;
  }

  dispose(): void {
    this.letGo();
    this.module.dispose();
  }

  private letGo(): void {
    this.stepper.dispose();
    this.metrics.dispose();
    this.optimiser.dispose();
    this.dropout.dispose();
    for (const live of [this.features, this.condition, this.noise]) live.dispose();
  }

  /** [rows*D] of the pictures to learn from. */
  private realFeatures(): Promise<Float32Array> {
    const { plan, judge } = this.setup;
    const normalisation = { mean: 0, deviation: 1 };
    const ask = (pictures: tf.Tensor) => judge(pictures).features;
    return logitsOf(ask, plan.source, plan.split, plan.rows, normalisation, plan.features);
  }

  private compute(): StepValues {
    const { plan, judge, generator, context } = this.setup;
    return tf.tidy(() => {
      const { features, condition, noise, dropout } = this;
      const batch = condition.tensor.shape[0];
      const made = judge(picturesOf(plan, generator, noise.tensor, condition.tensor)).features;
      const both = tf.concat([features.tensor, made as Tensor2D], 0);
      const conditions = tf.concat([condition.tensor, condition.tensor], 0);
      const { value, gradients } = gradientsOf(() => {
        const ratios = ratiosOf(plan, this.module, both, conditions, dropout);
        const { divergence, penalty } = ratioLoss(
          tf.slice(ratios, [0, 0], [batch, 1]),
          tf.slice(ratios, [batch, 0], [batch, 1]),
          context.recipe().material.ratioLambda,
        );
        return tf.add<tf.Scalar>(divergence, penalty);
      }, [...this.module.trainable.values()]);
      this.optimiser.apply(gradients);
      return { 'ratio/loss': value };
    });
  }
}
