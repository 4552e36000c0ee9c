/** Evaluates all learners: on a fixed sample during training, on all test images at the end. */
import type { Feed, Feeds } from '../distill/modalities/input-source';
import { primaryScore, type Measurement } from '../distill/tasks/task';
import { perClassAccuracy } from '../nn/classification-metrics';
import type { Network } from '../nn/network';
import { Measurements } from './measurements';
import { logitsOf, rehearsals, type LogitsFn } from './evaluate';
import { evaluationSets, secondDomainSet, testSet, type EvaluationSet } from './evaluation-sets';
import type {
  ByLearner,
  Confusion,
  Learner,
  MeasuredAnswers,
  MeasuredSamples,
  RunEvent,
  Scores,
} from './events';
import type { Plan } from './plan';
import { isPlane, planeCells, type PlaneLearner } from './plane-view';
import type { TeacherView } from './teacher-view';

interface EvaluatedLearner {
  learner: Learner;
  answers: LogitsFn;
  /** What it is given. */
  feed: Feed;
}

/** With the answers themselves, [N*outputs]. */
type Measured = Measurement & { output: Float32Array };

export class Evaluator {
  private readonly plan: Plan;
  private readonly students: EvaluatedLearner[];
  private readonly teacher: EvaluatedLearner | null;
  private readonly live: EvaluationSet<'validation' | 'test'>;
  private readonly train: EvaluationSet;
  /** Null where the set has one domain. */
  private readonly second: EvaluationSet | null;
  private readonly teacherVersion: () => number | null;
  /** Metrics of the teacher's present version; a frozen teacher is measured once. */
  private teacherMetrics: { live: Measured; train: Measured; edition: number | null } | null = null;

  constructor(
    plan: Plan,
    feeds: Feeds,
    students: readonly { learner: Learner; network: Network }[],
    teacher: TeacherView | null,
  ) {
    this.plan = plan;
    this.students = students.map(({ learner, network }) => ({
      learner,
      answers: (images) => network.forward(images, { training: false }).logits,
      feed: feeds.student,
    }));
    this.teacherVersion = () => teacher?.teacher.version ?? null;
    this.teacher = teacher && {
      learner: 'teacher',
      answers: (images) => teacher.answers(images),
      feed: feeds.teacher,
    };
    const { live, train } = evaluationSets(plan.material, plan.recipe.seed);
    this.live = live;
    this.train = train;
    this.second = secondDomainSet(plan.material, plan.recipe.seed);
  }

  /** The computations of an evaluation, and of the view of a plane, so that `Stepper` can compile their kernels ahead. */
  get passes(): ReturnType<typeof rehearsals> {
    const { dataset } = this.plan.material;
    const sizes = [
      this.live.rows.length,
      this.train.rows.length,
      dataset.test.count,
      this.second?.rows.length ?? 0,
      dataset.secondTest?.count ?? 0,
      isPlane(dataset) ? planeCells : 0,
    ];
    return this.all.flatMap(({ answers, feed }) => rehearsals(answers, feed.source, sizes));
  }

  /** All networks as they answer now, for what shows more of them than scores. */
  get learners(): PlaneLearner[] {
    const students = this.students.map((one) => ({ ...one, version: null }));
    return this.teacher ? [...students, { ...this.teacher, version: this.teacherVersion() }] : students;
  }

  async evaluate(step: number): Promise<RunEvent> {
    const edition = this.teacherVersion();
    const stale = edition === null || this.teacherMetrics?.edition !== edition;
    if (this.teacher && stale) {
      this.teacherMetrics = {
        edition,
        live: await this.metricsOn(this.teacher, this.live),
        train: await this.metricsOn(this.teacher, this.train),
      };
    }
    const { task } = this.plan.material;
    const { rows, targets } = this.live;
    const [live, train] = [new Measurements(), new Measurements()];
    const confusion: ByLearner<Confusion> = {};
    const loss: ByLearner<number> = {};
    const predicted: MeasuredSamples['predicted'] = {};
    const answered: MeasuredAnswers['answered'] = {};
    const enter = (learner: Learner, onLive: Measured, onTrain: Measured) => {
      live.add(learner, onLive);
      train.add(learner, onTrain);
      if (onLive.confusion) confusion[learner] = onLive.confusion;
      loss[learner] = onLive.loss;
      if (onLive.predicted) predicted[learner] = Uint16Array.from(onLive.predicted);
      else answered[learner] = task.shown(onLive.output);
    };
    for (const one of this.students)
      enter(one.learner, await this.metricsOn(one, this.live), await this.metricsOn(one, this.train));
    if (this.teacherMetrics) enter('teacher', this.teacherMetrics.live, this.teacherMetrics.train);
    const secondDomain = await this.scoresOn(this.second);
    return {
      type: 'evaluation',
      phase: 'student',
      step,
      split: this.live.name,
      images: rows.length,
      scores: live.scores,
      trainScores: train.scores,
      ...live.ofTargets,
      ...(secondDomain ? { secondDomain } : {}),
      confusion,
      loss,
      ...(task.oneOfMany
        ? { samples: { rows: rows.slice(), labels: Uint16Array.from(targets.values), predicted } }
        : { answers: { rows: rows.slice(), targets: Float32Array.from(targets.values), answered } }),
    };
  }

  /** @param brief uses the live sample only, for a stopped run */
  async final(brief: boolean) {
    const set = brief ? this.live : testSet(this.plan.material);
    const final: ByLearner<number> = {};
    const perClass: ByLearner<number[]> = {};
    const all = new Measurements();
    for (const one of this.all) {
      const { learner } = one;
      const metrics = await this.metricsOn(one, set);
      final[learner] = primaryScore(this.plan.material.task, metrics);
      all.add(learner, metrics);
      if (metrics.confusion) perClass[learner] = perClassAccuracy(metrics.confusion, this.plan.outputs);
    }
    const { material } = this.plan;
    const { secondTest } = material.dataset;
    const second = brief ? this.second : secondTest ? testSet(material, secondTest) : null;
    const secondDomain = await this.scoresOn(second);
    return {
      final,
      scores: all.scores,
      perClass,
      ...all.ofTargets,
      ...(secondDomain ? { secondDomain } : {}),
    };
  }

  /** Scores of all learners on a set; null for none. */
  private async scoresOn(set: EvaluationSet | null): Promise<Scores | null> {
    if (!set) return null;
    const measured = new Measurements();
    for (const one of this.all) measured.add(one.learner, await this.metricsOn(one, set));
    return measured.scores;
  }

  private get all(): EvaluatedLearner[] {
    return [...this.students, ...(this.teacher ? [this.teacher] : [])];
  }

  private async metricsOn({ answers, feed }: EvaluatedLearner, set: EvaluationSet): Promise<Measured> {
    const { outputs, material } = this.plan;
    const { source, normalisation } = feed;
    const output = await logitsOf(answers, source, set.split, set.rows, normalisation, outputs);
    return { ...material.task.measure(output, set.targets), output };
  }
}
