/** A worker without a thread: its scope and the page's side of it copy messages as a browser does. */
import type { WorkerLike, WorkerScope } from '../../../src/worker/rpc';

type Listener = (event: never) => void;

class Ears {
  private readonly listeners: [string, Listener][] = [];
  addEventListener(type: string, listener: Listener): void {
    this.listeners.push([type, listener]);
  }
  hear(type: string, event: object): void {
    for (const [known, listener] of this.listeners) if (known === type) listener(event as never);
  }
}

export class LinkedWorker {
  private readonly page = new Ears();
  private readonly inside = new Ears();
  ended = false;
  /** All that the page sent, as it arrived. */
  readonly sent: unknown[] = [];

  readonly scope: WorkerScope = {
    postMessage: (message, { transfer }) => this.deliver(this.page, message, transfer),
    addEventListener: (type, listener) => this.inside.addEventListener(type, listener as Listener),
  };

  readonly worker = {
    postMessage: (message: unknown, transfer: Transferable[] = []) =>
      this.deliver(this.inside, message, transfer),
    addEventListener: (type: string, listener: Listener) => this.page.addEventListener(type, listener),
    terminate: () => (this.ended = true),
  } as unknown as WorkerLike;

  /** @param serveIn what the worker's entry file does */
  constructor(serveIn: (scope: WorkerScope) => void) {
    serveIn(this.scope);
  }

  /** An error that nothing in the worker caught. */
  crash(message = 'boom'): void {
    this.page.hear('error', { message, preventDefault: () => undefined });
  }

  /** A message of the worker that the page cannot read. */
  garble(): void {
    this.page.hear('messageerror', {});
  }

  private deliver(to: Ears, message: unknown, transfer: Transferable[]): void {
    const data: unknown = structuredClone(message, { transfer: transfer as ArrayBuffer[] });
    if (to === this.inside) this.sent.push(data);
    queueMicrotask(() => {
      if (!this.ended) to.hear('message', { data });
    });
  }
}
