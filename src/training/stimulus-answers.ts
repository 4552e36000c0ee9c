/**
 * What the teacher answers to the stimuli: how evenly they are to be drawn, how much they can teach, and some of them to
 * look at. Asked once for a teacher that stands still, and again whenever its answers have changed.
 */
import type { Feed } from '../distill/modalities/input-source';
import { imageSourceOf } from '../distill/modalities/image/image-source';
import { balancedShares, stimulusStatistics } from '../distill/material/stimulus-statistics';
import type { StimuliView } from '../distill/views';
import { liveScalar, type LiveTensor } from '../engine/capture/capture';
import { softmax } from '../nn/classification-metrics';
import { logitsOf } from './evaluate';
import { RunFailure } from './failure';
import type { Plan } from './plan';
import type { StepValues } from './stepper';
import type { TeacherView } from './teacher-view';

/** Of the present version of the teacher. Keys are stored. */
export interface StimulusState {
  /** [N] the teacher's top class for each stimulus */
  top: Int32Array;
  view: StimuliView;
}

/** Stimuli that are shown. */
const shown = 20;

const names = ['stimuli/effective-classes', 'stimuli/entropy', 'stimuli/information'] as const;

export class StimulusAnswers {
  private readonly plan: Plan;
  /** The teacher's. */
  private readonly feed: Feed;
  private readonly teacher: TeacherView;
  /** In the order of `names`. */
  private readonly numbers = names.map(() => liveScalar(0));
  private known: StimulusState | null = null;
  private drawn: Float64Array | null = null;
  /** Version of the teacher that was asked. */
  private version: number | null = null;

  /** @param teacher stays the caller's */
  constructor(plan: Plan, feed: Feed, teacher: TeacherView) {
    this.plan = plan;
    this.feed = feed;
    this.teacher = teacher;
  }

  /** Whether there are stimuli whose classes can be asked for. */
  static fit({ material, teacher }: Plan): boolean {
    return (
      material.made === 'stimuli' &&
      material.task.oneOfMany &&
      teacher !== null &&
      !teacher.featuresOnly &&
      material.unlabelled.length > 0
    );
  }

  get inputs(): LiveTensor[] {
    return this.numbers;
  }

  /** [N] of the unlabelled rows; null where they are not balanced, or not asked for yet. */
  get shares(): Float64Array | null {
    return this.drawn;
  }

  /** Numbers for the charts, in the step's tidy. */
  get values(): StepValues {
    return Object.fromEntries(names.map((name, i) => [name, this.numbers[i]!.tensor.clone()]));
  }

  get state(): StimulusState | null {
    return this.known;
  }

  restore(state: StimulusState): void {
    this.version = this.teacher.teacher.version;
    this.take(state);
  }

  /**
   * Asks the teacher, if its answers may have changed since the last time.
   * @param anew also asks one that changes with each step
   * @throws RunFailure when a teacher that stays as it is puts all stimuli that are to be balanced into one class
   */
  async refresh(anew: boolean): Promise<void> {
    const { version } = this.teacher.teacher;
    const isKnown = this.known !== null && this.version === version && (version !== null || !anew);
    if (isKnown) return;
    this.version = version;
    const { material, outputs } = this.plan;
    const { source, normalisation } = this.feed;
    const logits = await logitsOf(
      (images) => this.teacher.answers(images),
      source,
      material.dataset.train,
      material.unlabelled,
      normalisation,
      outputs,
    );
    const found = stimulusStatistics(logits, outputs);
    this.refuseOneClass(found.histogram);
    this.take({ top: found.top, view: this.viewOf(logits, found) });
  }

  dispose(): void {
    this.numbers.forEach((number) => number.dispose());
  }

  private get isBalanced(): boolean {
    return this.plan.recipe.material.balance;
  }

  private take(state: StimulusState): void {
    this.known = state;
    const { effectiveClasses, entropy, information } = state.view;
    [effectiveClasses, entropy, information].forEach((number, i) => this.numbers[i]!.write(number));
    this.drawn = this.isBalanced ? balancedShares(state.top) : null;
  }

  private refuseOneClass(histogram: readonly number[]): void {
    const classes = histogram.flatMap((share, label) => (share > 0 ? [label] : []));
    const { teacher } = this.teacher;
    // A teacher that still learns, or goes on along its route, may come to see others in them.
    const staysAsItIs = teacher.version !== null && !teacher.advance;
    if (!this.isBalanced || classes.length > 1 || !staysAsItIs) return;
    const name = this.plan.material.dataset.target.names[classes[0]!];
    throw new RunFailure(
      `The teacher puts all stimuli into one class (“${name}”). They teach nothing: choose others, or bring them to the brightness of the training images.`,
      { knob: 'material.stimuli' },
    );
  }

  private viewOf(
    logits: Float32Array,
    { histogram, effectiveClasses, meanEntropy, information }: ReturnType<typeof stimulusStatistics>,
  ): StimuliView {
    const { material, outputs } = this.plan;
    const source = imageSourceOf(this.feed.source);
    const rows = material.unlabelled.slice(0, shown);
    const { height, width, channels } = source;
    return {
      view: 'stimuli',
      title: 'Stimuli',
      count: material.unlabelled.length,
      height,
      width,
      channels,
      pixels: source.pictures(material.dataset.train, rows),
      probabilities: Float32Array.from(softmax(logits.subarray(0, rows.length * outputs), outputs)),
      histogram,
      effectiveClasses,
      entropy: meanEntropy,
      information,
    };
  }
}
