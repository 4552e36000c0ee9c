/** Evaluates all learners: on a fixed sample during training, on all test images at the end. */
import type { Normalisation } from '../distill/modalities/input-source';
import { primaryScore, type Measurement } from '../distill/tasks/task';
import { perClassAccuracy } from '../nn/classification-metrics';
import type { Network } from '../nn/network';
import { logitsOf, rehearsals, type LogitsFn } from './evaluate';
import { evaluationSets, testSet, type EvaluationSet } from './evaluation-sets';
import type { Learner, MeasuredSamples, RunEvent } from './events';
import type { Plan } from './plan';
import type { TeacherView } from './teacher-view';

interface EvaluatedLearner {
  learner: Learner;
  answers: LogitsFn;
}

export class Evaluator {
  private readonly plan: Plan;
  private readonly normalisation: Normalisation;
  private readonly students: EvaluatedLearner[];
  private readonly teacher: EvaluatedLearner | null;
  private readonly live: EvaluationSet<'validation' | 'test'>;
  private readonly train: EvaluationSet;
  private readonly teacherVersion: () => number | null;
  /** Metrics of the teacher's present version; a frozen teacher is measured once. */
  private teacherMetrics: { live: Measurement; train: Measurement; edition: number | null } | null = null;

  constructor(
    plan: Plan,
    normalisation: Normalisation,
    students: readonly { learner: Learner; network: Network }[],
    teacher: TeacherView | null,
  ) {
    this.plan = plan;
    this.normalisation = normalisation;
    this.students = students.map(({ learner, network }) => ({
      learner,
      answers: (images) => network.forward(images, { training: false }).logits,
    }));
    this.teacherVersion = () => teacher?.teacher.version ?? null;
    this.teacher = teacher && { learner: 'teacher', answers: (images) => teacher.answers(images) };
    const { live, train } = evaluationSets(plan.material, plan.recipe.seed);
    this.live = live;
    this.train = train;
  }

  /** The computations of an evaluation, so that `Stepper` can compile their kernels ahead. */
  get passes(): ReturnType<typeof rehearsals> {
    const { source, material } = this.plan;
    const sizes = [this.live.rows.length, this.train.rows.length, material.dataset.test.count];
    return [...this.students, ...(this.teacher ? [this.teacher] : [])].flatMap(({ answers }) =>
      rehearsals(answers, source, sizes),
    );
  }

  async evaluate(step: number): Promise<RunEvent> {
    const edition = this.teacherVersion();
    const stale = edition === null || this.teacherMetrics?.edition !== edition;
    if (this.teacher && stale) {
      const { answers } = this.teacher;
      this.teacherMetrics = {
        edition,
        live: await this.metricsOn(answers, this.live),
        train: await this.metricsOn(answers, this.train),
      };
    }
    const { task } = this.plan.material;
    const samples: MeasuredSamples = {
      rows: this.live.rows.slice(),
      labels: Uint16Array.from(this.live.targets.values),
      predicted: {},
    };
    const event: Extract<RunEvent, { type: 'evaluation' }> = {
      type: 'evaluation',
      phase: 'student',
      step,
      split: this.live.name,
      images: this.live.rows.length,
      accuracy: {},
      trainAccuracy: {},
      confusion: {},
      loss: {},
      ...(task.oneOfMany ? { samples } : {}),
    };
    const enter = (learner: Learner, live: Measurement, train: Measurement) => {
      event.accuracy[learner] = primaryScore(task, live);
      event.trainAccuracy[learner] = primaryScore(task, train);
      if (live.confusion) event.confusion[learner] = live.confusion;
      event.loss[learner] = live.loss;
      if (live.predicted) samples.predicted[learner] = Uint16Array.from(live.predicted);
    };
    for (const { learner, answers } of this.students)
      enter(learner, await this.metricsOn(answers, this.live), await this.metricsOn(answers, this.train));
    if (this.teacherMetrics) enter('teacher', this.teacherMetrics.live, this.teacherMetrics.train);
    return event;
  }

  /** @param brief uses the live sample only, for a stopped run */
  async final(brief: boolean) {
    const set = brief ? this.live : testSet(this.plan.material);
    const final: Partial<Record<Learner, number>> = {};
    const perClass: Partial<Record<Learner, number[]>> = {};
    for (const { learner, answers } of [...this.students, ...(this.teacher ? [this.teacher] : [])]) {
      const metrics = await this.metricsOn(answers, set);
      final[learner] = primaryScore(this.plan.material.task, metrics);
      if (metrics.confusion) perClass[learner] = perClassAccuracy(metrics.confusion, this.plan.outputs);
    }
    return { final, perClass };
  }

  private async metricsOn(answers: LogitsFn, set: EvaluationSet): Promise<Measurement> {
    const { source, outputs, material } = this.plan;
    const logits = await logitsOf(answers, source, set.split, set.rows, this.normalisation, outputs);
    return material.task.measure(logits, set.targets);
  }
}
