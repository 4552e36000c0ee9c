/** Results of an experiment that was carried out by another program, as an experiment of this page beside the page's own. */
import * as z from 'zod/mini';
import { mostCharacters, shortened } from '../limits/texts';
import { mostRuns } from './axes';
import {
  cellsOf,
  experimentVersion,
  fileOfRows,
  readExperiment,
  type ExperimentEntry,
  type ExperimentFile,
} from './experiment';
import type { CellResult } from './table';
import { readRecipe } from '../distill/recipe';

const number = z.nullable(z.number());
const byLearner = z.object({
  student: z.optional(z.number()),
  control: z.optional(z.number()),
  teacher: z.optional(z.number()),
});
const place = { entry: z.int().check(z.nonnegative()), seed: z.int().check(z.nonnegative()) };
const result = z.object({
  ...place,
  task: z.optional(z.enum(['classification', 'regression', 'multilabel'])),
  unit: z.optional(z.string()),
  student: number,
  control: number,
  teacher: number,
  seconds: z.number(),
  stepMs: number,
  scores: z.optional(z.record(z.string(), byLearner)),
  times: z.optional(z.object({ teacher: z.number(), student: z.number() })),
  size: z.optional(
    z.object({
      labelled: z.number(),
      unlabelled: z.number(),
      meta: z.number(),
      steps: z.number(),
      student: z.number(),
      beside: z.number(),
      teacher: number,
    }),
  ),
  computedOn: z.optional(z.string()),
  turned: z.optional(z.array(z.string())),
  stopped: z.optional(z.boolean()),
  failure: z.nullable(z.string()),
});
const results = z.object({
  format: z.literal('retort-results'),
  version: z.literal(1),
  trainedIn: z.string(),
  experiment: z.looseObject({ base: z.record(z.string(), z.unknown()) }),
  page: z.array(result),
  results: z.array(result),
});

export interface OutsideExperiment {
  file: ExperimentFile;
  /** Of all cells that have one; others stay open. */
  results: CellResult[];
}

/** Whether a parsed file says that it is one of results. */
export function isOutsideResults(input: unknown): boolean {
  return (
    typeof input === 'object' && input !== null && 'format' in input && input.format === 'retort-results'
  );
}

/**
 * Rows of the page, where it has results, and below them the same rows as the other program has trained them.
 * @returns a sentence where the file cannot be used
 */
export function readOutsideResults(input: unknown): OutsideExperiment | { problem: string } {
  const read = results.safeParse(input);
  if (!read.success)
    return {
      problem: `“${shortened(read.error.issues[0]?.path.join('.') ?? '', mostCharacters.quote)}” is missing or is not what it should be. Write results.json again with “python run_experiment.py --results”.`,
    };
  const { trainedIn, experiment: file, page, results: outside } = read.data;
  const { experiment } = readExperiment(file);
  if (!experiment) return { problem: 'The experiment in it cannot be read.' };
  const { entries, seeds, title } = experiment;
  const isKnown = ({ entry, seed }: { entry: number; seed: number }) =>
    entry < entries.length && seeds.includes(seed);
  const own = page.filter(isKnown) as CellResult[];
  const others = outside.filter(isKnown) as CellResult[];
  const isBoth = own.length > 0 && 2 * entries.length * seeds.length <= mostRuns;
  const program = trainedIn.split(' on ')[0]!;
  // Methods of an older version are applied otherwise; their recipes say the same in full.
  const known =
    file['version'] === experimentVersion ? entries : entries.map((entry) => ({ ...entry, method: null }));
  const named = (entry: ExperimentEntry): ExperimentEntry => ({
    ...entry,
    name: shortened(`${entry.name}, ${program}`, mostCharacters.name),
  });
  const rows = [...(isBoth ? known : []), ...known.map(named)];
  const first = isBoth ? entries.length : 0;
  const combined = fileOfRows(
    readRecipe(file['base']).recipe,
    { title: shortened(`${title}, ${program}`, mostCharacters.name), seeds },
    rows,
  );
  return {
    file: combined,
    results: [
      ...(isBoth ? own : []),
      ...others.map((one) => ({ ...one, entry: one.entry + first, computedOn: trainedIn })),
    ],
  };
}

/** The cells of such an experiment as they are stored, each with its result. */
export function cellsWithResults({ file, results: known }: OutsideExperiment) {
  const { experiment } = readExperiment(file);
  return cellsOf(experiment!).map(({ entry, seed }) => ({
    entry,
    seed,
    run: null,
    result: known.find((one) => one.entry === entry && one.seed === seed) ?? null,
  }));
}
