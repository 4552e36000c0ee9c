/** How the kernels of a recorded step fall to threads. */
import { kernelNames, type WasmBackend } from '../launch';
import { partsOf } from '../threads/split';
import { teamOf } from '../threads/teams';
import type { Arena } from './arena';
import type { Entry, OwnEntry } from './entries';

/** Parts of a kernel for each thread: with some more than one, a thread that comes late has less to do. */
const partsPerThread = 2;
/** Estimated nanoseconds of what could be split in a step below which waking helpers costs more than they take over. */
const leastTime = 600_000;

/**
 * Splits the larger kernels for threads, where they gain by it.
 * @param arena where what the parts need is laid
 * @param scratchBytes of the kernel that needs most
 */
export function layJobs(backend: WasmBackend, arena: Arena, entries: Entry[], scratchBytes: number): void {
  const team = teamOf(backend);
  if (!team) return;
  const most = partsPerThread * team.threads;
  const split = entries.flatMap((entry) => {
    const parts = 'operands' in entry ? partsOf(entry.name, entry.operands, most) : null;
    return parts ? [{ entry: entry as OwnEntry, ...parts }] : [];
  });
  if (split.reduce((sum, { time }) => sum + time, 0) < leastTime) return;
  const take = (bytes: number) => arena.take(bytes, true);
  // Parts run side by side, so none may use another's; the first one's is there already.
  const more = new Map<number, number>();
  const scratchOf = (part: number, first: number) => {
    if (part > 0 && !more.has(part)) more.set(part, take(scratchBytes));
    return more.get(part) ?? first;
  };
  const numbers = new Map(kernelNames(backend).map((name, number) => [name, number] as const));
  for (const { entry, operands, scratch } of split) {
    if (scratch !== null)
      for (const [part, own] of operands.entries()) own[scratch] = scratchOf(part, own[scratch]!);
    const kernel = { number: numbers.get(entry.name)!, function: entry.kernel };
    entry.job = team.job(kernel, entry.operands, operands, take);
  }
}
