/** The page's side of the training worker: gives a new worker the former one's settings, and turns a crash into an event. */
import { teacherOf, type HeldTeacher } from '../storage/stored-teachers';
import { RpcClient, type CallOptions, type Caller, type WorkerLike } from './rpc';
import { startWorker } from './start-worker';
import type { RunId, TrainingCommand, TrainingEvent, TrainingProtocol } from './training-protocol';

type Calls = TrainingProtocol['calls'];
type Name = keyof Calls;
type Options = CallOptions<TrainingProtocol['part']>;

export class TrainingClient implements Caller<TrainingProtocol> {
  private readonly worker: RpcClient<TrainingProtocol>;
  private readonly listener: (event: TrainingEvent) => void;
  private activeRun: RunId | null = null;
  /** The storage was cleared, and with it the service worker: the present worker can no longer fetch files. */
  private cutOff = false;
  private backend: Calls['backend']['takes'] | null = null;
  /** Imported teachers that could not be stored and are in memory only. */
  private readonly unstored = new Map<string, HeldTeacher>();

  /** @param create replaced in tests */
  constructor(
    listener: (event: TrainingEvent) => void,
    create: () => WorkerLike = () => startWorker('training'),
  ) {
    this.listener = listener;
    this.worker = new RpcClient<TrainingProtocol>({
      create,
      crashSentence: (why) => `The training worker stopped (${why || 'no reason given'}).`,
      onEvent: (event) => this.hear(event),
      onCrash: (sentence) => this.crashed(sentence),
      restore: () => this.restore(),
    });
  }

  /** The worker starts with the first call. */
  async call<N extends Name>(
    name: N,
    input: Calls[N]['takes'],
    options?: Options,
  ): Promise<Calls[N]['gives']> {
    const order =
      name === 'start' && this.cutOff ? await this.startAnew(input as Calls['start']['takes']) : input;
    const run = name === 'start' || name === 'continue' ? (input as { run: RunId }).run : null;
    if (run !== null) this.activeRun = run;
    const answer = this.worker.call(name, order, options);
    if (run !== null) answer.catch(() => this.over(run));
    if (name === 'backend') this.backend = input as Calls['backend']['takes'];
    if (name === 'importTeacher' || name === 'teacherOfRun')
      this.remember(answer as Promise<Calls['importTeacher']['gives']>);
    return answer;
  }

  tell(command: TrainingCommand): void {
    this.worker.tell(command);
  }

  dispose(): void {
    this.worker.dispose();
    this.activeRun = null;
  }

  /** Ends the worker; data of the cleared storage that only it holds is passed to the next one. */
  private async startAnew(order: Calls['start']['takes']): Promise<Calls['start']['takes']> {
    const hash = order.dataset?.kind === 'stored' ? order.dataset.hash : null;
    const nothing = { set: null, teacher: null };
    const { set, teacher } = await this.worker
      .call('lend', { set: hash, teacher: teacherOf(order.recipe) })
      .catch(() => nothing);
    if (teacher) this.unstored.set(teacher.about.id, teacher);
    this.worker.dispose('The training worker was started anew.');
    return set && hash !== null ? { ...order, dataset: { kind: 'held', hash, file: set } } : order;
  }

  private hear(event: TrainingEvent): void {
    if (event.type === 'storage' && event.fault?.kind === 'lost') this.cutOff = true;
    if (event.type === 'state' && isOver(event.state)) this.over(event.run);
    this.listener(event);
  }

  private over(run: RunId): void {
    if (run === this.activeRun) this.activeRun = null;
  }

  /** Reports that the run was interrupted; the next call starts a new worker. */
  private crashed(text: string): void {
    const run = this.activeRun;
    this.activeRun = null;
    if (run === null) return;
    this.listener({ type: 'events', run, events: [{ type: 'warning', step: 0, text }] });
    this.listener({ type: 'state', run, state: 'interrupted' });
  }

  /** Restores the former worker's settings. A failure shows when the missing part is used. */
  private restore(): void {
    this.cutOff = false;
    const missed = () => undefined;
    if (this.backend) this.worker.call('backend', this.backend).catch(missed);
    for (const teacher of this.unstored.values()) this.worker.call('restoreTeacher', teacher).catch(missed);
  }

  private remember(answer: Promise<Calls['importTeacher']['gives']>): void {
    answer.then(
      ({ held }) => {
        if (held) this.unstored.set(held.about.id, held);
      },
      () => undefined,
    );
  }
}

function isOver(state: string): boolean {
  return ['finished', 'stopped', 'failed'].includes(state);
}
