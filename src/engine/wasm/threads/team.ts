/**
 * The threads that compute a recorded step together: the training thread, which goes through the step, and helpers
 * (`helper.ts`), which take parts of its larger kernels. Helpers only ever make it quicker: a job needs none of them, and
 * when one breaks off in the middle of a part, the training thread computes the call again by itself.
 */
import type { WasmBackend } from '../launch';
import { controlBytes, jobHead, noPart, word, type HelperOrder } from './helper';

/** A thread that runs `help`. */
export interface Helper {
  /** Ends it at once. */
  end(): void;
}

/**
 * Starts a thread that runs `help` with this order.
 * @param onEnd to be called, with a sentence, when it ends by itself
 * @returns once it runs @throws Error with a sentence when it cannot be started
 */
export type StartHelper = (order: HelperOrder, onEnd: (why: string) => void) => Promise<Helper>;

export interface TeamOptions {
  /** In all, the training thread among them. */
  threads: number;
  start: StartHelper;
  /** Told with a sentence when helpers have ended by themselves; steps go on with one thread. */
  onClosed?: ((why: string) => void) | undefined;
  /** Milliseconds to wait for one part of a kernel; for tests. */
  patience?: number | undefined;
}

/** A call in parts, laid into memory. */
export interface Job {
  pointer: number;
  kernel: (...operands: number[]) => number;
  /** Operands of the whole call and of each part. */
  operands: readonly number[];
  parts: readonly (readonly number[])[];
}

/** How often the training thread looks whether the helpers are ready before it sleeps: some 0.05 ms. */
const looks = 40_000;
/** Milliseconds after which a helper that has not computed its part is given up. A part takes some microseconds. */
const usualPatience = 10_000;
/** It is waited for in so many pieces. */
const mostSlices = 10;

export class Team {
  /** Why it was closed, as a sentence; null while it works. */
  closed: string | null = null;
  /** The training thread and its helpers. */
  readonly threads: number;
  private readonly backend: WasmBackend;
  private readonly helpers: readonly Helper[];
  private readonly onClosed: (why: string) => void;
  private readonly patience: number;
  private readonly words: Int32Array<ArrayBufferLike>;
  private number = 0;

  private constructor(
    backend: WasmBackend,
    words: Team['words'],
    helpers: readonly Helper[],
    { onClosed, patience = usualPatience }: Pick<TeamOptions, 'onClosed' | 'patience'>,
  ) {
    this.backend = backend;
    this.words = words;
    this.helpers = helpers;
    this.threads = 1 + helpers.length;
    this.onClosed = onClosed ?? (() => undefined);
    this.patience = patience;
  }

  /**
   * @param order the module and the kernels' names
   * @throws Error with a sentence when a helper does not start; none is left then
   */
  static async start(
    backend: WasmBackend,
    order: Pick<HelperOrder, 'module' | 'kernels'>,
    { threads, start, ...options }: TeamOptions,
  ): Promise<Team> {
    const { memory } = backend.wasm.asm;
    const control = backend.wasm._malloc(controlBytes + 64) >>> 0;
    // On cache lines of its own.
    const aligned = (control + 63) & ~63;
    const words = wordsAt(backend, aligned).fill(0);
    words[word.ticket] = noPart;
    let team: Team | null = null;
    let ended: string | null = null;
    const onEnd = (why: string) => {
      ended ??= why;
      team?.breakUp(why);
    };
    const started = await Promise.allSettled(
      Array.from({ length: threads - 1 }, () => start({ ...order, memory, control: aligned }, onEnd)),
    );
    const helpers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const fault = started.find((one) => one.status === 'rejected');
    team = new Team(backend, words, helpers, options);
    if (!fault && ended === null) return team;
    team.close('The helper threads did not start.');
    throw fault ? fault.reason : new Error(ended!);
  }

  /** Lays a call into memory for helpers. @param take gives memory of so many bytes, which the job keeps */
  job(
    kernel: { number: number; function: Job['kernel'] },
    operands: readonly number[],
    parts: readonly (readonly number[])[],
    take: (bytes: number) => number,
  ): Job {
    const length = jobHead + parts.length * operands.length;
    const pointer = take(8 * length);
    const numbers = new Float64Array(this.backend.wasm.asm.memory.buffer, pointer, length);
    numbers.set([kernel.number, operands.length, ...parts.flat()]);
    return { pointer, kernel: kernel.function, operands, parts };
  }

  /** Computes a job, together with the helpers that are free. Not before the one before has ended. */
  run({ pointer, kernel, operands, parts }: Job): void {
    const { words } = this;
    if (this.closed !== null) {
      kernel(...operands);
      return;
    }
    words[word.job] = pointer;
    words[word.parts] = parts.length;
    words[word.done] = 0;
    this.number = (this.number + 1) & 0x7fffff;
    const first = this.number << 8;
    Atomics.store(words, word.ticket, first);
    if (Atomics.load(words, word.sleeping) > 0) Atomics.notify(words, word.ticket);
    let own = 0;
    for (;;) {
      const ticket = Atomics.load(words, word.ticket);
      const part = ticket & 255;
      if (part >= parts.length) break;
      if (Atomics.compareExchange(words, word.ticket, ticket, ticket + 1) !== ticket) continue;
      kernel(...parts[part]!);
      own++;
    }
    // Nothing can be taken while the next job is written down.
    Atomics.store(words, word.ticket, first | noPart);
    if (!this.await(parts.length - own)) kernel(...operands);
  }

  /** Ends the helpers; false when they had ended before. Jobs go on without them. */
  close(why: string): boolean {
    if (this.closed !== null) return false;
    this.closed = why;
    Atomics.store(this.words, word.closing, 1);
    Atomics.store(this.words, word.ticket, noPart);
    Atomics.notify(this.words, word.ticket);
    for (const helper of this.helpers) helper.end();
    // The control block stays: a helper may still look into it.
    return true;
  }

  /** Closes the team because of a helper. */
  private breakUp(why: string): void {
    if (this.close(why)) this.onClosed(why);
  }

  /** Waits until helpers have computed so many parts; false when one has broken off. */
  private await(parts: number): boolean {
    const { words } = this;
    for (let look = 0; look < looks; look++) if (Atomics.load(words, word.done) === parts) return true;
    Atomics.store(words, word.awaited, 1);
    // Not by a clock: a helper that slept with its machine is not late, and what it still writes would meet later steps.
    let slices = mostSlices;
    for (;;) {
      const done = Atomics.load(words, word.done);
      if (done === parts) break;
      if (slices === 0 || Atomics.load(words, word.broken) !== 0) {
        this.breakUp('A helper thread broke off in the middle of a step.');
        return false;
      }
      if (Atomics.wait(words, word.done, done, this.patience / mostSlices) === 'timed-out') slices--;
    }
    Atomics.store(words, word.awaited, 0);
    return true;
  }
}

function wordsAt(backend: WasmBackend, control: number): Int32Array<ArrayBufferLike> {
  return new Int32Array(backend.wasm.asm.memory.buffer as ArrayBufferLike, control, controlBytes / 4);
}
