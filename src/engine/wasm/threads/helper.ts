/**
 * What a helper thread does: it waits for jobs in the memory that it shares with the training thread, takes parts of them
 * and computes these. It imports nothing, so that this file alone is a worker's whole code.
 *
 * A job is a kernel's call in parts that write to different places. A thread that is free takes the next part, so that a helper
 * that sleeps, or has ended, only leaves more parts to the others.
 */

/** Places of 32-bit words in the control block, each on a cache line of its own as far as different threads write to it. */
export const word = {
  /** Number of the job * 256 + the next part that no thread has taken; 255: none. Changed as one, so that no part is taken twice. */
  ticket: 0,
  /** Pointer to the job that the ticket is for, and its parts. Written only while no part can be taken. */
  job: 1,
  parts: 2,
  /** Parts that helpers have computed. */
  done: 16,
  /** Not 0: the training thread sleeps until `done` changes. */
  awaited: 32,
  /** Helpers that sleep until `ticket` changes. */
  sleeping: 48,
  /** Not 0: helpers end. */
  closing: 49,
  /** Not 0: a helper broke off in the middle of a part. */
  broken: 50,
  /** Helpers that have come this far. */
  ready: 51,
} as const;

export const controlBytes = 256;
export const noPart = 255;

/** Layout of a job in memory, in numbers of 64 bits: the kernel, the number of operands, then the operands of each part. */
export const jobHead = 2;

/** How often a helper looks for a job before it sleeps: some 0.05 ms, about what waking it costs. */
const looks = 40_000;

/** What a helper is sent, once. */
export interface HelperOrder {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Pointer to the control block. */
  control: number;
  /** The kernels' names, by the number that a job names them with. */
  kernels: readonly string[];
}

/** Does a helper's work until the team is closed. @throws what a kernel threw */
export function help({ module, memory, control, kernels }: HelperOrder): void {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const functions = kernels.map((name) => exports[name] as (...operands: number[]) => number);
  const words = new Int32Array(memory.buffer, control, controlBytes / 4);
  let numbers = new Float64Array(memory.buffer);
  let seen = 0;
  Atomics.add(words, word.ready, 1);
  Atomics.notify(words, word.ready);
  while (Atomics.load(words, word.closing) === 0) {
    const ticket = Atomics.load(words, word.ticket);
    const part = ticket & 255;
    if (part === noPart || part >= words[word.parts]!) {
      if (++seen < looks) continue;
      seen = 0;
      Atomics.add(words, word.sleeping, 1);
      Atomics.wait(words, word.ticket, ticket);
      Atomics.sub(words, word.sleeping, 1);
      continue;
    }
    const job = words[word.job]!;
    if (Atomics.compareExchange(words, word.ticket, ticket, ticket + 1) !== ticket) continue;
    seen = 0;
    try {
      const at = job >>> 3;
      // The memory may have grown since.
      if (at + 32 > numbers.length) numbers = new Float64Array(memory.buffer);
      const length = numbers[at + 1]!;
      const first = at + jobHead + part * length;
      if (first + length > numbers.length) numbers = new Float64Array(memory.buffer);
      functions[numbers[at]!]!(...numbers.subarray(first, first + length));
    } catch (error) {
      Atomics.store(words, word.broken, 1);
      Atomics.notify(words, word.done);
      throw error;
    }
    Atomics.add(words, word.done, 1);
    if (Atomics.load(words, word.awaited) !== 0) Atomics.notify(words, word.done);
  }
}
