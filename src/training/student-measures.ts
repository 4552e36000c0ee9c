/** What is measured of the student's lines between two steps: evaluations, tracked samples, gradients and views. */
import type { Feeds } from '../distill/modalities/input-source';
import type { MethodView } from '../distill/views';
import type { StudentBatches } from './batches';
import { Evaluator } from './evaluator';
import type { RunEvent } from './events';
import { gradientNumbers, gradientProducts, gradientRows, type GradientSetup } from './gradient-numbers';
import { KeptTrace } from './kept-trace';
import type { Plan } from './plan';
import { isPlane, PlaneViews } from './plane-view';
import { readPrecision, type PrecisionReading } from './precision-view';
import type { StimulusAnswers } from './stimulus-answers';
import type { StudentLines } from './student-lines';
import { lowPrecisionOf, type LowPrecision } from './student-network';
import type { TeacherView } from './teacher-view';
import { hintViews, snapshot, trackedNumbers, type TrackedSetup } from './tracked-samples';

interface Measured {
  lines: StudentLines;
  batches: StudentBatches;
  teacher: TeacherView | null;
  stimuli: StimulusAnswers | null;
  /** Rows of the tracked samples. */
  watched: Int32Array;
}

export class StudentMeasures {
  readonly evaluator: Evaluator;
  private readonly measured: Measured;
  private readonly trackedSetup: TrackedSetup;
  /** Of the fixed batch on which gradients are measured; null where they are not. */
  private readonly gradientSetup: GradientSetup | null;
  /** For tables of two columns. */
  private readonly plane: PlaneViews | null;
  private readonly low: LowPrecision | null;

  constructor(plan: Plan, feeds: Feeds, measured: Measured) {
    const { recipe, material, hintKeys } = plan;
    const { lines, batches, teacher, watched } = measured;
    const { weighting, pass } = lines;
    this.measured = measured;
    this.evaluator = new Evaluator(plan, feeds, lines.measured, teacher);
    this.trackedSetup = {
      ...{ rows: watched, material, batches, teacher, pass, weighting, hintKeys },
      kept: teacher && new KeptTrace(teacher),
      others: lines.measured.filter(({ learner }) => learner !== 'student'),
    };
    const measuresGradients = recipe.schedule.measureGradients && material.labelled.length > 1;
    this.gradientSetup = measuresGradients
      ? {
          ...this.trackedSetup,
          rows: gradientRows(material, recipe.seed, recipe.schedule.batch, plan.source.size),
          kept: teacher && new KeptTrace(teacher),
        }
      : null;
    this.low = lowPrecisionOf(plan);
    this.plane = isPlane(material.dataset) ? new PlaneViews(material, feeds.student, recipe.seed) : null;
  }

  /** The computations of a measurement, so that `Stepper` can compile their kernels ahead. */
  get passes(): Evaluator['passes'] {
    // What is only recorded has no numbers that could be kept.
    const anew = { kept: null };
    const { trackedSetup, gradientSetup } = this;
    return [
      ...this.evaluator.passes,
      () => trackedNumbers({ ...trackedSetup, ...anew }, 0).numbers,
      ...(gradientSetup ? [() => gradientProducts({ ...gradientSetup, ...anew }, 0)] : []),
    ];
  }

  /** What the hints show of the tracked samples now (`hintViews`). */
  hintViews(share: number): Promise<MethodView[]> {
    return hintViews(this.trackedSetup, share);
  }

  /**
   * Evaluation and snapshot of the tracked samples after `step`.
   * @param share of the steps that is done
   * @param told events of the step, whose probes it completes
   */
  async measure(step: number, share: number, told: RunEvent[]): Promise<RunEvent[]> {
    const { lines, stimuli } = this.measured;
    lines.weighting.prepare(share, false);
    const seen = await snapshot(this.trackedSetup, step, share);
    if (step > 0) await stimuli?.refresh(true);
    const ofStimuli = stimuli?.state?.view;
    const views = [
      ...seen.views,
      ...(ofStimuli ? [ofStimuli] : []),
      ...(this.plane ? [await this.plane.view(this.evaluator.learners, seen.moves)] : []),
    ];
    const low = await this.precision();
    if (low) {
      views.unshift(low.view);
      for (const event of told)
        if (event.type === 'step' && event.step === step) Object.assign(event.values, low.probes);
    }
    const setup = this.gradientSetup;
    const evaluation = {
      ...(await this.evaluator.evaluate(step)),
      ...(setup ? { gradients: await gradientNumbers(setup, share) } : {}),
    };
    return [
      evaluation,
      { type: 'instances', snapshot: seen.instances },
      ...(views.length > 0 ? [{ type: 'views' as const, phase: 'student' as const, step, views }] : []),
    ];
  }

  dispose(): void {
    this.trackedSetup.kept?.dispose();
    this.gradientSetup?.kept?.dispose();
  }

  /** Of a student in low precision. */
  private async precision(): Promise<PrecisionReading | null> {
    if (!this.low) return null;
    const { lines, batches, watched } = this.measured;
    const images = batches.images(batches.of(watched));
    try {
      return await readPrecision(this.low, lines.pass.network, images);
    } finally {
      images.dispose();
    }
  }
}
