/** Evaluates all learners: on a fixed sample during training, on all test images at the end. */
import type { Feed, Feeds } from '../distill/modalities/input-source';
import { primaryScore, type FurtherMeasurement, type Measurement } from '../distill/tasks/task';
import { perClassAccuracy } from '../nn/classification-metrics';
import type { Network } from '../nn/network';
import { Measurements } from './measurements';
import { latencyOf } from './latency';
import { logitsOf, rehearsals, type LogitsFn } from './evaluate';
import { evaluationSets, secondDomainSet, testSet, type EvaluationSet } from './evaluation-sets';
import type {
  ByLearner,
  Confusion,
  Latency,
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

/** Who has a network of its own; all other lines compute as the student does. */
const ownNetwork: readonly Learner[] = ['student', 'full', 'teacher'];

export class Evaluator {
  private readonly plan: Plan;
  private readonly students: EvaluatedLearner[];
  private readonly teacher: EvaluatedLearner | null;
  private readonly live: EvaluationSet<'validation' | 'test'>;
  private readonly train: EvaluationSet;
  /** Null where the set has one domain. */
  private readonly second: EvaluationSet | null;
  private readonly teacherVersion: () => number | null;
  /** Whether the teacher, where there is one, computes its answers, so that it can be asked about anything and timed. */
  private readonly computes: boolean;
  /** Metrics of the teacher's present version; a frozen teacher is measured once. */
  private teacherMetrics: {
    live: Measured;
    train: Measured;
    further: FurtherMeasurement;
    edition: number | null;
  } | null = null;

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
    this.teacher =
      teacher && !teacher.teacher.unmeasured && !teacher.teacher.featuresOnly
        ? { learner: 'teacher', answers: (images) => teacher.answers(images), feed: feeds.teacher }
        : null;
    this.computes = !teacher?.teacher.recorded;
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
    return this.teacher && this.computes
      ? [...students, { ...this.teacher, version: this.teacherVersion() }]
      : students;
  }

  /**
   * How long forward passes of the networks take now, one after the other; nothing else may be computing. Lines that
   * compute as the student does are left out.
   * @param most milliseconds that a median may take to measure; a batch that would take longer is left out
   */
  async latencies(batch: number, most: number): Promise<ByLearner<Latency>> {
    const measured: ByLearner<Latency> = {};
    for (const { learner, answers, feed } of this.all) {
      if (!ownNetwork.includes(learner) || (learner === 'teacher' && !this.computes)) continue;
      const latency = await latencyOf(answers, feed.source.shape, batch, most);
      if (latency) measured[learner] = latency;
    }
    return measured;
  }

  async evaluate(step: number): Promise<Extract<RunEvent, { type: 'evaluation' }>> {
    const edition = this.teacherVersion();
    const stale = edition === null || this.teacherMetrics?.edition !== edition;
    if (this.teacher && stale) {
      const onLive = await this.metricsOn(this.teacher, this.live);
      this.teacherMetrics = {
        edition,
        live: onLive,
        train: await this.metricsOn(this.teacher, this.train),
        further: this.further('teacher', onLive, this.live, null),
      };
    }
    const { task } = this.plan.material;
    const { rows, targets } = this.live;
    const [live, train] = [new Measurements(), new Measurements()];
    const confusion: ByLearner<Confusion> = {};
    const loss: ByLearner<number> = {};
    const predicted: MeasuredSamples['predicted'] = {};
    const answered: MeasuredAnswers['answered'] = {};
    const shown = this.teacherMetrics?.live.output ?? null;
    const enter = (learner: Learner, onLive: Measured, onTrain: Measured, further: FurtherMeasurement) => {
      live.add(learner, onLive).addFurther(learner, further);
      train.add(learner, onTrain);
      if (onLive.confusion) confusion[learner] = onLive.confusion;
      loss[learner] = onLive.loss;
      if (onLive.predicted) predicted[learner] = Uint16Array.from(onLive.predicted);
      else answered[learner] = task.shown(onLive.output);
    };
    for (const one of this.students) {
      const onLive = await this.metricsOn(one, this.live);
      const further = this.further(one.learner, onLive, this.live, shown);
      enter(one.learner, onLive, await this.metricsOn(one, this.train), further);
    }
    if (this.teacherMetrics) {
      const { live: onLive, train: onTrain, further } = this.teacherMetrics;
      enter('teacher', onLive, onTrain, further);
    }
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
      ...live.further,
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
    const measured = new Map<EvaluatedLearner, Measured>();
    for (const one of this.all) measured.set(one, await this.metricsOn(one, set));
    const shown = (this.teacher && measured.get(this.teacher)?.output) ?? null;
    for (const [{ learner }, metrics] of measured) {
      final[learner] = primaryScore(this.plan.material.task, metrics);
      all.add(learner, metrics).addFurther(learner, this.further(learner, metrics, set, shown));
      if (metrics.confusion) perClass[learner] = perClassAccuracy(metrics.confusion, this.plan.outputs);
    }
    const { material } = this.plan;
    const { secondTest } = material.dataset;
    const constant = material.task.constantScore(set.targets);
    const second = brief ? this.second : secondTest ? testSet(material, secondTest) : null;
    const secondDomain = await this.scoresOn(second);
    return {
      final,
      scores: all.scores,
      perClass,
      ...all.ofTargets,
      ...all.further,
      ...(Number.isNaN(constant) ? {} : { constant }),
      ...(secondDomain ? { secondDomain } : {}),
    };
  }

  /** What every learner puts out on the whole test split, [N*outputs] each. */
  async testOutputs(): Promise<ByLearner<Float32Array>> {
    const set = testSet(this.plan.material);
    const outputs: ByLearner<Float32Array> = {};
    for (const one of this.all) outputs[one.learner] = await this.outputOn(one, set);
    return outputs;
  }

  /** @param shown the teacher's answers on the same set; null where there is none */
  private further(
    learner: Learner,
    { output }: Measured,
    { targets }: EvaluationSet,
    shown: Float32Array | null,
  ): FurtherMeasurement {
    return this.plan.material.task.measureFurther(output, targets, learner === 'teacher' ? null : shown);
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

  private async metricsOn(one: EvaluatedLearner, set: EvaluationSet): Promise<Measured> {
    const output = await this.outputOn(one, set);
    return { ...this.plan.material.task.measure(output, set.targets), output };
  }

  private outputOn({ answers, feed }: EvaluatedLearner, set: EvaluationSet): Promise<Float32Array> {
    const { source, normalisation } = feed;
    return logitsOf(answers, source, set.split, set.rows, normalisation, this.plan.outputs);
  }
}
