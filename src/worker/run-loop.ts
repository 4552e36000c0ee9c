/** Runs one training run tick by tick: pauses, steps and stops on command, yields to messages and saves checkpoints. */
import type { Dataset } from '../data/dataset';
import type { KnobValue } from '../distill/knobs';
import type { Recipe } from '../distill/recipe';
import type { MethodView } from '../distill/views';
import type { BackendChoice } from '../engine/backend-names';
import type { NamedArray } from '../nn/layouts';
import type { Latencies, Learner, RunEvent, SetAnswers, TestPredictions } from '../training/events';
import type { ExportBundle } from '../training/export-bundle';
import { Run, type RunHelp } from '../training/run';
import type { Checkpoint } from '../training/checkpoint';
import { MessageYielder } from './yield-to-messages';
import type { CellReport } from './cell-report';
import type { Checkpointer } from './checkpointer';
import type { RunId, RunStatus, TrainingEvent } from './training-protocol';
import { sentenceOf } from '../limits/texts';

export interface RunOrder {
  recipe: Recipe;
  dataset: Promise<Dataset>;
  help: RunHelp;
  /** Checkpoint to continue from, and the number of chunks of the stored log before it. */
  from?: { checkpoint: Checkpoint; chunks: number };
  /** Creates the checkpointer of a run that is stored. Called once its data set is open. */
  checkpointer?: (dataset: Dataset) => Checkpointer;
}

export class RunLoop {
  readonly id: RunId;
  private readonly post: (message: TrainingEvent) => void;
  /** The data set, once it is open. */
  dataset: Dataset | null = null;
  /** As it was started or continued; null before that. */
  recipe: Recipe | null = null;
  private run: Run | null = null;
  private checkpointer: Checkpointer | null = null;
  /** Events to post with the first tick. */
  private readonly early: RunEvent[] = [];
  /** `single` runs one tick and pauses again. */
  private mode: 'running' | 'paused' | 'single' = 'running';
  private ended = false;
  /** No step runs: it is paused between two, or over. */
  private rests = false;
  private wake: () => void = () => undefined;
  private done: Promise<void> = Promise.resolve();

  /** @param report takes the place of its events, which are posted without one */
  constructor(
    id: RunId,
    post: (message: TrainingEvent) => void,
    private readonly report: CellReport | null = null,
  ) {
    this.id = id;
    this.post = post;
  }

  /** Starts the run. Never throws: faults become events. */
  start(order: RunOrder): void {
    this.done = this.drive(order);
  }

  pause(): void {
    this.mode = 'paused';
  }

  resume(): void {
    this.mode = 'running';
    this.wake();
  }

  single(): void {
    this.mode = 'single';
    this.wake();
  }

  /** Ends the run after the present step, with a last evaluation. */
  stop(): void {
    this.run?.requestStop();
    this.resume();
  }

  turn(path: string, value: KnobValue): void {
    const problem = this.run?.turn(path, value);
    if (problem) this.warn(problem);
  }

  /** Ends the run before its first step. @param knob path of the knob to look at */
  fail(message: string, knob: string | null): void {
    this.send([{ type: 'failed', step: 0, phase: 'student', message, knob }]);
    this.report?.end();
    this.postStatus('failed');
  }

  /** Adds a warning to the run's events. */
  warn(text: string): void {
    this.add([{ type: 'warning', step: 0, text }]);
  }

  /** Adds the backend that the run uses from here on to its events. */
  runsOn({ name, device }: BackendChoice): void {
    this.add([{ type: 'backend', name, device }]);
  }

  /** Posts events of the run; before its first tick they wait for it. */
  add(events: readonly RunEvent[]): void {
    if (this.run) this.send([...events]);
    else this.early.push(...events);
  }

  /** Saves a checkpoint that is kept for good. */
  keep(): void {
    this.checkpointer?.keep();
  }

  async weights(learner: Learner): Promise<Uint8Array | null> {
    return (await this.run?.weights(learner)) ?? null;
  }

  /** What the hints show with other knobs; null while steps run, or where the run is none of these hints'. */
  async views(hints: Recipe['hints']): Promise<MethodView[] | null> {
    return (this.rests && (await this.run?.views(hints))) || null;
  }

  /** Null while steps run, and before the student's phase. @param batch instances of the batch */
  async latencies(batch: number): Promise<Latencies | null> {
    return (this.rests && (await this.run?.latencies(batch, Infinity))) || null;
  }

  /** As `latencies`. */
  async testPredictions(): Promise<TestPredictions | null> {
    return (this.rests && (await this.run?.testPredictions())) || null;
  }

  /** As `latencies`. */
  async answers(learner: Learner): Promise<SetAnswers | null> {
    return (this.rests && (await this.run?.answers(learner))) || null;
  }

  async exportBundle(weights: NamedArray[] | null): Promise<ExportBundle | null> {
    return (await this.run?.exportBundle({ weights, rests: this.rests })) ?? null;
  }

  /** Ends the run without a last evaluation and frees everything. */
  async dispose(): Promise<void> {
    this.ended = true;
    this.wake();
    await this.done;
    this.run?.dispose();
    this.run = null;
    this.dataset = null;
  }

  private async drive({ recipe, dataset: loading, help, from, checkpointer }: RunOrder): Promise<void> {
    this.postStatus('preparing');
    let dataset: Dataset;
    try {
      dataset = await loading;
    } catch (error) {
      return this.fail(sentenceOf(error), 'material.dataset');
    }
    if (this.ended) return;
    this.dataset = dataset;
    this.recipe = from?.checkpoint.recipe ?? recipe;
    this.checkpointer = checkpointer?.(dataset) ?? null;
    const run = new Run(recipe, dataset, help, from?.checkpoint);
    this.run = run;
    if (from)
      this.post({ type: 'continued', run: this.id, recipe: from.checkpoint.recipe, chunks: from.chunks });
    this.report?.begin();
    this.postStatus('running');
    const messages = new MessageYielder();
    let end: RunStatus = 'stopped';
    for await (const tick of run.ticks()) {
      // A continued run has its `started` event in the log.
      const events = from ? tick.filter(({ type }) => type !== 'started') : tick;
      this.send([...this.early.splice(0), ...events]);
      const over = events.find((event) => event.type === 'finished' || event.type === 'failed');
      if (over) end = over.type === 'failed' ? 'failed' : over.stopped ? 'stopped' : 'finished';
      else if (this.checkpointer) this.postEvents(await this.checkpointer.between(run));
      await messages.ifDue();
      if (this.mode !== 'running' && !over) await this.pauseRun(run);
      if (this.ended) break;
    }
    await this.checkpointer?.end(end === 'failed' ? null : run, end);
    this.rests = true;
    if (!this.ended) this.report?.end();
    this.postStatus(end);
  }

  private async pauseRun(run: Run): Promise<void> {
    try {
      this.send(await run.flush());
    } catch {
      // The next tick meets the same fault and reports it as the run's failure.
    }
    this.mode = 'paused';
    this.postStatus('paused');
    if (this.checkpointer) this.postEvents(await this.checkpointer.settle(run));
    this.rests = true;
    if (this.isHeld())
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    this.rests = false;
    this.wake = () => undefined;
    if (this.isRunning()) this.postStatus('running');
  }

  private isHeld(): boolean {
    return this.mode === 'paused' && !this.ended;
  }

  /** A method, because the compiler does not expect the mode to change during an await. */
  private isRunning(): boolean {
    return this.mode === 'running' && !this.ended;
  }

  private send(events: RunEvent[]): void {
    this.checkpointer?.take(events);
    this.postEvents(events);
  }

  private postEvents(events: RunEvent[]): void {
    if (events.length === 0) return;
    // The checkpointer adds events to the same record.
    if (this.report) this.report.take(events, this.checkpointer !== null);
    else this.post({ type: 'events', run: this.id, events });
  }

  private postStatus(state: RunStatus): void {
    if (!this.ended) this.post({ type: 'state', run: this.id, state });
  }
}
