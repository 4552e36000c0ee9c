/** The content of `metrics.json` and of the tables of a run. */
import type { BackendName } from '../engine/backend-names';
import type { Recipe } from '../distill/recipe';
import { costsOf } from './costs';
import type {
  Cost,
  Latencies,
  Learner,
  Phase,
  ReliabilityBins,
  RunFacts,
  Scores,
  TrackedSample,
} from '../training/events';
import {
  phaseOrder,
  type BackendUse,
  type Evaluation,
  type KnobMark,
  type Outcome,
  type RunRecord,
} from './run-record';
import type { SeriesTable } from './series';
import { storedScores, type Stored } from './stored-scores';

/** Columns by step, [S] each; null where a step has no value or one that is not a number. */
export interface Table {
  steps: number[];
  columns: Record<string, (number | null)[]>;
}

/** The generator's only where pictures are generated. */
type ByPhase = Record<Exclude<Phase, 'generator'>, Table> & Partial<Record<Phase, Table>>;

/** Numbers of the tracked samples, [N] each in the order of `watchedImages`. */
type PerImage = Record<string, (number | null)[]>;

/**
 * A run as plain JSON: the form of `metrics.json`, from the page and from `npm run distill`. Parts that a run has not
 * reached are null or empty. Numbers in single precision are written with the fewest digits that give the same bits.
 */
export interface Metrics {
  name: string;
  /** Number of the run in the list of runs; 1 for a run from a terminal. */
  number: number;
  /** As started. */
  recipe: Recipe;
  /** The run's last backend; null for runs of page versions that did not store it. */
  backend: BackendName | null;
  /** Of a run that was trained elsewhere: where, as its program says ("PyTorch 2.1 on cuda"). */
  trainedIn?: string;
  /** The device of the backend. */
  device: string | null;
  /** All backends in order, each with its first step. */
  backends: BackendUse[];
  facts: RunFacts | null;
  /** All evaluations in order: accuracies 0..1 for classification, else scores by their ids. */
  evaluations: Stored<Evaluation>[];
  /** The same as columns per phase: "student", "student/train" (the task's first score), "student/loss", "student/rmse", ... */
  curves: ByPhase;
  /** Loss parts and probes of every step per phase: "total", the task's own ("ce"), "kd", "kd·w", ... */
  steps: ByPhase;
  watchedImages: TrackedSample[];
  /** Their targets, [N*T] in the order of `facts.targets`, null where there is none; null for classes. */
  watchedTargets: { truth: (number | null)[]; given: (number | null)[] } | null;
  /** The tracked samples over time: losses ("ce", "kd") and hint weights ("kd"). */
  watched: { step: number; weights: PerImage; losses: PerImage }[];
  /** The same by quantity ("loss:ce", "weight:kd"), with the spread of weights ("spread:kd"). */
  moments: { step: number; values: PerImage }[];
  /** Knobs changed during the run. */
  knobs: Pick<KnobMark, 'phase' | 'step' | 'path' | 'from' | 'to'>[];
  warnings: string[];
  /** Median of the measured speeds of the last phase; null for a run too short to measure, or read from the storage. */
  stepsPerSecond: number | null;
  /** Whether the run ended before its last step; null before its end. */
  stopped: boolean | null;
  /** The task's first score on the whole test split at the end: accuracy 0..1, or in the unit of the target. */
  final: Partial<Record<Learner, number>> | null;
  /** All scores at the end; null for classification, whose only one is `final`. */
  scores: Scores | null;
  /** All scores at the end on the test images in the second domain; missing where the set has one domain. */
  secondDomain?: Scores;
  /** Accuracy per class, [C] in the order of `facts.dataset.classes`. */
  perClass: Partial<Record<Learner, number[]>> | null;
  /** Scores of each number or label at the end, in the order of `facts.targets`; null for classes. */
  perTarget: Outcome['perTarget'] | null;
  /** Measured beside the scores at the end, by id ("nll", "ece", "agreement", "kl"); null where it was not measured. */
  further: Scores | null;
  /** The task's first score of one and the same answer to every test instance: for classes, the most frequent one. */
  constant: number | null;
  /** Confidence against correctness at the end (of the last measurement before it), in bins of equal width. */
  reliability: Partial<Record<Learner, ReliabilityBins>> | null;
  /** Scores against the teacher within each class, label or number at the end, by id. */
  fidelity: Outcome['fidelity'] | null;
  /** What each network costs. */
  costs: Partial<Record<Learner, Cost>>;
  latencies: Latencies | null;
  /** Seconds of training, by phase. */
  trainingSeconds: RunRecord['times'];
  /** Seconds from start to end. */
  seconds: number | null;
  /** Why the run failed, a sentence; null if it did not. */
  failure: string | null;
}

/** What a run is called in the list of runs. */
export type MetricsLabel = Pick<Metrics, 'name' | 'number'>;

export function metricsOf(record: RunRecord, { name, number }: MetricsLabel): Metrics {
  const { recipe, facts, tracked, snapshots, outcome, backends, marks } = record;
  const moments = snapshots.steps.map((step, moment) => ({
    step,
    values: Object.fromEntries(
      [...snapshots.allAt(moment)].map(([quantity, numbers]) => [quantity, plain(numbers)]),
    ),
  }));
  return {
    name,
    number,
    ...(facts?.trainedIn ? { trainedIn: facts.trainedIn } : {}),
    recipe,
    backend: backends.at(-1)?.name ?? null,
    device: backends.at(-1)?.device ?? null,
    backends: [...backends],
    facts,
    evaluations: phaseOrder.flatMap((phase) => record.measured[phase].map(storedScores)),
    curves: tablesOf(record.evaluations),
    steps: tablesOf(record.steps),
    watchedImages: tracked?.images ?? [],
    watchedTargets: tracked?.targets
      ? { truth: plain(tracked.targets.truth), given: plain(tracked.targets.given) }
      : null,
    watched: moments.map(({ step, values }) => ({
      step,
      weights: named('weight', values),
      losses: named('loss', values),
    })),
    moments,
    knobs: marks.map(({ phase, step, path, from, to }) => ({ phase, step, path, from, to })),
    warnings: record.warnings.map(({ text }) => text),
    stepsPerSecond: record.stepsPerSecond,
    stopped: outcome?.stopped ?? null,
    final: outcome?.final ?? null,
    scores: facts?.task && facts.task !== 'classification' ? (outcome?.scores ?? null) : null,
    ...(outcome?.secondDomain ? { secondDomain: outcome.secondDomain } : {}),
    perClass: outcome?.perClass ?? null,
    perTarget: outcome?.perTarget ?? null,
    further: outcome?.further ?? null,
    constant: outcome?.constant ?? null,
    reliability: record.reliability,
    fidelity: outcome?.fidelity ?? null,
    costs: costsOf(record),
    latencies: record.latencies,
    trainingSeconds: record.times,
    seconds: outcome?.seconds ?? null,
    failure: record.failure?.message ?? null,
  };
}

function tablesOf({ teacher, generator, prelude, student }: Record<Phase, SeriesTable>): ByPhase {
  return {
    teacher: tableOf(teacher),
    ...(generator.steps.length > 0 ? { generator: tableOf(generator) } : {}),
    prelude: tableOf(prelude),
    student: tableOf(student),
  };
}

function tableOf(table: SeriesTable): Table {
  return {
    steps: Array.from(table.steps),
    columns: Object.fromEntries(table.keys.map((key) => [key, plain(table.column(key))])),
  };
}

/** Quantities of one kind, by name. */
function named(kind: 'weight' | 'loss', values: PerImage): PerImage {
  const own = Object.entries(values).filter(([quantity]) => quantity.startsWith(`${kind}:`));
  return Object.fromEntries(own.map(([quantity, numbers]) => [quantity.slice(kind.length + 1), numbers]));
}

function plain(values: Float32Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? shortest(value) : null));
}

/** The number with the fewest digits that single precision reads as the same; nine are always enough. */
function shortest(value: number): number {
  for (const digits of [7, 8]) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
