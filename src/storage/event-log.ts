/**
 * The events of a run as they are stored. Most of them are step values, so consecutive steps with the same names
 * become columns; other events are stored unchanged.
 */
import { readScores, storedScores, type Stored } from '../record/stored-scores';
import type { Phase, RunEvent } from '../training/events';

type Numbers = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

export interface StepColumns {
  type: 'steps';
  phase: Phase;
  /** [S] */
  steps: Int32Array<ArrayBuffer>;
  /** [S] */
  learningRates: Numbers;
  /** [S] per name */
  values: Record<string, Numbers>;
}

type EvaluationEvent = Extract<RunEvent, { type: 'evaluation' }>;
export type LogEntry =
  | StepColumns
  | Stored<EvaluationEvent>
  | Exclude<RunEvent, { type: 'step' | 'speed' | 'progress' | 'evaluation' }>;
type StepEvent = Extract<RunEvent, { type: 'step' }>;

/** Events as log entries. Throughput and progress events are dropped, because they have no meaning later. */
export function entriesOf(events: readonly RunEvent[]): LogEntry[] {
  const entries: LogEntry[] = [];
  let row: StepEvent[] = [];
  const close = () => {
    if (row.length > 0) entries.push(columnsOf(row));
    row = [];
  };
  for (const event of withoutOldPictures(events)) {
    if (event.type === 'speed' || event.type === 'progress') continue;
    if (event.type === 'step') {
      if (row.length > 0 && !alike(row[0]!, event)) close();
      row.push(event);
      continue;
    }
    close();
    entries.push(event.type === 'evaluation' ? storedScores(event) : event);
  }
  close();
  return entries;
}

/** The events of log entries, without those dropped. */
export function eventsOf(entries: readonly LogEntry[]): RunEvent[] {
  return entries.flatMap((entry): RunEvent[] => {
    if (entry.type === 'steps') return stepsOf(entry);
    return [entry.type === 'evaluation' ? readScores<EvaluationEvent>(entry) : entry];
  });
}

/** Approximate size in bytes. */
export function sizeOf(entries: readonly LogEntry[]): number {
  return entries.reduce((sum, entry) => sum + sizeOfValue(entry), 0);
}

/** Drops all but the newest view of each name and the newest measured samples: they are large, and no other is shown. */
function withoutOldPictures(events: readonly RunEvent[]): RunEvent[] {
  const shown = new Set<string>();
  let hasSamples = false;
  return events
    .toReversed()
    .flatMap((event): RunEvent[] => {
      if (event.type === 'evaluation' && (event.samples ?? event.answers)) {
        const { samples: _, answers: __, reliability: ___, ...rest } = event;
        const kept = hasSamples ? rest : event;
        hasSamples = true;
        return [kept];
      }
      if (event.type !== 'views') return [event];
      const views = event.views.filter(({ view, title }) => {
        const name = `${view}/${title}`;
        return !shown.has(name) && shown.add(name);
      });
      return views.length > 0 ? [{ ...event, views }] : [];
    })
    .toReversed();
}

function alike(a: StepEvent, b: StepEvent): boolean {
  if (a.phase !== b.phase) return false;
  const [names, others] = [Object.keys(a.values), Object.keys(b.values)];
  return names.length === others.length && names.every((name, i) => name === others[i]);
}

function columnsOf(row: readonly StepEvent[]): StepColumns {
  const names = Object.keys(row[0]!.values);
  return {
    type: 'steps',
    phase: row[0]!.phase,
    steps: Int32Array.from(row, ({ step }) => step),
    learningRates: exact(row.map(({ learningRate }) => learningRate)),
    values: Object.fromEntries(names.map((name) => [name, exact(row.map(({ values }) => values[name]!))])),
  };
}

function stepsOf({ phase, steps, learningRates, values }: StepColumns): StepEvent[] {
  const names = Object.keys(values);
  return Array.from(steps, (step, i) => ({
    type: 'step',
    phase,
    step,
    learningRate: learningRates[i]!,
    values: Object.fromEntries(names.map((name) => [name, values[name]![i]!])),
  }));
}

/** Float32 if it represents every value exactly, as it does for values read from a device; otherwise float64. */
function exact(numbers: readonly number[]): Numbers {
  return numbers.every((number) => Object.is(Math.fround(number), number))
    ? Float32Array.from(numbers)
    : Float64Array.from(numbers);
}

function sizeOfValue(value: unknown): number {
  if (typeof value === 'string') return value.length + 4;
  if (typeof value !== 'object' || value === null) return 9;
  if (ArrayBuffer.isView(value)) return value.byteLength + 16;
  if (Array.isArray(value) && typeof value[0] === 'number') return 9 * value.length;
  return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + sizeOfValue(item), 8);
}
