/**
 * A pool of training workers that carries out cells of an experiment, some at a time. Each cell is an ordinary run, so its
 * numbers do not depend on how many workers there are. A worker that dies is replaced, and its cell goes on from its last
 * checkpoint.
 */
import { methods } from '../distill/methods/abouts';
import type { Recipe } from '../distill/recipe';
import type { BackendName } from '../engine/backend-names';
import { sentenceOf } from '../limits/texts';
import type { MetricsLabel } from '../record/run-metrics';
import type { OwnSetRef } from '../storage/set-handle';
import type { Latencies, Phase } from '../training/events';
import { chooseBackend } from './headless-run';
import { nextPlace, secondsLeft, type CellShare, type OrderedCell } from './pool-order';
import { TrainingClient } from './training-client';
import type { CellEnd, Ending, RunId, RunStatus, TrainingEvent } from './training-protocol';

export interface PoolCell extends OrderedCell {
  run: RunId;
  recipe: Recipe;
  dataset: OwnSetRef | null;
  /** It was begun before and is stored, so that it goes on from its last checkpoint. */
  begun: boolean;
  /** Key of the student's network: one key, one latency. */
  network: string;
  /** What it is called in its `metrics.json`, where that is wanted. */
  label?: MetricsLabel;
}

type LatencyCell = Pick<PoolCell, 'recipe' | 'dataset' | 'network'>;

export interface CellProgress {
  phase: Phase;
  /** Steps of all phases. */
  done: number;
  total: number;
}

export interface PoolProgress {
  /** By run, of the cells that are being carried out. */
  running: ReadonlyMap<RunId, CellProgress>;
  /** Cells that are not over yet, the running ones among them. */
  left: number;
  /** Null while nothing can be said. */
  secondsLeft: number | null;
}

export interface PoolListener {
  /** A worker has chosen its backend. */
  onBackend?(backend: BackendName): void;
  /** A cell is begun; it starts when this resolves. */
  onBegin(cell: PoolCell): Promise<void>;
  /** A cell that was begun before goes on. @param step of the student; 0 before its phase */
  onContinued?(run: RunId, step: number): void;
  /** A cell is over; the worker's next one has begun. @param isStored whether anything of it may be stored */
  onEnd(cell: PoolCell, end: Ending, isStored: boolean): Promise<void>;
  /** How long the student's network of the cells with this key takes to answer; told after the last cell. */
  onLatencies?(network: string, latencies: Latencies): Promise<void>;
  onProgress(progress: PoolProgress): void;
  /** No cell is left; not called after `close`. */
  onDone(): void;
}

export interface PoolOptions {
  workers: number;
  backend: BackendName | null;
  /** Of each worker, on WebAssembly; 1 where it is left out. */
  threads?: number | undefined;
  /** Whether cells are stored as they go; late: from their first checkpoint on. */
  keep: boolean | 'late';
  /** Cells that are over, whose latency was not measured before the pool of then ended. */
  unmeasured?: readonly LatencyCell[];
  /** Replaced in tests. */
  connect?: (hear: (event: TrainingEvent) => void) => PoolClient;
}

type PoolClient = Pick<TrainingClient, 'call' | 'tell' | 'dispose'>;

const ends: readonly RunStatus[] = ['finished', 'stopped', 'failed', 'interrupted'];
/** A cell whose worker died so often is given up. */
const mostCrashes = 3;
/** Milliseconds between reports of progress. */
const reportInterval = 250;

export class CellPool {
  private waiting: PoolCell[];
  private readonly slots = new Set<Slot>();
  private readonly begun = new Set<string>();
  /** Of the cells that are over. */
  private readonly shares = new Map<RunId, CellShare>();
  private readonly all: number;
  /** A cell of each network whose latency is to be measured. */
  private readonly unmeasured: Map<string, LatencyCell>;
  private workers: number;
  private paused = false;
  private closed = false;
  private busySeconds = 0;
  private reportDue: ReturnType<typeof setTimeout> | null = null;

  constructor(
    cells: readonly PoolCell[],
    private readonly options: PoolOptions,
    private readonly listener: PoolListener,
  ) {
    this.waiting = [...cells];
    this.all = cells.length;
    const measured = listener.onLatencies ? [...(options.unmeasured ?? []), ...cells] : [];
    this.unmeasured = new Map(measured.map((cell) => [cell.network, cell]));
    this.workers = options.workers;
    this.fill();
  }

  /** More workers begin at once; with fewer, some end after their cell. */
  setWorkers(workers: number): void {
    this.workers = workers;
    this.fill();
  }

  /** Holds all cells between two steps, with a checkpoint each. */
  pause(): void {
    this.paused = true;
    this.slots.forEach((slot) => slot.pause());
  }

  resume(): void {
    this.paused = false;
    this.slots.forEach((slot) => slot.resume());
    this.fill();
  }

  /** Ends all workers. Cells under way can go on from their last checkpoints. */
  close(): void {
    this.closed = true;
    this.waiting = [];
    if (this.reportDue !== null) clearTimeout(this.reportDue);
    this.slots.forEach((slot) => slot.dispose());
    this.slots.clear();
  }

  private fill(): void {
    while (!this.paused && this.slots.size < Math.min(this.workers, this.slots.size + this.due))
      void this.work(new Slot(this.options, this.listener, () => this.reportSoon()));
  }

  /** What a further worker could take up: cells, and at their end the latencies. */
  private get due(): number {
    const isMeasuringLeft = this.slots.size === 0 && this.unmeasured.size > 0;
    return this.waiting.length || (isMeasuringLeft ? 1 : 0);
  }

  private async work(slot: Slot): Promise<void> {
    this.slots.add(slot);
    // What came of a cell is taken while the next one is computed.
    let taken = Promise.resolve();
    for (let cell = this.take(); cell; cell = this.take()) {
      const end = await this.carryOut(slot, cell);
      await taken;
      if (this.closed) return;
      taken = this.passOn(cell, end, slot.isStored);
      if (this.slots.size > this.workers || this.paused) break;
    }
    await taken;
    if (this.closed) return;
    if (this.slots.size === 1 && this.waiting.length === 0) await this.measureLatencies(slot);
    slot.dispose();
    this.slots.delete(slot);
    if (this.closed) return;
    this.report();
    if (this.slots.size === 0 && this.waiting.length === 0) this.listener.onDone();
    // The pool may have been resumed while this worker was leaving.
    else this.fill();
  }

  private async carryOut(slot: Slot, cell: PoolCell): Promise<Ending> {
    slot.cell = cell;
    const started = performance.now();
    try {
      await this.listener.onBegin(cell);
      return await slot.carryOut(cell);
    } catch (error) {
      return { failure: sentenceOf(error) };
    } finally {
      this.countTime(started, slot, cell);
      slot.cell = null;
      if (cell.teacher !== null) this.begun.add(cell.teacher);
    }
  }

  private passOn(cell: PoolCell, end: Ending, isStored: boolean): Promise<void> {
    return this.listener
      .onEnd(cell, end, isStored)
      .catch((error: unknown) => this.listener.onEnd(cell, { failure: sentenceOf(error) }, isStored));
  }

  /** By the last worker, when no other one computes. */
  private async measureLatencies(slot: Slot): Promise<void> {
    for (const [network, cell] of this.unmeasured) {
      const latencies = await slot.latenciesOf(cell).catch(() => null);
      if (this.closed) return;
      this.unmeasured.delete(network);
      if (latencies) await this.listener.onLatencies?.(network, latencies);
    }
  }

  private countTime(started: number, slot: Slot, { run }: PoolCell): void {
    this.busySeconds += (performance.now() - started) / 1000;
    this.shares.set(run, { done: 1, before: slot.shareBefore });
  }

  private take(): PoolCell | null {
    if (this.paused) return null;
    const training = new Set([...this.slots].flatMap((slot) => slot.teacherInTraining ?? []));
    const place = nextPlace(this.waiting, new Set([...this.begun, ...training]), training);
    return place === null ? null : this.waiting.splice(place, 1)[0]!;
  }

  private reportSoon(): void {
    this.reportDue ??= setTimeout(() => this.report(), reportInterval);
  }

  private report(): void {
    if (this.reportDue !== null) clearTimeout(this.reportDue);
    this.reportDue = null;
    if (this.closed) return;
    const running = new Map<RunId, CellProgress>();
    let seconds = this.busySeconds;
    const shares = new Map(this.shares);
    for (const { cell, progress, elapsed, shareBefore } of this.slots) {
      if (!cell || !progress) continue;
      running.set(cell.run, progress);
      shares.set(cell.run, { done: progress.done / Math.max(1, progress.total), before: shareBefore });
      seconds += elapsed;
    }
    const busy = [...this.slots].filter(({ cell }) => cell).length;
    this.listener.onProgress({
      running,
      left: this.waiting.length + busy,
      secondsLeft: secondsLeft(seconds, [...shares.values()], this.all, this.workers),
    });
  }
}

/** One worker of the pool, which stays for the cells after its first. */
class Slot {
  cell: PoolCell | null = null;
  /** Share of the present cell's steps that were done before the pool took it up. */
  shareBefore = 0;
  /** Whether anything of the present cell may be stored. */
  isStored = false;
  /** Null before the run has told what it plans. */
  progress: CellProgress | null = null;
  private readonly client: PoolClient;
  private onEvent: (event: TrainingEvent) => void = () => undefined;
  private giveUp: (reason: Error) => void = () => undefined;
  private backendChosen = false;
  private startedAt = 0;
  private held = false;
  private goOn: () => void = () => undefined;

  constructor(
    private readonly options: PoolOptions,
    private readonly listener: Pick<PoolListener, 'onContinued' | 'onBackend'>,
    private readonly onProgress: () => void,
  ) {
    const { connect = (hear) => new TrainingClient(hear) } = options;
    this.client = connect((event) => this.onEvent(event));
  }

  /** Seconds of the present cell. */
  get elapsed(): number {
    return this.cell ? (performance.now() - this.startedAt) / 1000 : 0;
  }

  /** Null once the student learns. */
  get teacherInTraining(): string | null {
    const isTeaching = !this.progress || this.progress.phase === 'teacher';
    return this.cell && isTeaching ? this.cell.teacher : null;
  }

  pause(): void {
    this.held = true;
    if (this.cell) this.client.tell({ type: 'pause', run: this.cell.run });
  }

  resume(): void {
    this.held = false;
    if (this.cell) this.client.tell({ type: 'resume', run: this.cell.run });
    this.goOn();
  }

  dispose(): void {
    this.client.dispose();
    this.giveUp(new Error('The experiment was stopped.'));
  }

  /** @throws Error with a sentence when the cell cannot be carried out */
  async carryOut(cell: PoolCell): Promise<CellEnd> {
    this.startedAt = performance.now();
    this.progress = null;
    this.shareBefore = 0;
    let { begun } = cell;
    this.isStored = begun || this.options.keep === true;
    for (let crashes = 0; ; crashes++) {
      if (this.held) await new Promise<void>((resolve) => (this.goOn = resolve));
      await this.begin();
      const { state, end, saved } = await this.attempt(cell, { begun, keep: this.options.keep });
      if (!('failure' in end)) return end;
      if (state !== 'interrupted' || crashes + 1 >= mostCrashes) throw new Error(end.failure);
      begun = begun || saved;
    }
  }

  /** Chooses the backend, once. */
  private async begin(): Promise<void> {
    if (this.backendChosen) return;
    // The cores are for the workers.
    const { name } = await chooseBackend(this.client, this.options.backend, this.options.threads ?? 1);
    this.backendChosen = true;
    this.listener.onBackend?.(name);
  }

  /**
   * How long the student's network takes to answer. A run of one step without a teacher builds it: what it has learned makes
   * no difference. Null where such a run cannot be carried out.
   */
  async latenciesOf({ recipe, dataset }: LatencyCell): Promise<Latencies | null> {
    await this.begin();
    const run = 'latency';
    const alone = { run, recipe: oneStep(recipe), dataset, begun: false };
    const { state } = await this.attempt(alone, { begun: false, keep: false });
    return state === 'finished' ? this.client.call('measureLatency', { run }) : null;
  }

  private async attempt(
    cell: Omit<PoolCell, 'teacher' | 'network'>,
    { begun, keep }: { begun: boolean; keep: PoolOptions['keep'] },
  ) {
    const { run, recipe, dataset, label = null } = cell;
    let end: Ending = { failure: 'The run ended without a result.' };
    let saved = false;
    let goesOn = false;
    this.progress = null;
    const over = new Promise<{ state: RunStatus; end: Ending; saved: boolean }>((resolve, reject) => {
      this.giveUp = reject;
      this.onEvent = (event) => {
        if (event.type === 'backend' || event.run !== run) return;
        if (event.type === 'storage') this.isStored = true;
        if (event.type === 'storage' && event.saved) saved = true;
        // Of a worker that died, why.
        if (event.type === 'events')
          for (const told of event.events) if (told.type === 'warning') end = { failure: told.text };
        if (event.type === 'continued') goesOn = true;
        if (event.type === 'progress') {
          const { phase, done, total, step } = event;
          this.progress = { phase, done, total };
          if (goesOn) {
            goesOn = false;
            // A cell that goes on after a crash was begun in this pool, unless it had been before.
            if (cell.begun) this.shareBefore ||= done / Math.max(1, total);
            this.listener.onContinued?.(run, step);
          }
          this.onProgress();
        }
        if (event.type === 'cell') end = event.end;
        if (event.type === 'state' && ends.includes(event.state)) resolve({ state: event.state, end, saved });
      };
    });
    // A crash is also reported as the end of the run; what only the call says is that a run cannot go on.
    const start = () =>
      this.client.call('start', {
        ...{ run, recipe, dataset, cell: { label } },
        ...{ keep: keep !== false, late: keep === 'late' },
      });
    const called = begun
      ? this.client.call('continue', { run, cell: { label } }).catch((error: unknown) => {
          if (error instanceof Error && error.name === 'WorkerGone') return undefined;
          // Nothing was saved of it, or it is damaged: it begins again.
          return start();
        })
      : start();
    called.catch(() => undefined);
    if (this.held) this.pause();
    return over;
  }
}

/** The student alone, for one step. */
function oneStep(recipe: Recipe): Recipe {
  const { objective, schedule, ...alone } = methods.find(({ id }) => id === 'labels-only')!.apply(recipe);
  return {
    ...alone,
    objective: { ...objective, control: false },
    schedule: { ...schedule, steps: 1, evaluateEvery: 1 },
  };
}
