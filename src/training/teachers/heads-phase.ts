/** Trains the self-analysing heads of a frozen network, on cached features and logits. */
import { pickTargets, targetsOf, type Targets } from '../../data/dataset';
import type { granularKnobs } from '../../distill/teachers/granular/about';
import { selfAnalyse, type CodeWidths, type Granular } from '../../distill/teachers/granular/heads';
import { selfAnalysingLosses } from '../../distill/teachers/granular/losses';
import { headsPrefix } from '../../distill/teachers/granular/network';
import type { ValuesOf } from '../../distill/knobs';
import { BatchOrder, type OrderState } from '../../distill/material/order';
import { liveTensor, type LiveTensor } from '../../engine/capture/capture';
import { gradientsOf } from '../../engine/gradients';
import { KeptTensors } from '../../engine/kept-tensors';
import { tf, type Tensor, type Tensor2D } from '../../engine/tf';
import { readVariables, writeVariables } from '../../engine/variables';
import { DrivenOptimiser } from '../../nn/driven-optimiser';
import type { Network } from '../../nn/network';
import { Sgd, type OptimiserState } from '../../nn/optimisers';
import { prefixed } from '../../nn/prefixed';
import { RandomStream } from '../../random/streams';
import { refuseDiverged } from '../diverged';
import { stratifiedSample } from '../evaluate';
import type { RunEvent } from '../events';
import { RunFailure } from '../failure';
import { StepMetrics, type StepEvent } from '../step-metrics';
import { Throughput } from '../throughput';
import { Stepper, type StepValues } from '../stepper';
import { BestHeads, type BestHeadsState, type SelectionSet } from './best-heads';
import { teachingRows } from './teacher-networks';
import { FeatureCache } from './feature-cache';
import type { TeacherSetup, TeacherSetting } from './teacher';

/** As in the authors' code: the rate falls to a tenth after half and after three quarters of the steps. */
const sgd = { momentum: 0.9, nesterov: false, weightDecay: 5e-4 };
const milestones = [0.5, 0.75];
/** Most images that the heads learn from; the features of all are kept in memory. */
const mostImages = 8192;
/** Most images for the selection of the best epoch. */
const mostSelection = 512;
/** The one kind of step. */
const selfAnalysing = 'heads';

export interface HeadsState {
  step: number;
  variables: Float32Array[];
  optimiser: OptimiserState;
  order: OrderState;
  /** Missing in states of page versions that kept no best heads. */
  best?: BestHeadsState;
}

/**
 * Rows that the heads learn from, batch size, steps, and the images that select the best epoch: validation images, or
 * without a validation split a tenth of the rows, which are then not trained on.
 */
export function headsTraining({ setting }: Pick<TeacherSetup, 'setting'>) {
  const knobs = setting.recipe.teacher.knobs as ValuesOf<typeof granularKnobs>;
  const { rows: all, targets } = teachingRows(setting, { ...knobs, epochs: 1 });
  const random = RandomStream.fork(setting.recipe.seed, 'heads');
  const sample = stratifiedSample(all, setting.material.task.strata(targets), mostImages, random);
  const choosing =
    knobs.keptHeads === 'best'
      ? selectionImages(setting, sample, targets)
      : { rows: new Int32Array(), labels: new Int32Array(), validation: false };
  const held = new Set(choosing.rows);
  const rows = sample.filter((row) => !held.has(row));
  const batch = Math.min(knobs.batch, rows.length);
  const perEpoch = Math.max(1, Math.floor(rows.length / batch));
  return { rows, targets, batch, choosing, perEpoch, steps: knobs.headEpochs * perEpoch };
}

function selectionImages(
  { recipe, material }: TeacherSetting,
  sample: Int32Array,
  targets: Targets,
): SelectionSet {
  const random = RandomStream.fork(recipe.seed, 'heads/choosing');
  const validation = material.validation.length > 0;
  const known = validation ? targetsOf(material.dataset.train) : targets;
  const strata = material.task.strata(known);
  const rows = validation
    ? stratifiedSample(material.validation, strata, mostSelection, random)
    : stratifiedSample(sample, strata, Math.min(mostSelection, Math.floor(sample.length / 10)), random);
  return { rows, labels: pickTargets(known, rows).values as Int32Array, validation };
}

export class HeadsPhase {
  private readonly setup: TeacherSetup;
  private readonly network: Network;
  private readonly widths: CodeWidths;
  private readonly before: number;
  private readonly training: ReturnType<typeof headsTraining>;
  private readonly order: BatchOrder;
  private readonly variables: tf.Variable[];
  private readonly optimiser: DrivenOptimiser;
  private readonly metrics = new StepMetrics('teacher');
  private readonly stepper: Stepper;
  private readonly inputs: {
    features: LiveTensor<Tensor2D>;
    own: LiveTensor<Tensor2D>;
    labels: LiveTensor<Tensor2D>;
  };
  private readonly cache: FeatureCache;
  private readonly best: BestHeads;
  private step = 0;

  /**
   * @param network with heads; stays owned by the caller
   * @param feature width of its embedding
   * @param before steps of the teacher's training so far
   */
  constructor(network: Network, widths: CodeWidths, feature: number, before: number, setup: TeacherSetup) {
    this.setup = setup;
    this.network = network;
    this.widths = widths;
    this.before = before;
    this.training = headsTraining(setup);
    const { rows, batch, choosing } = this.training;
    this.best = new BestHeads(network, widths, feature, choosing);
    this.cache = new FeatureCache(rows, feature, network.outputs);
    this.order = new BatchOrder(rows, batch, RandomStream.fork(setup.setting.recipe.seed, 'order/heads'));
    this.variables = [...network.module.trainable]
      .filter(([name]) => name.startsWith(headsPrefix))
      .map(([, variable]) => variable);
    this.optimiser = new DrivenOptimiser(new Sgd(this.variables, sgd));
    const { outputs } = network;
    this.inputs = {
      features: liveTensor([batch, feature]),
      own: liveTensor([batch, outputs]),
      labels: liveTensor([batch, outputs]),
    };
    this.stepper = new Stepper(
      {
        compute: () => this.compute(),
        inputs: () => [...Object.values(this.inputs), ...this.optimiser.inputs],
        besides: () => this.best.passes,
      },
      this.metrics,
      setup.context.unrecorded,
    );
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { context } = this.setup;
    const total = this.setup.plan.steps;
    const { steps, perEpoch } = this.training;
    const throughput = new Throughput();
    if (this.step === 0)
      yield [
        {
          type: 'phase',
          phase: 'teacher',
          steps: total,
          text: 'Two further heads learn to re-make the teacher’s decisions through a narrow and a wide code.',
        },
      ];
    if (!context.stopRequested()) {
      yield* this.cache.fill(this.network, this.setup);
      yield* this.best.prepare(this.setup);
    }
    yield* this.stepper.ready([selfAnalysing], context.stopRequested);
    for (let step = this.step + 1; step <= steps && !context.stopRequested(); step++) {
      const events = context.takeKnobEvents('teacher', this.before + step);
      await this.train(step);
      this.step = step;
      const ended = step % perEpoch === 0;
      if (ended || throughput.readingDue || step === steps) {
        const read = await this.read();
        if (ended) Object.assign(read.at(-1)!.values, await this.best.measure(step / perEpoch));
        events.push(...read, throughput.reading(this.before + step));
      }
      yield events;
    }
  }

  /** Loads the best heads so far into the network; null where none were measured. */
  placeBest(): ReturnType<BestHeads['restoreBest']> {
    return this.best.restoreBest();
  }

  flush(): Promise<RunEvent[]> {
    return this.read();
  }

  private async read(): Promise<StepEvent[]> {
    const events = await this.metrics.flush();
    try {
      refuseDiverged(events, this.setup.context.recipe(), []);
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      throw new RunFailure(
        `Stopped at step ${error.step}: the loss of the teacher’s heads left the road. Most likely their learning rate is too high; try a tenth of it.`,
        { knob: 'teacher.knobs.headRate', step: error.step },
      );
    }
    return events;
  }

  async state(): Promise<HeadsState> {
    return {
      step: this.step,
      variables: await readVariables(this.variables),
      optimiser: await this.optimiser.optimiser.state(),
      order: this.order.state(),
      best: this.best.state(),
    };
  }

  restore({ step, variables, optimiser, order, best }: HeadsState): void {
    this.step = step;
    writeVariables(this.variables, variables);
    this.optimiser.optimiser.restore(optimiser);
    this.order.restore(order);
    if (best) this.best.restore(best);
  }

  dispose(): void {
    this.stepper.dispose();
    this.metrics.dispose();
    this.optimiser.dispose();
    Object.values(this.inputs).forEach((input) => input.dispose());
  }

  private async train(step: number): Promise<void> {
    const { steps, targets } = this.training;
    const batch = this.order.next();
    this.inputs.features.write(this.cache.of('features', batch));
    this.inputs.own.write(this.cache.of('logits', batch));
    this.inputs.labels.write(this.setup.setting.material.task.encode(targets, batch));
    const highest = this.setup.context.recipe().teacher.knobs.headRate!;
    const rate = highest * 0.1 ** milestones.filter((share) => step > share * steps).length;
    this.optimiser.prepare(rate);
    await this.stepper.run(selfAnalysing, this.before + step, rate);
  }

  /** The heads share no parameters, so the sum of their losses trains each by its own loss. */
  private compute(): StepValues {
    const { lowTemperature, highTemperature } = this.setup.setting.recipe.teacher.knobs;
    const { features, own, labels } = this.inputs;
    const held = new KeptTensors();
    const seen: { loss?: Granular<tf.Scalar>; logits?: Granular<Tensor> } = {};
    const { value, gradients } = gradientsOf(() => {
      const ops = prefixed(this.network.module.ops({ training: false }), headsPrefix);
      const { logits } = selfAnalyse<Tensor>(ops, features.tensor, this.widths, this.network.outputs);
      const losses = selfAnalysingLosses(logits, own.tensor, labels.tensor, {
        abstract: Number(lowTemperature),
        detailed: Number(highTemperature),
      });
      const [abstract, detailed] = [tf.mean<tf.Scalar>(losses.abstract), tf.mean<tf.Scalar>(losses.detailed)];
      seen.loss = { abstract: held.keep(abstract), detailed: held.keep(detailed) };
      seen.logits = { abstract: held.keep(logits.abstract), detailed: held.keep(logits.detailed) };
      return tf.add(abstract, detailed) as tf.Scalar;
    }, this.variables);
    this.optimiser.apply(gradients);
    const agreement = (logits: Tensor) =>
      tf.mean<tf.Scalar>(tf.cast(tf.equal(tf.argMax(logits, -1), tf.argMax(own.tensor, -1)), 'float32'));
    const values = {
      total: value,
      'head loss/abstract': seen.loss!.abstract.clone(),
      'head loss/detailed': seen.loss!.detailed.clone(),
      'agreement/abstract': agreement(seen.logits!.abstract),
      'agreement/detailed': agreement(seen.logits!.detailed),
    };
    held.dispose();
    return values;
  }
}
