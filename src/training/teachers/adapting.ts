/**
 * A teacher that adapts to a second domain beside the student: before each of the student's steps it learns the labels of
 * the source and brings its features of source and target together.
 */
import { batchSplit } from '../../distill/material/batch-split';
import { reverseKdLosses } from '../../distill/hints/kd-reverse/loss';
import type { ValuesOf } from '../../distill/knobs';
import { adaptingKnobs as about } from '../../distill/teachers/adapting/about';
import { hintAbouts } from '../../distill/hints/abouts';
import { mmd } from '../../distill/teachers/adapting/mmd';
import { onPrincipalAxes } from '../../distill/teachers/adapting/principal-axes';
import { adaptationWeight, distillationShare } from '../../distill/teachers/adapting/schedule';
import type { View } from '../../distill/views';
import { liveScalar, type LiveTensor } from '../../engine/capture/capture';
import { gradientsOf } from '../../engine/gradients';
import { KeptTensors } from '../../engine/kept-tensors';
import { tf, type Tensor, type Tensor2D } from '../../engine/tf';
import { DrivenOptimiser } from '../../nn/driven-optimiser';
import { Observed } from '../../nn/module';
import { Network, type Trace } from '../../nn/network';
import { namedSlots } from '../../nn/named-slots';
import { Adam, Sgd } from '../../nn/optimisers';
import { RandomStream } from '../../random/streams';
import { RunFailure } from '../failure';
import { forwardApart, rowsOf } from '../two-halves';
import type { TeacherSlots } from '../stopped-state';
import { builtAtOnce } from './built-at-once';
import { describeOrRefuse, restoreNetworks } from './teacher-networks';
import type {
  LearningTeacher,
  SharedStepData,
  StudentProgress,
  StudentStepData,
  Teacher,
  TeacherAdvance,
  TeacherKindModule,
  TeacherSetting,
  TeacherSetup,
  TeacherState,
} from './teacher';

type AdaptingKnobs = ValuesOf<typeof about>;

const knobsOf = ({ recipe }: Pick<TeacherSetting, 'recipe'>) => recipe.teacher.knobs as AdaptingKnobs;

/** The loss with which the distillation may move the teacher: the other direction of what it teaches. */
const movingLoss = 'kd-reverse';

/** As published. */
const sgdOptions = { momentum: 0.9, nesterov: false, weightDecay: 5e-4 };

class AdaptingTeacher implements Teacher {
  readonly networks: readonly [Network];
  readonly version = null;
  readonly learning: LearningTeacher;
  private readonly setup: TeacherSetup;
  /** Instances with and without a label in a batch. */
  private readonly split: { labelled: number; unlabelled: number };
  private readonly optimiser: DrivenOptimiser;
  /** A second one for the distillation, which then moves the teacher too; else null. */
  private readonly moving: DrivenOptimiser | null;
  private readonly beta = liveScalar(0);
  private readonly g = liveScalar(0);
  /** Numbers of the teacher's own part of the present step. */
  private told: Record<string, tf.Scalar> = {};

  /** Owns the network. */
  constructor(network: Network, setup: TeacherSetup) {
    const { recipe, material } = setup.setting;
    const knobs = knobsOf(setup.setting);
    this.networks = [network];
    this.setup = setup;
    this.split = batchSplit(material, recipe.schedule.batch);
    const optimiserOf = () =>
      new DrivenOptimiser(
        knobs.optimiser === 'adam'
          ? new Adam(this.variables, { weightDecay: 0 })
          : new Sgd(this.variables, sgdOptions),
      );
    this.optimiser = optimiserOf();
    this.moving = knobs.moveTeacher ? optimiserOf() : null;
    network.drop(
      this.split.labelled + this.split.unlabelled,
      RandomStream.fork(recipe.seed, 'dropout/teacher'),
    );
    const { optimiser, moving, beta, g } = this;
    this.learning = {
      get inputs(): LiveTensor[] {
        return [...optimiser.inputs, ...(moving?.inputs ?? []), beta, g, ...(network.dropout?.inputs ?? [])];
      },
      weight: () => beta.tensor,
      prepare: (learningRate, at) => this.prepare(learningRate, at),
      lead: (seen) => this.adapt(seen),
      step: (seen) => this.follow(seen),
    };
  }

  get outputs(): number {
    return this.networks[0].outputs;
  }

  /** In training each half of the batch is normalised by its own statistics, as in the teacher's own step. */
  trace(images: Tensor, training: boolean): Trace {
    const [network] = this.networks;
    return training
      ? forwardApart(network, images, this.split.labelled, { training })
      : network.forward(images, { training });
  }

  /** With the order “first”, the student's schedule begins where the teacher's adaptation ends. */
  advance({ step, steps }: StudentProgress): Promise<TeacherAdvance | null> {
    const begins = knobsOf(this.setup.setting).order === 'first' && step === half(steps) && step < steps;
    return Promise.resolve(
      begins ? { events: [], stage: { steps: steps - step, resetOptimiser: true } } : null,
    );
  }

  async views(images: Tensor, rows: Int32Array): Promise<View[]> {
    const { material } = this.setup.setting;
    const { targets, known } = material.dataset.train;
    const [network] = this.networks;
    const embedding = tf.tidy(() => network.forward(images, { training: false }).embedding.clone());
    const features = await embedding.data<'float32'>();
    embedding.dispose();
    const target = new Set(material.unlabelled);
    return [
      {
        view: 'domains',
        title: 'Features of both domains',
        points: onPrincipalAxes(features, features.length / rows.length),
        target: Uint8Array.from(rows, (row) => Number(target.has(row))),
        labels: Int16Array.from(rows, (row) =>
          material.task.oneOfMany && known[row] === 1 ? targets.values[row]! : -1,
        ),
      },
    ];
  }

  async state(): Promise<TeacherState> {
    const [network] = this.networks;
    return {
      networks: [await network.module.exportState()],
      optimisers: await Promise.all(this.optimisers.map(({ optimiser }) => optimiser.state())),
      more: network.dropout?.state() ?? null,
    };
  }

  async leavingSlots(): Promise<TeacherSlots> {
    const [network] = this.networks;
    const slots = ({ optimiser }: DrivenOptimiser) => namedSlots(optimiser, network.module.trainable);
    return {
      descent: await slots(this.optimiser),
      ...(this.moving ? { moving: await slots(this.moving) } : {}),
    };
  }

  /** Continues from a `state`. */
  restore({ optimisers, more }: TeacherState): void {
    if (more) this.networks[0].dropout?.restore(more as readonly number[]);
    this.optimisers.forEach(({ optimiser }, i) => optimisers?.[i] && optimiser.restore(optimisers[i]));
  }

  dispose(): void {
    this.optimisers.forEach((optimiser) => optimiser.dispose());
    this.beta.dispose();
    this.g.dispose();
    this.networks[0].dispose();
  }

  private get optimisers(): DrivenOptimiser[] {
    return this.moving ? [this.optimiser, this.moving] : [this.optimiser];
  }

  private get variables(): tf.Variable[] {
    return [...this.networks[0].module.trainable.values()];
  }

  /** @param learningRate the student's at this step */
  private prepare(learningRate: number, { step, steps }: { step: number; steps: number }): void {
    const { material } = this.setup.setting;
    const { schedule, teacher } = this.setup.context.recipe();
    const knobs = teacher.knobs as AdaptingKnobs;
    const done = (step - 1) / steps;
    const epoch = Math.max(1, Math.floor(material.labelled.length / Math.max(1, this.split.labelled)));
    const p = knobs.g === 'overall' ? done : ((step - 1) % epoch) / epoch;
    this.g.write(adaptationWeight(p));
    const distils = step - 1 >= half(steps) ? 1 : 0;
    this.beta.write(knobs.order === 'first' ? distils : distillationShare(knobs.beta0, knobs.beta1, done));
    this.networks[0].dropout?.draw();
    this.optimiser.prepare(knobs.learningRate * (learningRate / schedule.learningRate));
    this.moving?.prepare(learningRate);
  }

  /** (1 - beta) * [CE on the source + g * MMD of the features], before the student's step. */
  private adapt({ inputs, targets, labelled }: SharedStepData): void {
    const { task } = this.setup.setting.material;
    const adapts = knobsOf(this.setup.setting).adapt === 'mmd';
    const [network] = this.networks;
    const [observed, held] = [new Observed(), new KeptTensors()];
    const [source, target] = this.halvesOf(inputs, labelled);
    const ofSource = rowsOf(targets, 0, labelled) as Tensor2D;
    const told: Record<string, tf.Scalar> = {};
    const { gradients } = gradientsOf(() => {
      const seen = network.forward(source, { training: true, observed });
      const ce = task.meanLoss(seen.logits, ofSource, Math.max(labelled, 1));
      told['uda/teacher'] = held.keep(ce);
      const share = tf.sub(1, this.beta.tensor);
      if (!adapts) return tf.mul<tf.Scalar>(ce, share);
      const other = network.forward(target, { training: true, observed });
      const compared = Math.min(this.split.labelled, this.split.unlabelled);
      const apart = mmd(
        rowsOf(seen.embedding, 0, compared) as Tensor2D,
        rowsOf(other.embedding, 0, compared) as Tensor2D,
      );
      told['uda/mmd'] = held.keep(apart);
      return tf.mul<tf.Scalar>(tf.add(ce, tf.mul(apart, this.g.tensor)), share);
    }, this.variables);
    observed.absorb();
    this.optimiser.apply(gradients);
    this.told = {
      ...Object.fromEntries(Object.entries(told).map(([name, value]) => [name, value.clone()])),
      'uda/beta': this.beta.tensor.clone(),
      ...(adapts ? { 'uda/g': this.g.tensor.clone() } : {}),
    };
    held.dispose();
  }

  /** After the student's step: its numbers, and the distillation's pull on the teacher where that is wanted. */
  private follow({ inputs, targets, labelled, logits }: StudentStepData): Record<string, tf.Scalar> {
    const { told, moving } = this;
    this.told = {};
    if (!moving) return told;
    const recipe = this.setup.context.recipe();
    const entry = recipe.hints.find(({ id }) => id === movingLoss);
    if (!entry) return told;
    const { alpha, temperature } = entry.knobs as { alpha: number; temperature: number };
    const known = tf.sum(targets, -1);
    const others = Math.max(1, inputs.shape[0]! - labelled);
    const factors = tf.add(
      tf.mul(known, alpha / Math.max(1, labelled)),
      tf.mul(tf.sub(1, known), 1 / others),
    );
    const { gradients } = gradientsOf(() => {
      const own = forwardApart(this.networks[0], inputs, labelled, { training: true }).logits;
      const losses = reverseKdLosses(logits, own, temperature);
      return tf.mul<tf.Scalar>(tf.sum(tf.mul(losses, factors)), this.beta.tensor);
    }, this.variables);
    moving.apply(gradients);
    return told;
  }

  private halvesOf(inputs: Tensor, labelled: number): [Tensor, Tensor] {
    return [rowsOf(inputs, 0, labelled), rowsOf(inputs, labelled, inputs.shape[0]! - labelled)];
  }
}

/** Steps of the first half of a run. */
const half = (steps: number) => Math.floor(steps / 2);

function refuseOneDomain({ material, recipe }: TeacherSetting): void {
  const { labelled, unlabelled } = batchSplit(material, recipe.schedule.batch);
  if (unlabelled === 0)
    throw new RunFailure(
      'An adapting teacher compares what has a label (source) with what has none (target), and here all have one. Take unlabelled instances from a second domain.',
      { knob: 'material.unlabelled' },
    );
  if (labelled === 0)
    throw new RunFailure(
      'An adapting teacher learns from the labelled instances of the batches, and none has a label here. Raise “Labelled share of a batch”.',
      { knob: 'material.realShare' },
    );
}

export const adapting: TeacherKindModule = {
  plan: (setting) => {
    refuseOneDomain(setting);
    const { network, moveTeacher } = knobsOf(setting);
    const description = describeOrRefuse(network, setting, 'teacher.knobs.network');
    const { labelled, unlabelled } = batchSplit(setting.material, setting.recipe.schedule.batch);
    const uneven = `A batch has ${labelled} with and ${unlabelled} without a label; features of ${Math.min(labelled, unlabelled)} of each are compared.`;
    return {
      networks: [{ name: network, description }],
      trace: description.trace,
      steps: 0,
      normalisation: null,
      apart: true,
      notes: [
        'The teacher learns in the student’s steps: no network is trained beforehand.',
        ...(labelled === unlabelled ? [] : [uneven]),
        ...(moveTeacher && !setting.recipe.hints.some(({ id }) => id === movingLoss)
          ? [
              `“${about.moveTeacher.label}” needs the loss “${hintAbouts[movingLoss].title}”, and the recipe has none: nothing moves the teacher but its own training.`,
            ]
          : []),
      ],
    };
  },
  build: (setup) =>
    builtAtOnce(() => {
      const { recipe, input, outputs } = setup.setting;
      const random = RandomStream.fork(recipe.seed, 'init/teacher');
      const network = Network.create(knobsOf(setup.setting).network, input, outputs, random);
      return new AdaptingTeacher(network, setup);
    }),
  restore: (setup, state) => {
    const [network] = restoreNetworks(setup.setting, setup.plan, state);
    const teacher = new AdaptingTeacher(network!, setup);
    teacher.restore(state);
    return teacher;
  },
};
