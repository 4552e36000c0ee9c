/** Ways to take the steps of a case, behind one face: in Node and in a page. */
import { captureStep, type RecordedStep } from '../../../src/engine/capture/capture';
import { tf } from '../../../src/engine/tf';
import { Training, type EngineCase } from '../engine/training';
import type { JaxTraining } from './jax-training';
import type { Begun, Question, Start, Stepped } from './protocol';

export interface Trainer {
  begin(one: EngineCase, start: Start | null): Promise<Begun>;
  /** One step. @returns the loss before it */
  take(): Promise<number>;
}

/** The engine on the active backend, recorded as in a run, or op by op as TensorFlow.js comes. */
export class TensorFlowTrainer implements Trainer {
  private training: Training | null = null;
  private recorded: RecordedStep | null = null;
  private readonly records: boolean;

  constructor(records: boolean) {
    this.records = records;
  }

  async begin(one: EngineCase): Promise<Begun> {
    this.recorded?.dispose();
    this.training?.dispose();
    const training = (this.training = new Training(one));
    // The optimiser's numbers must be there before a recording.
    training.prepare();
    this.recorded = this.records ? captureStep(training.compute, { inputs: training.inputs }) : null;
    await this.recorded?.prepare();
    return { start: await training.start(), parameters: training.parameters };
  }

  async take(): Promise<number> {
    const training = this.training!;
    training.prepare();
    if (this.recorded) return (await this.recorded.replay())!['loss']![0]!;
    const { loss } = tf.tidy(training.compute);
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  }
}

/** jax-js on its default device; loaded only where it is timed. */
export class JaxTrainer implements Trainer {
  private training: JaxTraining | null = null;

  async begin(one: EngineCase, start: Start | null): Promise<Begun> {
    const { JaxTraining } = await import('./jax-training');
    this.training?.dispose();
    this.training = new JaxTraining(one, start!);
    return { start: null, parameters: this.training.parameters };
  }

  take(): Promise<number> {
    return this.training!.take();
  }
}

/** @param usedMs processor time so far; null where it is not told */
export async function answer(
  trainer: Trainer,
  question: Question,
  usedMs: () => number | null = () => null,
): Promise<Begun | Stepped> {
  if (question.do === 'begin') return trainer.begin(question.case, question.start);
  const losses: number[] = [];
  const [began, used] = [performance.now(), usedMs()];
  for (let step = 0; step < question.steps; step++) losses.push(await trainer.take());
  const processor = usedMs();
  return {
    wallMs: (performance.now() - began) / question.steps,
    processorMs: processor === null || used === null ? null : (processor - used) / question.steps,
    losses,
  };
}
