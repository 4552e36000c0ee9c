/** Drives one run at the pace the page asks for, one tick at a time, letting messages in between. */
import type { Dataset } from '../data/dataset';
import type { KnobValue } from '../distill/knobs';
import type { Recipe } from '../distill/recipe';
import type { Learner, RunEvent } from '../training/events';
import { Run, type RunHelp } from '../training/run';
import { Breather } from './breather';
import type { RunId, RunState, TrainingMessage } from './protocol';

export class Pump {
  readonly id: RunId;
  private readonly post: (message: TrainingMessage) => void;
  private run: Run | null = null;
  /** What to do before the next tick; `single` lets one through. */
  private mode: 'running' | 'paused' | 'single' = 'running';
  private ended = false;
  private wake: () => void = () => undefined;
  private done: Promise<void> = Promise.resolve();

  constructor(id: RunId, post: (message: TrainingMessage) => void) {
    this.id = id;
    this.post = post;
  }

  /** Starts the run; faults become events, so nothing is thrown. */
  start(recipe: Recipe, dataset: Promise<Dataset>, help: RunHelp): void {
    this.done = this.drive(recipe, dataset, help);
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

  /** Ends the run properly, with a last measurement. */
  stop(): void {
    this.run?.requestStop();
    this.resume();
  }

  turn(path: string, value: KnobValue): void {
    const problem = this.run?.turn(path, value);
    if (problem) this.send([{ type: 'warning', step: 0, text: problem }]);
  }

  async weights(learner: Learner): Promise<Uint8Array | null> {
    return (await this.run?.weights(learner)) ?? null;
  }

  /** Breaks off without a last measurement and frees everything. */
  async dispose(): Promise<void> {
    this.ended = true;
    this.wake();
    await this.done;
    this.run?.dispose();
    this.run = null;
  }

  private async drive(recipe: Recipe, loading: Promise<Dataset>, help: RunHelp): Promise<void> {
    this.state('preparing');
    let dataset: Dataset;
    try {
      dataset = await loading;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.send([{ type: 'failed', step: 0, phase: 'student', message, knob: 'material.dataset' }]);
      this.state('failed');
      return;
    }
    if (this.ended) return;
    const run = new Run(recipe, dataset, help);
    this.run = run;
    this.state('running');
    const breather = new Breather();
    let end: RunState = 'stopped';
    for await (const events of run.ticks()) {
      this.send(events);
      const over = events.find((event) => event.type === 'finished' || event.type === 'failed');
      if (over) end = over.type === 'failed' ? 'failed' : over.stopped ? 'stopped' : 'finished';
      await breather.ifDue();
      if (this.mode !== 'running' && !over) await this.hold(run);
      if (this.ended) break;
    }
    this.state(end);
  }

  private async hold(run: Run): Promise<void> {
    try {
      this.send(await run.flush());
    } catch {
      // The next tick meets the same fault and reports it as the run's failure.
    }
    this.mode = 'paused';
    this.state('paused');
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = () => undefined;
    if (this.isRunning()) this.state('running');
  }

  /** Read afresh: the mode changes behind the compiler's back while a run is held. */
  private isRunning(): boolean {
    return this.mode === 'running' && !this.ended;
  }

  private send(events: RunEvent[]): void {
    if (events.length > 0) this.post({ type: 'events', run: this.id, events });
  }

  private state(state: RunState): void {
    if (!this.ended) this.post({ type: 'state', run: this.id, state });
  }
}
