/** Trains one network on labels, with Adam and a one-cycle learning rate, like the bundled teachers. */
import type { Targets } from '../../data/dataset';
import type { Normalisation } from '../../distill/modalities/input-source';
import { BatchOrder, type OrderState } from '../../distill/material/order';
import { DrivenOptimiser } from '../../nn/driven-optimiser';
import type { Network } from '../../nn/network';
import { Adam, type OptimiserState } from '../../nn/optimisers';
import { oneCycleRateAt } from '../../nn/schedules';
import { RandomStream } from '../../random/streams';
import { readVariables, writeVariables } from '../../engine/variables';
import type { RunContext } from '../context';
import { refuseDiverged } from '../diverged';
import { EngineReport } from '../engine-report';
import { logitsOf, rehearsals, type LogitsFn } from '../evaluate';
import { evaluationSets, type EvaluationSet } from '../evaluation-sets';
import type { RunEvent } from '../events';
import { LabelLearner } from '../learner';
import { Measurements } from '../measurements';
import { StepMetrics } from '../step-metrics';
import { Throughput } from '../throughput';
import { LiveBatch } from '../step-inputs';
import { Stepper } from '../stepper';
import type { TeacherSetting } from './teacher';

const defaultWeightDecay = 1e-4;
/** The one kind of step. */
const teaching = 'teaching';
/** Evaluations over the whole phase. */
const measurements = 12;

export interface NetworkTraining {
  /** Text for the page while it runs. */
  text: string;
  /** Rows of the training split to learn from. */
  rows: Int32Array;
  /** Targets of the training split that it learns. */
  targets: Targets;
  batch: number;
  steps: number;
  /** Steps of the learning-rate schedule, where training stops before its end. */
  curve?: number;
  /** Peak of the one-cycle schedule, read at each step because the knob may be live. */
  learningRate: () => number;
  weightDecay?: number;
  /** L2 penalty per parameter, in place of weight decay: see `LabelLearner`. */
  penalties?: ReadonlyMap<string, number>;
  /** Name of its random stream for the order of images; unique within a run. */
  stream: string;
  /** Where several networks are trained in sequence: steps of the earlier ones, and of all. */
  before?: number;
  total?: number;
  /** Called after each epoch, between steps; its events are emitted. */
  afterEpoch?: (epoch: number) => Promise<RunEvent[]>;
}

/** Everything that the next step of the phase depends on. Keys are stored. */
export interface NetworkPhaseState {
  step: number;
  variables: Float32Array[];
  optimiser: OptimiserState;
  order: OrderState;
  /** State of the dropout streams; null without dropout. */
  dropout: readonly number[] | null;
}

export class NetworkPhase {
  private readonly training: NetworkTraining;
  private readonly setting: TeacherSetting;
  private readonly context: RunContext;
  private readonly normalisation: Normalisation;
  private readonly learner: LabelLearner;
  private readonly metrics = new StepMetrics('teacher');
  private readonly order: BatchOrder;
  private readonly inputs: LiveBatch;
  private readonly stepper: Stepper;
  private readonly engine = new EngineReport('teacher');
  private step = 0;
  private released = false;

  /** Owns the network until it is released. */
  constructor(
    network: Network,
    training: NetworkTraining,
    setting: TeacherSetting,
    context: RunContext,
    normalisation: Normalisation,
  ) {
    const { penalties, weightDecay = penalties ? 0 : defaultWeightDecay, rows, stream } = training;
    const { seed } = setting.recipe;
    this.training = training;
    this.setting = setting;
    this.context = context;
    this.normalisation = normalisation;
    this.learner = new LabelLearner(
      setting.material.task,
      network,
      new DrivenOptimiser(new Adam([...network.module.trainable.values()], { weightDecay })),
      penalties,
    );
    this.order = new BatchOrder(rows, training.batch, RandomStream.fork(seed, `order/${stream}`));
    const { batch } = this.order;
    network.drop(batch, RandomStream.fork(seed, `dropout/${stream}`));
    const { source, material } = setting;
    this.inputs = new LiveBatch(
      { batch, width: material.task.width },
      { source, split: material.dataset.train, normalisation },
    );
    this.stepper = new Stepper(
      {
        compute: () => ({ total: this.learner.step(this.inputs.images(), this.inputs.targets, batch) }),
        inputs: () => [
          ...this.inputs.inputs,
          ...this.learner.optimiser.inputs,
          ...(network.dropout?.inputs ?? []),
        ],
        besides: () => {
          const { live, train } = this.sets;
          return rehearsals(this.answers, source, [live.rows.length, train.rows.length]);
        },
      },
      this.metrics,
      context.unrecorded,
    );
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { steps, text, before = 0, total = steps, afterEpoch, rows } = this.training;
    const { stopRequested, takeKnobEvents } = this.context;
    const throughput = new Throughput();
    const every = Math.max(1, Math.round(steps / measurements));
    const epoch = Math.max(1, Math.floor(rows.length / this.order.batch));
    const begins = this.step === 0;
    if (begins) yield [{ type: 'phase', phase: 'teacher', steps: total, text }];
    yield* this.stepper.ready([teaching], stopRequested);
    if (begins && !stopRequested()) yield [await this.measure(before)];
    for (let step = this.step + 1; step <= steps && !stopRequested(); step++) {
      await this.train(step, before + step);
      this.step = step;
      const events = takeKnobEvents('teacher', before + step);
      const due = step % every === 0 || step === steps;
      if (due || throughput.readingDue)
        events.push(
          ...(await this.flush()),
          throughput.reading(before + step),
          ...this.engine.news(before + step, this.stepper),
        );
      if (due) events.push(await this.measure(before + step));
      if (afterEpoch && step % epoch === 0) events.push(...(await afterEpoch(step / epoch)));
      if (due) throughput.restart();
      yield events;
    }
  }

  async flush(): Promise<RunEvent[]> {
    const events = await this.metrics.flush();
    refuseDiverged(events, this.context.recipe(), []);
    return events;
  }

  async state(): Promise<NetworkPhaseState> {
    return {
      step: this.step,
      variables: await readVariables(this.variables),
      optimiser: await this.learner.optimiser.optimiser.state(),
      order: this.order.state(),
      dropout: this.learner.network.dropout?.state() ?? null,
    };
  }

  /** Continues from a `state` of a phase of the same plan; `ticks` starts with the step after it. */
  restore({ step, variables, optimiser, order, dropout }: NetworkPhaseState): void {
    this.step = step;
    writeVariables(this.variables, variables);
    this.learner.optimiser.optimiser.restore(optimiser);
    this.order.restore(order);
    if (dropout) this.learner.network.dropout?.restore(dropout);
  }

  /** Returns the trained network, which the caller owns from now on, and frees everything else. */
  release(): Network {
    this.released = true;
    this.letGo();
    this.learner.optimiser.dispose();
    this.learner.network.dropNoMore();
    return this.learner.network;
  }

  dispose(): void {
    if (this.released) return;
    this.letGo();
    this.learner.dispose();
  }

  private get variables() {
    const { trainable, statistics } = this.learner.network.module;
    return [...trainable.values(), ...statistics.values()];
  }

  private async train(step: number, emittedStep: number): Promise<void> {
    const { steps, curve = steps, targets, learningRate: highest } = this.training;
    const { task } = this.setting.material;
    const learningRate = oneCycleRateAt(step - 1, curve, highest());
    const batch = this.order.next();
    this.inputs.write({
      trainRows: batch,
      moves: null,
      targets: task.encode(targets, batch),
    });
    this.learner.network.dropout?.draw();
    this.learner.optimiser.prepare(learningRate);
    await this.stepper.run(teaching, emittedStep, learningRate);
  }

  private letGo(): void {
    this.stepper.dispose();
    this.inputs.dispose();
    this.metrics.dispose();
  }

  private get sets() {
    return evaluationSets(this.setting.material, this.setting.recipe.seed);
  }

  private readonly answers: LogitsFn = (images) =>
    this.learner.network.forward(images, { training: false }).logits;

  private async measure(step: number): Promise<RunEvent> {
    const { outputs, source, material } = this.setting;
    const { task } = material;
    const { live, train } = this.sets;
    const measured = async (set: EvaluationSet) =>
      task.measure(
        await logitsOf(this.answers, source, set.split, set.rows, this.normalisation, outputs),
        set.targets,
      );
    const onLive = await measured(live);
    const collected = new Measurements().add('teacher', onLive);
    return {
      type: 'evaluation',
      phase: 'teacher',
      step,
      split: live.name,
      images: live.rows.length,
      scores: collected.scores,
      trainScores: new Measurements().add('teacher', await measured(train)).scores,
      ...collected.ofTargets,
      confusion: onLive.confusion ? { teacher: onLive.confusion } : {},
      loss: { teacher: onLive.loss },
    };
  }
}
