/** Trains a teacher from labels: Adam on a one-cycle curve, as the bundled ones were. */
import type { Material } from '../distill/material/material';
import { BatchOrder } from '../distill/material/order';
import type { ImageSource, Normalisation } from '../distill/material/images';
import { tf } from '../engine/tf';
import { accuracy, confusion, meanCrossEntropy } from '../nn/metrics';
import { Network } from '../nn/network';
import { Adam } from '../nn/optimisers';
import { oneCycleRateAt } from '../nn/schedules';
import { RandomStream } from '../random/streams';
import { imagesOf, oneHotOf } from './batches';
import { refuseDiverged } from './diverged';
import { logitsOf } from './evaluate';
import { evaluationSets } from './evaluation-sets';
import type { RunEvent } from './events';
import { LabelLearner } from './learner';
import { Meter } from './meter';
import { Pace } from './pace';
import type { TeacherPlan } from './plan';
import type { RunContext } from './context';

const weightDecay = 1e-4;
/** Evaluations over the whole phase. */
const evaluations = 12;

interface Studied {
  material: Material;
  source: ImageSource;
  input: [number, number, number];
  classes: number;
}

export class TeacherPhase {
  private readonly plan: TeacherPlan;
  private readonly studied: Studied;
  private readonly context: RunContext;
  private readonly normalisation: Normalisation;
  private readonly learner: LabelLearner;
  private readonly meter = new Meter('teacher');
  private released = false;

  constructor(plan: TeacherPlan, studied: Studied, context: RunContext, normalisation: Normalisation) {
    const { seed } = context.recipe();
    const network = Network.create(
      plan.network,
      studied.input,
      studied.classes,
      RandomStream.fork(seed, 'init/teacher'),
    );
    this.plan = plan;
    this.studied = studied;
    this.context = context;
    this.normalisation = normalisation;
    this.learner = new LabelLearner(
      network,
      new Adam([...network.module.trainable.values()], { weightDecay }),
    );
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { steps, network, rows, labels, knobs } = this.plan;
    const { classes, material, source } = this.studied;
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const order = new BatchOrder(rows, knobs.batch, RandomStream.fork(recipe().seed, 'order/teacher'));
    const pace = new Pace(steps);
    const every = Math.max(1, Math.round(steps / evaluations));
    yield [
      { type: 'phase', phase: 'teacher', steps, text: `The teacher (${network}) learns first.` },
      await this.evaluate(0),
    ];
    for (let step = 1; step <= steps && !stopRequested(); step++) {
      const highest = Number(recipe().teacher.knobs['learningRate']);
      const learningRate = oneCycleRateAt(step - 1, steps, highest);
      const batch = order.next();
      const loss = tf.tidy(() => {
        const images = imagesOf(source, material, batch, this.normalisation);
        const oneHot = oneHotOf(
          batch.map((row) => labels[row]!),
          classes,
        );
        return this.learner.step(images, oneHot, batch.length, learningRate);
      });
      this.meter.record(step, learningRate, { total: loss });
      loss.dispose();
      const events = takeKnobEvents('teacher', step);
      const due = step % every === 0 || step === steps;
      if (due || pace.readingDue) events.push(...(await this.flush()), pace.reading(step));
      if (due) {
        events.push(await this.evaluate(step));
        pace.restart();
      }
      yield events;
    }
  }

  async flush(): Promise<RunEvent[]> {
    const events = await this.meter.flush();
    refuseDiverged(events, this.context.recipe(), []);
    return events;
  }

  /** Hands the trained network over; the phase lets go of everything else. */
  release(): Network {
    this.released = true;
    this.meter.dispose();
    this.learner.optimiser.dispose();
    return this.learner.network;
  }

  dispose(): void {
    if (this.released) return;
    this.meter.dispose();
    this.learner.dispose();
  }

  private async evaluate(step: number): Promise<RunEvent> {
    const { classes, material, source } = this.studied;
    const { live, train } = evaluationSets(material, this.context.recipe().seed);
    const { network } = this.learner;
    const logits = (set: typeof live) =>
      logitsOf(
        (images) => network.forward(images, { training: false }).logits,
        source,
        set.split,
        set.rows,
        this.normalisation,
        classes,
      );
    const answers = await logits(live);
    return {
      type: 'evaluation',
      phase: 'teacher',
      step,
      split: live.name,
      images: live.rows.length,
      accuracy: { teacher: accuracy(answers, live.labels, classes) },
      trainAccuracy: { teacher: accuracy(await logits(train), train.labels, classes) },
      confusion: { teacher: confusion(answers, live.labels, classes) },
      loss: { teacher: meanCrossEntropy(answers, live.labels, classes) },
    };
  }
}
