/**
 * The typed protocol between the page and its workers. The page calls by name and gets a promise; a call can send parts of
 * its input ahead, report progress, be cancelled, and transfer buffers instead of copying them. A worker also takes
 * commands and emits events, neither of which is answered. When a worker dies, each pending call
 * rejects with a sentence, and the next call starts a new worker.
 */
import { MessageYielder } from './yield-to-messages';
import { sentenceOf } from '../limits/texts';

/** The messages of one worker. Each worker defines its own in its `*-protocol.ts`. */
export interface Protocol {
  calls: Record<string, { takes: unknown; gives: unknown }>;
  /** Type of a part sent ahead of a call, and of all parts as the worker gathers them. */
  part: unknown;
  gathered: unknown;
  command: unknown;
  event: unknown;
}

type Name<P extends Protocol> = keyof P['calls'] & string;

export type OnProgress = (text: string, share: number | null) => void;

export interface CallOptions<Part = unknown> {
  /** `share` is 0..1, or null when it is not known. */
  onProgress?: OnProgress;
  /** Rejects the call with the signal's reason and asks the worker to end it. */
  signal?: AbortSignal;
  /** Moved to the worker with the input: such a call cannot be sent to another one, and rejects. */
  transfer?: Transferable[];
  /**
   * Sent ahead of the input with pauses between, so that the page stays responsive. Later calls wait. It is gone through
   * again where the call is sent to another worker.
   */
  parts?: Iterable<{ part: Part; transfer?: Transferable[] }>;
}

/** The page's side of a worker. */
export interface Caller<P extends Protocol> {
  /** @throws Error (by rejection) with a sentence: the worker refused, or it stopped (`WorkerGone`) */
  call<N extends Name<P>>(
    name: N,
    input: P['calls'][N]['takes'],
    options?: CallOptions<P['part']>,
  ): Promise<P['calls'][N]['gives']>;
  tell(command: P['command']): void;
  /** Ends the worker; pending calls reject. */
  dispose(): void;
}

type ToWorker =
  | { kind: 'part'; id: number; part: unknown }
  | { kind: 'call'; id: number; name: string; input: unknown }
  | { kind: 'cancel'; id: number }
  | { kind: 'command'; command: unknown };

type FromWorker =
  | { kind: 'progress'; id: number; text: string; share: number | null }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'fault'; id: number; message: string }
  | { kind: 'event'; event: unknown };

/** The worker stopped before it answered. The message is a sentence for the page. */
export class WorkerGone extends Error {
  override name = 'WorkerGone';
}

/** The used part of the `Worker` interface. */
export type WorkerLike = Pick<Worker, 'postMessage' | 'addEventListener' | 'terminate'>;

export interface ClientOptions<P extends Protocol> {
  create: () => WorkerLike;
  /** The sentence with which pending calls reject. @param why the browser's message, may be empty */
  crashSentence: (why: string) => string;
  onEvent?: (event: P['event']) => void;
  /** Called after a crash, before the pending calls reject. */
  onCrash?: (sentence: string) => void;
  /** Restores the state of a new worker; its calls precede all others. */
  restore?: () => void;
  /** Ends the worker when no call is pending, which is the only way to free its memory: it keeps nothing between calls. */
  endsWhenIdle?: boolean;
}

/** Milliseconds after which a worker that has not ended a cancelled call is terminated. */
const cancelPatience = 2000;

interface Pending {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
  onProgress: OnProgress;
  cancelled: boolean;
  /** Whose worker has it. */
  line: Line | null;
  /** Sends it to the worker that there is, or to a new one. */
  send: () => void;
  /** Called when the worker has ended the call, or has died. */
  settled: () => void;
}

interface Letter {
  message: ToWorker;
  transfer: Transferable[];
  parts: Iterable<{ part: unknown; transfer?: Transferable[] }>;
  pending: Pending | null;
}

/** One worker and its pending calls. */
interface Line {
  worker: WorkerLike;
  pending: Map<number, Pending>;
  outbox: Letter[];
  busy: boolean;
  over: boolean;
}

export class RpcClient<P extends Protocol> implements Caller<P> {
  private line: Line | null = null;
  private calls = 0;
  private readonly messages = new MessageYielder();

  constructor(private readonly options: ClientOptions<P>) {}

  call<N extends Name<P>>(
    name: N,
    input: P['calls'][N]['takes'],
    options: CallOptions<P['part']> = {},
  ): Promise<P['calls'][N]['gives']> {
    const { onProgress = () => undefined, signal, transfer = [], parts = [] } = options;
    const id = ++this.calls;
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        ...{ resolve, reject, onProgress, cancelled: false, line: null, settled: () => undefined },
        send: () => {
          const line = (pending.line = this.ready());
          line.pending.set(id, pending);
          this.post(line, { message: { kind: 'call', id, name, input }, transfer, parts, pending });
        },
      };
      signal?.addEventListener('abort', () => this.cancel(pending, id, signal.reason), { once: true });
      pending.send();
      if (signal?.aborted) this.cancel(pending, id, signal.reason);
    });
  }

  /** Ignored while there is no worker. */
  tell(command: P['command']): void {
    const message: ToWorker = { kind: 'command', command };
    if (this.line) this.post(this.line, { message, transfer: [], parts: [], pending: null });
  }

  /** @param why the sentence with which pending calls reject */
  dispose(why = 'The page is closing.'): void {
    if (this.line) this.end(this.line, why);
  }

  /** Starts and restores a worker where there is none. */
  start(): void {
    this.ready();
  }

  private ready(): Line {
    if (this.line) return this.line;
    const worker = this.options.create();
    const line: Line = { worker, pending: new Map(), outbox: [], busy: false, over: false };
    this.line = line;
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.take(line, data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.crashed(line, event.message);
    });
    worker.addEventListener('messageerror', () => this.crashed(line, 'a message could not be read'));
    this.options.restore?.();
    return line;
  }

  private take(line: Line, message: FromWorker): void {
    if (line.over) return;
    if (message.kind === 'event') return this.options.onEvent?.(message.event);
    const pending = line.pending.get(message.id);
    if (!pending) return;
    if (message.kind === 'progress') {
      if (!pending.cancelled) pending.onProgress(message.text, message.share);
      return;
    }
    line.pending.delete(message.id);
    pending.settled();
    if (message.kind === 'answer') pending.resolve(message.value);
    else pending.reject(new Error(message.message));
    this.endIfIdle(line);
  }

  private cancel(pending: Pending, id: number, reason: unknown): void {
    const { line, cancelled } = pending;
    if (!line || line.pending.get(id) !== pending || cancelled || line.over) return;
    pending.cancelled = true;
    pending.reject(reason);
    const timer = setTimeout(() => this.giveUp(line), cancelPatience);
    pending.settled = () => clearTimeout(timer);
    const message: ToWorker = { kind: 'cancel', id };
    // Sent at once: parts in transit may be large, and the worker may be busy with the call.
    line.worker.postMessage(message);
  }

  /** Ends a worker that does not end what was cancelled. One that keeps nothing between calls has its others done by the next. */
  private giveUp(line: Line): void {
    const others = this.options.endsWhenIdle
      ? [...line.pending].filter(([, { cancelled }]) => !cancelled)
      : [];
    for (const [id] of others) line.pending.delete(id);
    this.crashed(line, 'it did not end what was cancelled');
    for (const [, { send }] of others) send();
  }

  private post(line: Line, letter: Letter): void {
    line.outbox.push(letter);
    if (!line.busy) void this.deliver(line);
  }

  /** In the order of the calls; at once while no parts are on their way. */
  private async deliver(line: Line): Promise<void> {
    line.busy = true;
    for (let letter = line.outbox.shift(); letter; letter = line.outbox.shift()) {
      const { message, transfer, parts, pending } = letter;
      try {
        for (const { part, transfer: moved = [] } of parts) {
          if (line.over || pending?.cancelled || message.kind !== 'call') break;
          line.worker.postMessage({ kind: 'part', id: message.id, part } satisfies ToWorker, moved);
          await this.messages.ifDue();
        }
        if (line.over) return;
        if (!pending?.cancelled) line.worker.postMessage(message, transfer);
      } catch (error) {
        // An input that cannot be cloned never reaches the worker.
        if (message.kind === 'call') line.pending.delete(message.id);
        pending?.reject(error);
        this.endIfIdle(line);
      }
    }
    line.busy = false;
  }

  private crashed(line: Line, why: string): void {
    if (line.over) return;
    const sentence = this.options.crashSentence(why);
    this.end(line, sentence, () => this.options.onCrash?.(sentence));
  }

  private endIfIdle(line: Line): void {
    if (this.options.endsWhenIdle && line.pending.size === 0) this.end(line, '');
  }

  private end(line: Line, sentence: string, before: () => void = () => undefined): void {
    line.over = true;
    line.worker.terminate();
    if (this.line === line) this.line = null;
    before();
    for (const { reject, settled } of line.pending.values()) {
      settled();
      reject(new WorkerGone(sentence));
    }
    line.pending.clear();
  }
}

/** Means of a handler beside its input. */
export interface CallContext<Gathered = unknown> {
  /** Reports progress to the page; reports that come too often are dropped. */
  progress: OnProgress;
  /** Aborted when the page cancels the call. */
  signal: AbortSignal;
  /** The gathered parts; null when there were none. */
  gathered: Gathered | null;
  /** Moves these to the page with the answer instead of copying them. */
  transfer: (...moved: Transferable[]) => void;
}

export type Handlers<P extends Protocol> = {
  [N in Name<P>]: (
    input: P['calls'][N]['takes'],
    context: CallContext<P['gathered']>,
  ) => Promise<P['calls'][N]['gives']> | P['calls'][N]['gives'];
};

/** The used part of a worker's global object. */
export interface WorkerScope {
  postMessage(message: unknown, options: { transfer: Transferable[] }): void;
  addEventListener(type: 'message' | 'messageerror', listener: (event: MessageEvent) => void): void;
}

export interface ServerOptions<P extends Protocol> {
  handlers: Handlers<P>;
  /** Adds a part to those that came before it for the same call. */
  gather?: (before: P['gathered'] | null, part: P['part']) => P['gathered'];
  /** Takes commands. */
  command?: (command: P['command']) => void;
  /** Replaced in tests. */
  scope?: WorkerScope;
}

/** Answers the page's calls, in a worker. @returns a function that emits an event; what it transfers is moved */
export function serve<P extends Protocol>({
  handlers,
  gather = () => null,
  command = () => undefined,
  scope = self,
}: ServerOptions<P>): (event: P['event'], transfer?: Transferable[]) => void {
  const running = new Map<number, AbortController>();
  const arriving = new Map<number, P['gathered']>();
  const send = (message: FromWorker, transfer: Transferable[] = []) =>
    scope.postMessage(message, { transfer });

  const answer = async (id: number, name: string, input: unknown) => {
    const abort = new AbortController();
    running.set(id, abort);
    const transfer: Transferable[] = [];
    const context: CallContext = {
      progress: throttled((text, share) => send({ kind: 'progress', id, text, share })),
      signal: abort.signal,
      gathered: arriving.get(id) ?? null,
      transfer: (...moved) => transfer.push(...moved),
    };
    arriving.delete(id);
    try {
      const handler = handlers[name] as (given: unknown, beside: CallContext) => unknown;
      send({ kind: 'answer', id, value: await handler(input, context) }, transfer);
    } catch (error) {
      send({ kind: 'fault', id, message: sentenceOf(error) });
    } finally {
      running.delete(id);
    }
  };

  scope.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
    switch (data.kind) {
      case 'part':
        return void arriving.set(data.id, gather(arriving.get(data.id) ?? null, data.part));
      case 'call':
        return void answer(data.id, data.name, data.input);
      case 'cancel':
        if (running.has(data.id)) return running.get(data.id)!.abort();
        arriving.delete(data.id);
        return send({ kind: 'fault', id: data.id, message: 'Cancelled.' });
      case 'command':
        return command(data.command);
    }
  });
  // Thrown as the worker's error: a call that cannot be read would never be answered.
  scope.addEventListener('messageerror', () => {
    throw new Error('a message could not be read');
  });
  return (event, transfer) => send({ kind: 'event', event }, transfer);
}

/** Passes on at most twenty reports a second, and every change of text. */
function throttled(report: OnProgress): OnProgress {
  let last = -Infinity;
  let lastText = '';
  return (text, share) => {
    const now = performance.now();
    if (text === lastText && now - last < 50) return;
    last = now;
    lastText = text;
    report(text, share);
  };
}
