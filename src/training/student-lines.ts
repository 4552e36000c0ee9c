/** The lines of a run, trained on the same batches: student with hints, baseline, and hard-label line. */
import type { Hint } from '../distill/hints/hint';
import { signsOf, type ResolvedRecipe } from '../distill/hints/weights';
import { hardLabelWeight } from '../distill/objective';
import { Balance, type BalanceState } from '../distill/weighting/balance';
import type { Weighting, WeightingState } from '../distill/weighting/weighting';
import type { LiveTensor } from '../engine/capture/capture';
import { tf, type Tensor, type Tensor2D } from '../engine/tf';
import { readVariables, writeVariables } from '../engine/variables';
import type { DrivenOptimiser } from '../nn/driven-optimiser';
import type { Network, Trace } from '../nn/network';
import { namedSlots } from '../nn/named-slots';
import type { OptimiserState } from '../nn/optimisers';
import { RandomStream } from '../random/streams';
import type { Learner } from './events';
import { createOptimiser, LabelLearner, prepareOptimiser } from './learner';
import { leavingHints } from './leaving-hints';
import type { StoppedState } from './stopped-state';
import { createHints, createWeighting } from './run-factories';
import type { Plan } from './plan';
import type { MetaBatch } from './bilevel-problem';
import type { StepInputs } from './step-inputs';
import type { StepValues } from './stepper';
import { createStudentNetwork, inFull, lowPrecisionOf } from './student-network';
import { StudentPass, type StudentBatch } from './student-pass';
import { StudentStep } from './student-step';
import { logitsOnlyTrace, type KnownBatch, type TeacherView } from './teacher-view';

/** State of the lines. Keys are stored. */
export interface LinesState {
  variables: Float32Array[];
  optimisers: OptimiserState[];
  weighting: WeightingState;
  balance: BalanceState;
  /** State of each line's dropout streams; null without dropout. */
  dropouts: (readonly number[] | null)[];
}

export class StudentLines {
  readonly hints: readonly Hint[];
  readonly weighting: Weighting;
  readonly pass: StudentPass;
  private readonly plan: Plan;
  private readonly recipe: () => ResolvedRecipe;
  private readonly student: Network;
  private readonly balance: Balance;
  private readonly optimiser: DrivenOptimiser;
  private readonly step: StudentStep;
  private readonly control: LabelLearner | null;
  private readonly hard: LabelLearner | null;
  /** In full precision, beside a student in low precision. */
  private readonly full: LabelLearner | null;
  /** The twin's parameters, computed in the student's precision. */
  private readonly rounded: Network | null;
  private readonly teacher: Network | null;

  /**
   * @param recipe as it stands now: live knobs are read from it at each step
   * @param teacher the frozen network that teaches, where it is a single one; stays the caller's
   */
  constructor(plan: Plan, recipe: () => ResolvedRecipe, teacher: Network | null) {
    this.plan = plan;
    this.recipe = recipe;
    this.teacher = teacher;
    this.student = this.createStudent();
    this.hints = createHints(plan, teacher);
    this.weighting = createWeighting(plan, recipe);
    const balanced = this.weighting.autoBalance && this.hints.length > 0;
    this.balance = new Balance(this.hints.length, balanced, 'balance', signsOf(plan.recipe.hints));
    this.pass = new StudentPass(plan.material.task, this.student, this.hints, this.balance, recipe);
    this.optimiser = createOptimiser(plan.recipe.schedule, [...this.pass.parameters().values()]);
    this.step = new StudentStep(this.pass, this.weighting, this.optimiser, plan.hintKeys);
    this.control = plan.control ? this.createLabelLearner() : null;
    this.hard = plan.recipe.objective.hardAnswers && plan.teacher ? this.createLabelLearner() : null;
    this.full = plan.twin ? this.createLabelLearner(this.createStudent(inFull(plan))) : null;
    this.rounded = this.full && this.full.network.computedAs(lowPrecisionOf(plan)!.define);
  }

  /** Lines with parameters of their own, in the order of their state. */
  get all(): { learner: Learner; network: Network }[] {
    return [
      { learner: 'student', network: this.student },
      ...(this.control ? [{ learner: 'control' as const, network: this.control.network }] : []),
      ...(this.hard ? [{ learner: 'hard' as const, network: this.hard.network }] : []),
      ...(this.full ? [{ learner: 'full' as const, network: this.full.network }] : []),
    ];
  }

  /** All that is measured. */
  get measured(): { learner: Learner; network: Network }[] {
    return [...this.all, ...(this.rounded ? [{ learner: 'rounded' as const, network: this.rounded }] : [])];
  }

  /** Dropouts, where the student has some, drop from now on: all lines from the same stream. @param batch images of a step */
  drop(batch: number): void {
    const { seed } = this.plan.recipe;
    for (const { network } of this.all) network.drop(batch, RandomStream.fork(seed, 'dropout/student'));
  }

  /** Live tensors that are written between steps. */
  get inputs(): LiveTensor[] {
    return [
      ...this.weighting.inputs,
      ...this.kept.flatMap((driven) => driven.inputs),
      ...this.hints.flatMap((hint) => hint.inputs ?? []),
      ...this.all.flatMap(({ network }) => network.dropout?.inputs ?? []),
    ];
  }

  /** Before a step: writes rates and weights, draws what is dropped. @param others rate of the lines beside the student */
  prepare(progress: number, rates: { student: number; others: number }, learns: boolean): void {
    this.weighting.prepare(progress, learns);
    const { schedule } = this.recipe();
    for (const driven of this.drivens)
      prepareOptimiser(driven, schedule, driven === this.optimiser ? rates.student : rates.others);
    for (const { network } of this.all) network.dropout?.draw();
  }

  /** Resets the state of the student's optimiser. */
  resetOptimiser(): void {
    this.optimiser.optimiser.reset();
  }

  /** Whether something is to be measured on the first batch, by `open`, before the first step. */
  get opens(): boolean {
    return this.step.opens;
  }

  /** Before the first step, on the batch of that step; in the caller's tidy. To be followed by `opened`. */
  open(batch: StudentBatch): void {
    this.step.open(batch);
  }

  /** Call after `open` has run, not only been recorded. */
  opened(): void {
    this.balance.opened();
  }

  /** One step of all lines on what was written, in the caller's tidy. @param meta of the step, where the weighting learns */
  compute(
    studied: StudentBatch,
    meta: MetaBatch | null,
    learningRate: tf.Scalar,
    teacher: TeacherView | null,
  ): StepValues {
    const { inputs: images, teacherInputs, targets, labelled, real = labelled } = studied;
    const { values, logits } = this.step.run(studied, meta, learningRate);
    if (this.control) values['control'] = stepOnLabels(this.control, images, targets, real);
    if (this.full) values['full'] = stepOnLabels(this.full, images, targets, real);
    if (this.hard)
      values['hard answers'] = this.stepHard(this.hard, images, targets, labelled, studied.teacher.logits);
    const { progress } = studied;
    const learned = teacher?.teacher.learning?.step({
      inputs: teacherInputs,
      targets,
      labelled,
      logits,
      progress,
    });
    const turns =
      teacher && this.plan.material.task.oneOfMany ? teacher.turnValues(studied.teacher, logits) : {};
    return { ...values, ...turns, ...learned };
  }

  async state(): Promise<LinesState> {
    return {
      variables: await readVariables(this.variables),
      optimisers: await Promise.all(this.kept.map(({ optimiser }) => optimiser.state())),
      weighting: await this.weighting.state(),
      balance: await this.balance.state(),
      dropouts: this.all.map(({ network }) => network.dropout?.state() ?? null),
    };
  }

  /** What the student's own training depends on, by PyTorch's names. */
  async leaves(): Promise<
    Pick<StoppedState, 'student' | 'hints' | 'slots' | 'hintSlots' | 'weighting' | 'balance'>
  > {
    const { hintKeys } = this.plan;
    const ofHints = this.hints.map(({ module }, h) => named(`hints.${hintKeys[h]!}`, module?.trainable));
    const moved = [...named('student', this.student.module.trainable), ...ofHints.flat()];
    const hintSlots = await Promise.all(
      this.hints.map(async (hint, h) =>
        named(hintKeys[h]!, Object.entries((await hint.leavingSlots?.()) ?? {})),
      ),
    );
    const { mean, started } = await this.balance.state();
    return {
      student: await this.student.module.exportState(),
      hints: await leavingHints(this.hints, hintKeys),
      slots: await namedSlots(this.optimiser.optimiser, new Map(moved)),
      hintSlots: Object.fromEntries(hintSlots.flat()),
      weighting: (await this.weighting.leaves?.()) ?? null,
      balance: started ? (mean[0] ?? null) : null,
    };
  }

  /** Restores a `state` of lines of the same plan. */
  restore({ variables, optimisers, weighting, balance, dropouts }: LinesState): void {
    writeVariables(this.variables, variables);
    this.kept.forEach(({ optimiser }, i) => optimiser.restore(optimisers[i]!));
    this.weighting.restore(weighting);
    this.balance.restore(balance);
    this.all.forEach(({ network }, i) => {
      const dropout = dropouts[i];
      if (dropout) network.dropout?.restore(dropout);
    });
  }

  dispose(): void {
    this.hints.forEach((hint) => hint.dispose());
    this.balance.dispose();
    this.weighting.dispose();
    this.optimiser.dispose();
    this.student.dispose();
    this.control?.dispose();
    this.hard?.dispose();
    this.full?.dispose();
  }

  /** The student's cross-entropy weight, and the teacher's top class in place of its soft answer. */
  private stepHard(
    hard: LabelLearner,
    images: Tensor,
    targets: Tensor2D,
    labelled: number,
    answers: Tensor,
  ): tf.Scalar {
    const { objective, hints } = this.recipe();
    const weight = hardLabelWeight(hints);
    const top = this.plan.material.task.harden(answers);
    return hard.step(images, targets, labelled, {
      labelWeight: objective.ceWeight,
      extra: { targets: top, weight },
    });
  }

  private get drivens(): DrivenOptimiser[] {
    const drivens = [this.optimiser, this.control?.optimiser, this.hard?.optimiser, this.full?.optimiser];
    return drivens.filter((driven) => driven !== undefined);
  }

  /** All whose state is saved. */
  private get kept(): DrivenOptimiser[] {
    return [...this.drivens, ...this.hints.flatMap(({ optimisers = [] }) => optimisers)];
  }

  /** Parameters and running statistics of all lines and regressors, and what hints remember. */
  private get variables(): tf.Variable[] {
    const modules = [
      ...this.all.map(({ network }) => network.module),
      ...this.hints.flatMap((hint) => hint.module ?? []),
    ];
    return [
      ...modules.flatMap(({ trainable, statistics }) => [...trainable.values(), ...statistics.values()]),
      ...this.hints.flatMap((hint) => hint.memory ?? []),
    ];
  }

  /** All lines draw from the same named stream, or take the teacher's, so they start from the same weights. */
  private createStudent(setting: Pick<Plan, 'recipe' | 'input' | 'outputs'> = this.plan): Network {
    const { seed, student } = setting.recipe;
    const network = createStudentNetwork(setting, RandomStream.fork(seed, 'init/student'));
    if (student.start === 'teacher' && this.teacher) network.module.copyFrom(this.teacher.module);
    return network;
  }

  private createLabelLearner(network = this.createStudent()): LabelLearner {
    const variables = [...network.module.trainable.values()];
    return new LabelLearner(
      this.plan.material.task,
      network,
      createOptimiser(this.plan.recipe.schedule, variables),
    );
  }
}

/** Parts of something with longer names. */
function named<T>(prefix: string, parts: Iterable<readonly [string, T]> = []): [string, T][] {
  return Array.from(parts, ([name, part]) => [`${prefix}.${name}`, part]);
}

export interface BatchOptions {
  /** Rows with a label, the first ones. */
  labelled: number;
  /** See `StudentBatch.real`. */
  real?: number;
  /** Whether the teacher recalls what it said of these images (see `TeacherView.prepare`). */
  recalls: boolean;
  /** Of the student, for a recipe without a teacher. */
  outputs: number;
  /** See `TeacherPlan.apart`. */
  apart: boolean;
  /** Whether a teacher that learns before the student in a step does so now. */
  leads: boolean;
}

/** What was written as the student's step needs it, with the teacher's trace, in the caller's tidy. */
export function studentBatch(
  inputs: StepInputs,
  teacher: TeacherView | null,
  { labelled, real, recalls, outputs, apart, leads }: BatchOptions,
): StudentBatch {
  const { batch, rows, progress, strong } = inputs;
  const { targets } = batch;
  const images = inputs.images();
  const learning = teacher?.teacher.learning;
  if (leads) learning?.lead?.({ inputs: images.teacher, targets, labelled });
  const shown = (of: Tensor, known: KnownBatch | null) =>
    teacher ? teacher.trace(of, true, known) : uniformTrace(targets.shape[0], outputs);
  return {
    inputs: images.student,
    teacherInputs: images.teacher,
    targets,
    labelled,
    ...(real === undefined ? {} : { real }),
    rows,
    progress,
    teacher: shown(images.teacher, { rows: inputs.shownRows, recalls }),
    asked: teacher,
    ...(apart ? { apart } : {}),
    ...(leads && learning?.weight ? { weight: learning.weight() } : {}),
    ...(strong ? { strong: { images: strong.student, teacher: shown(strong.teacher, null) } } : {}),
  };
}

/** Stands for the answers of a teacher in a recipe without one: [batch,outputs] zeros, which are uniform probabilities. */
export function uniformTrace(batch: number, outputs: number): Trace {
  return logitsOnlyTrace(tf.zeros([batch, outputs]));
}

/** The baseline and the twin in full precision train on the labelled images of the batch. */
function stepOnLabels(learner: LabelLearner, images: Tensor, targets: Tensor2D, labelled: number): tf.Scalar {
  const [total, ...size] = images.shape;
  if (labelled === total) return learner.step(images, targets, labelled);
  const ofLabelled = tf.slice(
    images,
    images.shape.map(() => 0),
    [labelled, ...size],
  ) as Tensor;
  return learner.step(ofLabelled, tf.slice(targets, [0, 0], [labelled, -1]) as Tensor2D, labelled);
}
