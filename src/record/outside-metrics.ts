/** Reads the `metrics.json` of a run that was trained by another program, such as a PyTorch folder of this page. */
import * as z from 'zod/mini';
import { readRecipe, type Recipe } from '../distill/recipe';
import { mostCharacters, shortened } from '../limits/texts';
import type { ByLearner, Learner, Phase, Scores } from '../training/events';
import type { Metrics, Table } from './run-metrics';
import { phaseOrder } from './run-record';

export { phaseOrder } from './run-record';

/** What is taken from such a file; the rest of it is measured again, or left. */
export interface OutsideMetrics {
  name: string;
  /** Where it was trained, as its program says. */
  trainedIn: string;
  recipe: Recipe;
  /** Losses of the steps. */
  steps: Partial<Record<Phase, Table>>;
  evaluations: OutsideEvaluation[];
  /** The task's first score on the test split at the end. */
  final: ByLearner<number>;
  scores: Scores | null;
  perClass: ByLearner<number[]>;
  further: Scores | null;
  times: { teacher: number; student: number } | null;
  seconds: number;
  stopped: boolean;
}

export interface OutsideEvaluation {
  phase: Phase;
  step: number;
  split: 'validation' | 'test';
  scores: Scores;
  further?: Scores;
}

/** Sentences of other programs are shown, so they are short. */
const longest = 120;
/** Steps and measurements that are taken; more belong to no run of a page. */
const most = 1_000_000;

const number = z.number();
const step = z.int().check(z.nonnegative(), z.maximum(1e9));
const learner = z.enum(['teacher', 'student', 'control', 'hard', 'full', 'rounded']);
const phase = z.enum(['teacher', 'generator', 'prelude', 'student']);
const byLearner = z.partialRecord(learner, number);
const scores = z.record(z.string(), byLearner);
const table = z
  .object({
    steps: z.array(step).check(z.maxLength(most)),
    columns: z.record(z.string(), z.array(z.nullable(number))),
  })
  .check(
    z.refine(({ steps, columns }) => Object.values(columns).every(({ length }) => length === steps.length)),
  );
const file = z.object({
  name: z.optional(z.string()),
  trainedIn: z.optional(z.string()),
  device: z.nullish(z.string()),
  backend: z.nullish(z.string()),
  recipe: z.record(z.string(), z.unknown()),
  steps: z.partialRecord(phase, table),
  evaluations: z
    .array(
      z.object({
        phase,
        step,
        split: z.enum(['validation', 'test']),
        accuracy: z.optional(byLearner),
        scores: z.optional(scores),
        further: z.optional(scores),
      }),
    )
    .check(z.maxLength(most)),
  final: z.nullish(byLearner),
  scores: z.nullish(scores),
  perClass: z.nullish(z.partialRecord(learner, z.array(number))),
  further: z.nullish(scores),
  trainingSeconds: z.nullish(z.object({ teacher: number, student: number })),
  seconds: z.nullish(number),
  stopped: z.nullish(z.boolean()),
  failure: z.nullish(z.string()),
}) satisfies z.ZodMiniType<Partial<Record<keyof Metrics, unknown>>>;

/** @returns the numbers of a file, or a sentence that says what is wrong with it */
export function readOutsideMetrics(input: unknown): OutsideMetrics | { problem: string } {
  const read = file.safeParse(input);
  if (!read.success) {
    const path = read.error.issues[0]?.path.join('.') ?? '';
    return {
      problem: `This is not the metrics.json of a run${path === '' ? '' : `: “${shortened(path, longest)}” is missing or is not what it should be`}. A PyTorch folder of this page writes one beside student.safetensors.`,
    };
  }
  const { data } = read;
  if (data.failure) return { problem: `That run has failed: ${shortened(data.failure, longest)}` };
  const { recipe, problems } = readRecipe(data.recipe);
  if (problems.length > 0)
    return { problem: `Its recipe cannot be used. ${problems.map(({ message }) => message).join(' ')}` };
  const where = data.trainedIn ?? ([data.backend, data.device].filter(Boolean).join(', ') || 'elsewhere');
  return {
    name: shortened(data.name || recipe.title, mostCharacters.name),
    trainedIn: shortened(where, longest),
    recipe,
    steps: data.steps as OutsideMetrics['steps'],
    evaluations: data.evaluations
      .map(({ accuracy, scores: named, further, ...place }) => ({
        ...place,
        scores: (named ?? { accuracy: accuracy ?? {} }) as Scores,
        ...(further ? { further: further as Scores } : {}),
      }))
      .toSorted(inOrder),
    final: (data.final ?? {}) as ByLearner<number>,
    scores: (data.scores ?? null) as Scores | null,
    perClass: (data.perClass ?? {}) as Partial<Record<Learner, number[]>>,
    further: (data.further ?? null) as Scores | null,
    times: data.trainingSeconds ?? null,
    seconds: data.seconds ?? 0,
    stopped: data.stopped ?? false,
  };
}

function inOrder(a: Pick<OutsideEvaluation, 'phase' | 'step'>, b: typeof a): number {
  return phaseOrder.indexOf(a.phase) - phaseOrder.indexOf(b.phase) || a.step - b.step;
}
