import { hintKeysOf } from '../../src/app/recipe/edits';
import { withResolvedWeights } from '../../src/distill/hints/weights';
import type { Recipe } from '../../src/distill/recipe';
import type { InstanceSnapshot, Learner, RunEvent, RunFacts, WatchedSet } from '../../src/training/events';
import type { RunId, TrainingEvent } from '../../src/worker/training-protocol';
import { drawDigit, random } from './glyphs';

const watchedCount = 128;
const classes = Array.from({ length: 10 }, (_, digit) => String(digit));

export function factsOf(recipe: Recipe): RunFacts {
  const noise = recipe.material.labelNoise;
  const labelled = recipe.material.labelsPerClass === 0 ? 1000 : recipe.material.labelsPerClass * 10;
  const trains = recipe.teacher.kind === 'single' && recipe.teacher.knobs['source'] === 'train';
  return {
    dataset: { id: 'digits-8x8', title: 'Digits, 8×8', classes, shape: [8, 8, 1] },
    labelled,
    unlabelled: recipe.material.unlabelled,
    meta: recipe.weighting.id === 'hint-dynamic' ? 100 : 0,
    validation: 0,
    test: 360,
    wrongLabels: Math.round((labelled * noise) / 100),
    networks: [
      {
        role: 'teacher',
        name: 'cnn2-16-32-64',
        parameters: 72666,
        multiplyAdds: 1_034_880,
        activationBytes: 32_000,
      },
      {
        role: 'student',
        name: recipe.student.network,
        parameters: 2410,
        multiplyAdds: 2368,
        activationBytes: 170,
      },
    ],
    extraParameters: 0,
    teacherSteps: trains ? 150 : 0,
    preludeSteps: 0,
    studentSteps: recipe.schedule.steps,
    notes: noise > 0 ? [`${Math.round((labelled * noise) / 100)} of ${labelled} labels are made wrong.`] : [],
  };
}

export class FakeRun {
  private readonly next: () => number;
  private readonly facts: RunFacts;
  /** Per hint. */
  private readonly weights: number[];
  private readonly keys: string[];
  private readonly labels: number[];
  private readonly given: number[];
  private readonly hardness: number[];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private phase: 'teacher' | 'student' = 'student';
  private step = 0;
  private begun = performance.now();

  constructor(
    private readonly id: RunId,
    private recipe: Recipe,
    private readonly listener: (message: TrainingEvent) => void,
  ) {
    this.next = random(recipe.seed + 7);
    this.facts = factsOf(recipe);
    this.weights = withResolvedWeights(recipe, this.facts.dataset.shape).hints.map(({ weight }) => weight);
    this.keys = hintKeysOf(recipe);
    this.labels = Array.from({ length: watchedCount }, (_, index) => index % 10);
    const noise = recipe.material.labelNoise / 100;
    this.given = this.labels.map((label, index) =>
      recipe.material.unlabelled > 0 && index % 4 !== 0 ? -1 : this.next() < noise ? (label + 1) % 10 : label,
    );
    this.hardness = this.labels.map(() => this.next());
    this.state('preparing');
    this.timer = setTimeout(() => this.begin(), 300);
  }

  turn(path: string, to: number | string | boolean): void {
    this.emit({
      type: 'knob',
      phase: this.phase,
      step: this.step,
      path,
      label: path.split('.').at(-1)!,
      from: 0,
      to,
    });
    if (path === 'schedule.learningRate')
      this.recipe = { ...this.recipe, schedule: { ...this.recipe.schedule, learningRate: Number(to) } };
  }
  pause(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.state('paused');
  }
  resume(): void {
    this.state('running');
    this.tick();
  }
  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.finish(true);
  }

  private begin(): void {
    const watched: WatchedSet = {
      images: this.labels.map((label, index) => ({
        index: index * 11,
        trueLabel: label,
        givenLabel: this.given[index]!,
      })),
      height: 8,
      width: 8,
      channels: 1,
      pixels: Uint8Array.from(this.labels.flatMap((label) => [...drawDigit(label, this.next)])),
    };
    this.emit({ type: 'started', recipe: this.recipe, facts: this.facts, watched, hintKeys: this.keys });
    this.state('running');
    if (this.facts.teacherSteps > 0) {
      this.phase = 'teacher';
      this.emit({
        type: 'phase',
        phase: 'teacher',
        steps: this.facts.teacherSteps,
        text: 'The teacher learns first.',
      });
    } else this.beginStudent();
    this.tick();
  }
  private beginStudent(): void {
    this.phase = 'student';
    this.step = 0;
    const lines = [
      'Student',
      this.recipe.objective.control ? 'control' : '',
      this.recipe.objective.hardAnswers ? 'hard answers' : '',
    ];
    this.emit({
      type: 'phase',
      phase: 'student',
      steps: this.recipe.schedule.steps,
      text: `${lines.filter(Boolean).join(' and ')} learn in lockstep.`,
    });
    this.evaluate();
  }

  private tick(): void {
    this.timer = setTimeout(() => {
      for (let count = 0; count < 2 && this.timer; count += 1) this.advance();
      if (this.timer) this.tick();
    }, 40);
  }

  advance(): void {
    this.step += 1;
    const total = this.phase === 'teacher' ? this.facts.teacherSteps : this.recipe.schedule.steps;
    const t = this.step / total;
    const noise = () => 1 + (this.next() - 0.5) * 0.5;
    const values: Record<string, number> =
      this.phase === 'teacher'
        ? { total: 2.3 * Math.exp(-5 * t) * noise(), ce: 2.3 * Math.exp(-5 * t) * noise() }
        : this.studentValues(t, noise);
    const learningRate = this.recipe.schedule.learningRate * Math.cos((t * Math.PI) / 2);
    if (this.recipe.schedule.learningRate >= 0.5 && this.step > 20) {
      const message =
        'The loss is no longer a number at step 21: the learning rate is too high. The last good weights are kept; lower the learning rate and start again.';
      this.emit({
        type: 'failed',
        step: this.step,
        phase: this.phase,
        message,
        knob: 'schedule.learningRate',
      });
      this.end('failed');
      return;
    }
    this.emit({ type: 'step', phase: this.phase, step: this.step, learningRate, values });
    if (this.step % this.recipe.schedule.evaluateEvery === 0) this.evaluate();
    if (this.step % 5 === 0)
      this.emit({
        type: 'speed',
        stepsPerSecond: 48 + this.next() * 3,
        secondsLeft: (total - this.step) / 50,
        tensors: 120,
        bytes: 3_400_000,
      });
    if (this.step < total) return;
    if (this.phase === 'teacher') this.beginStudent();
    else this.finish(false);
  }

  private studentValues(t: number, noise: () => number): Record<string, number> {
    const values: Record<string, number> = {
      ce: (0.9 + 1.4 * Math.exp(-6 * t)) * noise(),
      control: (0.8 + 1.5 * Math.exp(-6 * t)) * noise(),
    };
    let total = values['ce']! * this.recipe.objective.ceWeight;
    this.keys.forEach((key, index) => {
      const raw = (0.1 + (2.2 + index) * Math.exp(-5 * t)) * noise();
      values[key] = raw;
      values[`${key}·w`] = raw * this.weights[index]! * 0.5;
      total += values[`${key}·w`]!;
    });
    if (this.recipe.weighting.id === 'hint-dynamic') {
      values['meta/before'] = 1.5 * Math.exp(-3 * t) * noise();
      values['meta/after'] = 1.4 * Math.exp(-3.1 * t) * noise();
    }
    return { total, ...values };
  }

  private learners(): Learner[] {
    return [
      'student',
      ...(this.recipe.objective.control ? ['control' as const] : []),
      ...(this.recipe.objective.hardAnswers ? ['hard' as const] : []),
    ];
  }
  private accuracyOf(learner: Learner, t: number): number {
    if (learner === 'teacher') return 0.9917;
    const [end, rate] = learner === 'control' ? [0.7, 9] : learner === 'hard' ? [0.96, 8] : [0.964, 8.5];
    return Math.min(1, 0.1 + (end - 0.1) * (1 - Math.exp(-rate * t)) + (this.next() - 0.5) * 0.02);
  }

  private evaluate(): void {
    const t = this.step / (this.phase === 'teacher' ? this.facts.teacherSteps : this.recipe.schedule.steps);
    if (this.phase === 'teacher') {
      this.emit({
        type: 'evaluation',
        phase: 'teacher',
        step: this.step,
        split: 'test',
        images: 360,
        accuracy: { teacher: 0.1 + 0.89 * (1 - Math.exp(-7 * t)) },
        trainAccuracy: {},
        confusion: {},
        loss: {},
      });
      return;
    }
    const accuracy: Partial<Record<Learner, number>> = { teacher: 0.9917 };
    const trainAccuracy: Partial<Record<Learner, number>> = {};
    for (const learner of this.learners()) {
      accuracy[learner] = this.accuracyOf(learner, t);
      trainAccuracy[learner] = accuracy[learner]! * 0.65;
    }
    const confusion = {
      student: confusionOf(accuracy.student!, this.next),
      teacher: confusionOf(0.99, this.next),
    };
    this.emit({
      type: 'evaluation',
      phase: 'student',
      step: this.step,
      split: 'test',
      images: 360,
      accuracy,
      trainAccuracy,
      confusion,
      loss: { student: 1 - t, control: 1.5 - t },
    });
    this.emit({ type: 'instances', snapshot: this.snapshot(t) });
  }

  private snapshot(t: number): InstanceSnapshot {
    const losses: Record<string, number[]> = {
      ce: this.hardness.map((h, i) => (this.given[i] === this.labels[i] ? 0.1 : 2.5) + h * (2.4 - 1.8 * t)),
    };
    const weights: Record<string, number[]> = {};
    const spreads: Record<string, number[]> = {};
    this.keys.forEach((key, index) => {
      losses[key] = this.hardness.map((h) => 0.05 + h * 3 * Math.exp(-4 * t) + this.next() * 0.05);
      const base = this.weights[index]!;
      if (this.recipe.weighting.id !== 'hint-dynamic') weights[key] = this.labels.map(() => base);
      else {
        const target = this.recipe.hints[index]!.shuffled || index > 0 ? 0.02 : 1.9;
        weights[key] = this.hardness.map(
          (h) =>
            base *
            Math.max(
              0,
              Math.min(
                2,
                1 +
                  (target - 1) * Math.min(1, t * 1.4) +
                  (h - 0.5) * 0.5 * Math.sin(Math.PI * Math.min(1, t * 1.2)),
              ),
            ),
        );
        spreads[key] = this.hardness.map((h) => h * 0.1);
      }
    });
    const probabilities: Partial<Record<Learner, number[]>> = { teacher: this.answers(0.96, false) };
    for (const learner of this.learners())
      probabilities[learner] = this.answers(Math.min(0.95, 0.1 + 0.85 * t), learner === 'control');
    return { step: this.step, losses, weights, spreads, probabilities };
  }
  private answers(confidence: number, misled: boolean): number[] {
    return this.labels.flatMap((label, index) => {
      const top =
        misled && this.given[index]! >= 0 && this.hardness[index]! > 0.4 ? this.given[index]! : label;
      const share = confidence * (1 - 0.5 * this.hardness[index]! ** 3);
      const rest = classes.map((_, place) => (place === top ? 0 : 0.2 + ((place * 7 + index) % 5) / 5));
      const sum = rest.reduce((a, b) => a + b, 0);
      return rest.map((value, place) => (place === top ? share : (value / sum) * (1 - share)));
    });
  }

  private finish(stopped: boolean): void {
    const t = this.step / this.recipe.schedule.steps;
    const final: Partial<Record<Learner, number>> = { teacher: 0.9917 };
    for (const learner of this.learners())
      final[learner] = Math.round(this.accuracyOf(learner, t) * 360) / 360;
    const perClass = Object.fromEntries(
      Object.entries(final).map(([learner, value]) => [
        learner,
        classes.map(() => value - this.next() * 0.05),
      ]),
    );
    this.emit({
      type: 'finished',
      step: this.step,
      stopped,
      final,
      perClass,
      seconds: (performance.now() - this.begun) / 1000,
    });
    this.end(stopped ? 'stopped' : 'finished');
  }
  private end(state: 'finished' | 'stopped' | 'failed'): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.state(state);
  }
  private emit(event: RunEvent): void {
    this.listener({ type: 'events', run: this.id, events: [event] });
  }
  private state(state: 'preparing' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed'): void {
    this.listener({ type: 'state', run: this.id, state });
  }
}

function confusionOf(accuracy: number, next: () => number): number[] {
  const counts = new Array<number>(100).fill(0);
  for (let image = 0; image < 360; image += 1) {
    const label = image % 10;
    const answer = next() < accuracy ? label : next() < 0.6 ? (label + 1) % 10 : Math.floor(next() * 10);
    counts[label * 10 + answer]! += 1;
  }
  return counts;
}
