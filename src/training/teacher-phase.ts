/** Trains a teacher from labels: Adam on a one-cycle curve, as the bundled ones were. */
import type { Material } from '../distill/material/material';
import { BatchOrder } from '../distill/material/order';
import type { ImageSource, Normalisation } from '../distill/material/images';
import { accuracy, confusion, meanCrossEntropy } from '../nn/metrics';
import { Network } from '../nn/network';
import { DrivenOptimiser } from '../nn/driven-optimiser';
import { Adam } from '../nn/optimisers';
import { oneCycleRateAt } from '../nn/schedules';
import { RandomStream } from '../random/streams';
import { oneHotValues } from './batches';
import { refuseDiverged } from './diverged';
import { logitsOf } from './evaluate';
import { evaluationSets } from './evaluation-sets';
import type { RunEvent } from './events';
import { LabelLearner } from './learner';
import { Meter } from './meter';
import { Pace } from './pace';
import type { TeacherPlan } from './plan';
import type { RunContext } from './context';
import { LiveBatch } from './step-inputs';
import { Stepper } from './stepper';

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
  private readonly order: BatchOrder;
  private readonly inputs: LiveBatch;
  private readonly stepper: Stepper;
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
      new DrivenOptimiser(new Adam([...network.module.trainable.values()], { weightDecay })),
    );
    this.order = new BatchOrder(plan.rows, plan.knobs.batch, RandomStream.fork(seed, 'order/teacher'));
    const { batch } = this.order;
    this.inputs = new LiveBatch({ batch, image: studied.input, classes: studied.classes });
    this.stepper = new Stepper(
      {
        compute: () => ({ total: this.learner.step(this.inputs.images, this.inputs.oneHot, batch) }),
        inputs: () => [...this.inputs.inputs, ...this.learner.optimiser.inputs],
      },
      this.meter,
    );
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { steps, network, labels } = this.plan;
    const { classes, material, source } = this.studied;
    const { recipe, stopRequested, takeKnobEvents } = this.context;
    const pace = new Pace(steps);
    const every = Math.max(1, Math.round(steps / evaluations));
    yield [
      { type: 'phase', phase: 'teacher', steps, text: `The teacher (${network}) learns first.` },
      await this.evaluate(0),
    ];
    for (let step = 1; step <= steps && !stopRequested(); step++) {
      const highest = Number(recipe().teacher.knobs['learningRate']);
      const learningRate = oneCycleRateAt(step - 1, steps, highest);
      const batch = this.order.next();
      this.inputs.write({
        images: source.batch(material.dataset.train, batch, this.normalisation),
        oneHot: oneHotValues(
          batch.map((row) => labels[row]!),
          classes,
        ),
      });
      this.learner.optimiser.prepare(learningRate);
      await this.stepper.run('teacher', step, learningRate);
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
    this.letGo();
    this.learner.optimiser.dispose();
    return this.learner.network;
  }

  dispose(): void {
    if (this.released) return;
    this.letGo();
    this.learner.dispose();
  }

  private letGo(): void {
    this.stepper.dispose();
    this.inputs.dispose();
    this.meter.dispose();
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
