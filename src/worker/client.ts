/** Page side of the training worker: sends commands, hands messages on, and turns a crash into an ordinary event. */
import { Delivery } from './delivery';
import type { RunId, TrainingCommand, TrainingMessage } from './protocol';
import { startWorker } from './start-worker';

export class TrainingClient {
  private worker: { worker: Worker; delivery: Delivery } | null = null;
  private readonly listener: (message: TrainingMessage) => void;
  private activeRun: RunId | null = null;
  /** A browser that clears its storage takes the service worker along, and a worker that had it can fetch no more. */
  private cutOff = false;
  private forcedBackend: Extract<TrainingCommand, { type: 'backend' }> | null = null;

  constructor(listener: (message: TrainingMessage) => void) {
    this.listener = listener;
  }

  /** Queues a command; the worker is made with the first one. */
  send(command: TrainingCommand): void {
    if (command.type === 'start' && this.cutOff) this.renew();
    if (command.type === 'start' || command.type === 'continue') this.activeRun = command.run;
    if (command.type === 'backend') this.forcedBackend = command;
    this.ready().send(command);
  }

  dispose(): void {
    this.worker?.worker.terminate();
    this.worker?.delivery.stop();
    this.worker = null;
    this.activeRun = null;
    this.cutOff = false;
  }

  private renew(): void {
    this.dispose();
    if (this.forcedBackend) this.ready().send(this.forcedBackend);
  }

  private ready(): Delivery {
    if (this.worker) return this.worker.delivery;
    const worker = startWorker('training');
    worker.addEventListener('message', ({ data }: MessageEvent<TrainingMessage>) => {
      if (data.type === 'storage' && data.fault?.kind === 'lost') this.cutOff = true;
      if (isEnd(data) && data.run === this.activeRun) this.activeRun = null;
      this.listener(data);
    });
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.crashed(event.message);
    });
    worker.addEventListener('messageerror', () => this.crashed('a message could not be read'));
    const delivery = new Delivery(worker);
    this.worker = { worker, delivery };
    return delivery;
  }

  /** Throws the broken worker away and tells the page that the run broke off; the next command makes a new worker. */
  private crashed(why: string): void {
    const run = this.activeRun;
    this.renew();
    if (run === null) return;
    const text = `The training worker stopped (${why || 'no reason given'}).`;
    this.listener({ type: 'events', run, events: [{ type: 'warning', step: 0, text }] });
    this.listener({ type: 'state', run, state: 'interrupted' });
  }
}

function isEnd(message: TrainingMessage): message is Extract<TrainingMessage, { run: RunId }> {
  if (message.type === 'refused') return true;
  return message.type === 'state' && ['finished', 'stopped', 'failed'].includes(message.state);
}
