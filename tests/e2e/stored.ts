/** What the page has stored, read past the page. */
import type { Page } from 'playwright';

export interface StoredLog {
  number: number;
  state: string;
  /** Steps of the checkpoints, newest first. */
  checkpoints: number[];
  final: Record<string, number> | null;
  /** Per phase: the steps told and the numbers of each, in order. */
  steps: { phase: string; steps: number[]; learningRates: number[]; values: Record<string, number[]> }[];
  evaluations: unknown[];
  instances: unknown[];
}

/** All stored runs by their number, with everything they told. */
export const storedRuns = (page: Page): Promise<StoredLog[]> => page.evaluate(readStored);

/** The same, run in the page: it must stand alone. */
export async function readStored(): Promise<StoredLog[]> {
  const asked = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error!);
    });
  interface Entry {
    type: string;
    phase: string;
    steps: Int32Array;
    learningRates: Float64Array;
    values: Record<string, Float64Array>;
  }
  // To open what is not there would make it, empty.
  if (!(await indexedDB.databases()).some(({ name }) => name === 'retort')) return [];
  const database = await asked(indexedDB.open('retort'));
  const all = <T>(store: string) =>
    asked(database.transaction(store).objectStore(store).getAll()) as Promise<T[]>;
  const [labels, progress, log] = await Promise.all([
    all<{ id: string; number: number }>('runs'),
    all<{
      run: string;
      state: string;
      checkpoints: { step: number }[];
      final: Record<string, number> | null;
    }>('progress'),
    all<{ run: string; entries: Entry[] }>('log'),
  ]);
  database.close();
  return labels
    .toSorted((a, b) => a.number - b.number)
    .map(({ id, number }) => {
      const own = progress.find(({ run }) => run === id);
      const entries = log.filter(({ run }) => run === id).flatMap((chunk) => chunk.entries);
      const phases = new Map<string, StoredLog['steps'][number]>();
      for (const entry of entries) {
        if (entry.type !== 'steps') continue;
        const known = phases.get(entry.phase) ?? {
          phase: entry.phase,
          steps: [],
          learningRates: [],
          values: {},
        };
        phases.set(entry.phase, known);
        known.steps.push(...entry.steps);
        known.learningRates.push(...entry.learningRates);
        for (const [name, values] of Object.entries(entry.values))
          (known.values[name] ??= []).push(...values);
      }
      return {
        number,
        state: own?.state ?? 'none',
        checkpoints: own?.checkpoints.map(({ step }) => step) ?? [],
        final: own?.final ?? null,
        steps: [...phases.values()],
        evaluations: entries.filter(({ type }) => type === 'evaluation'),
        instances: entries.filter(({ type }) => type === 'instances'),
      };
    });
}

/** Step of the newest state that is stored of the newest run; 0 when there is none. Asked often, so it reads no log. */
export const savedStep = (page: Page): Promise<number> => page.evaluate(readSavedStep);

/** The same, run in the page: it must stand alone. */
async function readSavedStep(): Promise<number> {
  const asked = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error!);
    });
  if (!(await indexedDB.databases()).some(({ name }) => name === 'retort')) return 0;
  const database = await asked(indexedDB.open('retort'));
  const all = <T>(store: string) =>
    asked(database.transaction(store).objectStore(store).getAll()) as Promise<T[]>;
  const [labels, progress] = await Promise.all([
    all<{ id: string; number: number }>('runs'),
    all<{ run: string; checkpoints: { step: number }[] }>('progress'),
  ]);
  database.close();
  const newest = labels.toSorted((a, b) => a.number - b.number).at(-1)?.id;
  return progress.find(({ run }) => run === newest)?.checkpoints[0]?.step ?? 0;
}
