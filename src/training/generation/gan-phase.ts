/** The first phase: generator and discriminator learn by turns, with hinge losses and an average of the generator's weights. */
import { discriminatorLoss, generatorLoss } from '../../distill/material/generated/losses';
import { BatchOrder, type OrderState } from '../../distill/material/order';
import { drawMoves } from '../../distill/modalities/image/image-source';
import type { Task } from '../../distill/tasks/task';
import { liveTensor, type LiveTensor } from '../../engine/capture/capture';
import { gradientsOf } from '../../engine/gradients';
import { tf, type Tensor2D, type Tensor4D } from '../../engine/tf';
import { readVariables, writeVariables } from '../../engine/variables';
import { DrivenOptimiser } from '../../nn/driven-optimiser';
import type { Module } from '../../nn/module';
import { Adam, type OptimiserState } from '../../nn/optimisers';
import { RandomStream } from '../../random/streams';
import { batchInputs, type BatchInputs } from '../batch-inputs';
import type { RunContext } from '../context';
import { EngineReport } from '../engine-report';
import type { RunEvent } from '../events';
import { StepMetrics } from '../step-metrics';
import { Stepper, type StepValues } from '../stepper';
import { Throughput } from '../throughput';
import { conditionsOf, drawnRows, normals } from './conditions';
import { refuseDivergedGenerator } from './diverged';
import { createDiscriminator, createGenerator, discriminated, picturesOf } from './networks';
import type { GenerationPlan } from './plan';
import { LiveShift, shiftOf } from './shift';

const batchSize = 32;
const betas = { beta1: 0.5, beta2: 0.999, weightDecay: 0 };
/** The one kind of step. */
const turn = 'turn';
/** Measurements over the phase. */
const measurements = 10;

/** Keys are stored. */
export interface GanState {
  step: number;
  /** Generator, its average, discriminator. */
  variables: Float32Array[];
  optimisers: OptimiserState[];
  order: OrderState;
  random: readonly number[];
}

/** What a step of a network sees beside its parameters: noise, what to make and how it is moved. */
class Draw {
  readonly noise: LiveTensor<Tensor2D>;
  readonly condition: LiveTensor<Tensor2D>;
  readonly shift: LiveShift;

  constructor({ noise, condition, shape }: GenerationPlan, batch: number) {
    this.noise = liveTensor([batch, noise]);
    this.condition = liveTensor([batch, condition.width]);
    this.shift = new LiveShift(batch, shape);
  }

  get inputs(): LiveTensor[] {
    return [this.noise, this.condition, ...this.shift.inputs];
  }

  dispose(): void {
    this.noise.dispose();
    this.condition.dispose();
    this.shift.dispose();
  }
}

export interface GanSetup {
  plan: GenerationPlan;
  task: Task;
  context: RunContext;
  /** Steps of all phases together. */
  total: number;
  /** Measures the average generator after a step: numbers for the step's values, and events. */
  measure: (average: Module, step: number) => Promise<{ values: Record<string, number>; events: RunEvent[] }>;
}

export class GanPhase {
  /** The generator whose pictures are used. */
  readonly average: Module;
  private readonly setup: GanSetup;
  private readonly generator: Module;
  private readonly discriminator: Module;
  private readonly forGenerator: DrivenOptimiser;
  private readonly forDiscriminator: DrivenOptimiser;
  private readonly order: BatchOrder;
  private readonly real: readonly BatchInputs[];
  private readonly draws: { discriminator: readonly Draw[]; generator: Draw };
  private readonly metrics = new StepMetrics('generator');
  private readonly engine = new EngineReport('generator');
  private readonly stepper: Stepper;
  private random: RandomStream;
  private step = 0;

  constructor(setup: GanSetup) {
    const { plan, context } = setup;
    const { seed, material } = context.recipe();
    this.setup = setup;
    const fork = (name: string) => RandomStream.fork(seed, name);
    this.generator = createGenerator(plan, fork('init/generator'));
    this.average = createGenerator(plan, fork('init/generator'));
    this.discriminator = createDiscriminator(plan, fork('init/discriminator'));
    const adam = (module: Module) => new Adam([...module.trainable.values()], betas);
    this.forGenerator = new DrivenOptimiser(adam(this.generator));
    this.forDiscriminator = new DrivenOptimiser(adam(this.discriminator), material.dSteps);
    this.random = fork('generate/noise');
    this.order = new BatchOrder(plan.rows, batchSize, fork('order/generator'));
    const { batch } = this.order;
    const times = Array.from({ length: material.dSteps });
    // Values 0..1, as the generator makes them.
    const normalisation = { mean: 0, deviation: 1 };
    this.real = times.map(() =>
      batchInputs({ source: plan.source, split: plan.split, normalisation }, batch),
    );
    this.draws = { discriminator: times.map(() => new Draw(plan, batch)), generator: new Draw(plan, batch) };
    this.stepper = new Stepper(
      {
        compute: () => this.compute(),
        inputs: () => [
          ...this.real.flatMap(({ inputs }) => inputs),
          ...[...this.draws.discriminator, this.draws.generator].flatMap(({ inputs }) => inputs),
          ...this.forDiscriminator.inputs,
          ...this.forGenerator.inputs,
        ],
      },
      this.metrics,
      context.unrecorded,
    );
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { plan, context, total, measure } = this.setup;
    const { stopRequested, takeKnobEvents, recipe } = context;
    const steps = plan.steps.gan;
    const throughput = new Throughput();
    const every = Math.max(1, Math.round(steps / measurements));
    const text = 'A generator learns to make pictures, against a discriminator.';
    if (this.step === 0) yield [{ type: 'phase', phase: 'generator', steps: total, text }];
    yield* this.stepper.ready([turn], stopRequested);
    for (let step = this.step + 1; step <= steps && !stopRequested(); step++) {
      const rate = recipe().material.ganRate;
      this.prepare(rate);
      await this.stepper.run(turn, step, rate);
      this.step = step;
      const events = takeKnobEvents('generator', step);
      const due = step % every === 0 || step === steps;
      if (due || throughput.readingDue) {
        const read = await this.flush();
        events.push(...read, throughput.reading(step), ...this.engine.news(step, this.stepper));
        if (due) {
          const measured = await measure(this.average, step);
          const last = read.findLast((event) => event.type === 'step');
          if (last) Object.assign(last.values, measured.values);
          events.push(...measured.events);
          throughput.restart();
        }
      }
      yield events;
    }
  }

  async flush(): Promise<RunEvent[]> {
    const events = await this.metrics.flush();
    refuseDivergedGenerator(events);
    return events;
  }

  async state(): Promise<GanState> {
    return {
      step: this.step,
      variables: await readVariables(this.variables),
      optimisers: [await this.forGenerator.optimiser.state(), await this.forDiscriminator.optimiser.state()],
      order: this.order.state(),
      random: this.random.state(),
    };
  }

  restore({ step, variables, optimisers, order, random }: GanState): void {
    this.step = step;
    writeVariables(this.variables, variables);
    this.forGenerator.optimiser.restore(optimisers[0]!);
    this.forDiscriminator.optimiser.restore(optimisers[1]!);
    this.order.restore(order);
    this.random = RandomStream.restore(random);
  }

  /** Frees everything but the average, which the caller owns from now on. */
  release(): Module {
    this.letGo();
    return this.average;
  }

  dispose(): void {
    this.letGo();
    this.average.dispose();
  }

  private letGo(): void {
    this.stepper.dispose();
    this.metrics.dispose();
    this.real.forEach((pictures) => pictures.dispose());
    this.draws.discriminator.forEach((draw) => draw.dispose());
    this.draws.generator.dispose();
    this.forGenerator.dispose();
    this.forDiscriminator.dispose();
    this.generator.dispose();
    this.discriminator.dispose();
  }

  private get variables(): tf.Variable[] {
    return [this.generator, this.average, this.discriminator].flatMap(({ trainable }) => [
      ...trainable.values(),
    ]);
  }

  private prepare(rate: number): void {
    const { plan, task } = this.setup;
    const { batch } = this.order;
    const augmentation = { shift: shiftOf(plan.shape), flip: false, random: this.random };
    const write = (draw: Draw, rows: Int32Array) => {
      draw.condition.write(conditionsOf(plan, task, rows));
      draw.noise.write(normals(batch, plan.noise, this.random));
      draw.shift.write(drawMoves(augmentation, batch));
    };
    this.draws.discriminator.forEach((draw, turn) => {
      const rows = this.order.next();
      this.real[turn]!.write(rows, drawMoves(augmentation, batch));
      write(draw, rows);
    });
    write(this.draws.generator, drawnRows(plan, batch, this.random));
    this.forDiscriminator.prepare(rate);
    this.forGenerator.prepare(rate);
  }

  /** The discriminator's updates, then the generator's and that of its average. */
  private compute(): StepValues {
    return tf.tidy(() => {
      const ofDiscriminator = this.draws.discriminator.map((draw, i) => this.judge(draw, this.real[i]!));
      const ofGenerator = this.make(this.draws.generator);
      this.follow();
      return { 'gan/d': ofDiscriminator.at(-1)!, 'gan/g': ofGenerator };
    });
  }

  private judge({ noise, condition, shift }: Draw, inputs: BatchInputs): tf.Scalar {
    const { plan } = this.setup;
    const real = inputs.tensor();
    const made = shift.of(picturesOf(plan, this.generator, noise.tensor, condition.tensor));
    const [both, conditions] = [
      tf.concat([real, made], 0),
      tf.concat([condition.tensor, condition.tensor], 0),
    ];
    const batch = real.shape[0]!;
    const { value, gradients } = gradientsOf(() => {
      const said = discriminated(plan, this.discriminator, both, conditions);
      return discriminatorLoss(tf.slice(said, 0, batch), tf.slice(said, batch, batch));
    }, [...this.discriminator.trainable.values()]);
    this.forDiscriminator.apply(gradients);
    return value;
  }

  private make({ noise, condition, shift }: Draw): tf.Scalar {
    const { plan } = this.setup;
    const { value, gradients } = gradientsOf(() => {
      const pictures = picturesOf(plan, this.generator, noise.tensor, condition.tensor);
      const moved: Tensor4D = shift.of(pictures);
      return generatorLoss(discriminated(plan, this.discriminator, moved, condition.tensor));
    }, [...this.generator.trainable.values()]);
    this.forGenerator.apply(gradients);
    return value;
  }

  private follow(): void {
    const { ganEma } = this.setup.context.recipe().material;
    for (const [name, own] of this.generator.trainable) {
      const average = this.average.trainable.get(name)!;
      average.assign(tf.add(tf.mul(average, ganEma), tf.mul(own, 1 - ganEma)));
    }
  }
}
