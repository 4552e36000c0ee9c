/**
 * The page behind `npm run distill`: gives the script that drives the browser access to the workers' clients. They are
 * those of the visible page, so that a run from a terminal gives the same numbers.
 */
import type { ImportChoices, ImportReport } from '../data/import-report';
import { readRecipe, type Recipe } from '../distill/recipe';
import type { BackendName } from '../engine/backend-names';
import { ownRefOf } from '../storage/set-handle';
import { collectInputFiles } from './input-files';
import { importFiles, withoutSamples } from './import-files';
import { answersFile, type AnswersFormat } from '../export/answers-file';
import type { Learner } from '../training/events';
import { predictionsCsv } from '../export/predictions-csv';
import { HeadlessRun, type RunResult } from '../worker/headless-run';
import { experimentProblems, experimentCells, experimentTables } from './experiment-commands';
import { cellMessage, runExperiment, type CellFile, type ExperimentCall } from './run-experiment';

export interface DistillOrder {
  recipe: unknown;
  /** Trains on the files in the inputs, in place of the recipe's data set. */
  onFiles: boolean;
  /** Choices in place of guesses about these files. */
  choices?: ImportChoices;
  backend: BackendName | null;
  /** Of WebAssembly; as many as are of use where it is left out. */
  threads?: number | undefined;
  /** Also hands over the answers of student and teacher, as files of this format; null for none. */
  answers?: AnswersFormat | null;
}

export interface DistillFiles extends Pick<RunResult, 'metrics' | 'weights'> {
  /** `predictions.csv`: what each network puts out for the test split; null where it could not be had. */
  predictions: string | null;
  /** What student and teacher put out for the whole set, as files of the format that was asked for. */
  answers: Partial<Record<Learner, Uint8Array>>;
}

export interface Headless {
  /** Reads the files in the inputs and returns the import report. */
  inspect(choices?: ImportChoices): Promise<ImportReport>;
  /** Runs a recipe. Rejects with a sentence for the user. */
  distill(order: DistillOrder): Promise<DistillFiles>;
  /** Problems of a recipe, a sentence each. */
  recipeProblems(recipe: unknown): string[];
  /** Problems of an experiment, a sentence each. */
  experimentProblems: typeof experimentProblems;
  /** All runs of an experiment. Throws with a sentence per problem. */
  experimentCells: typeof experimentCells;
  /** Carries out the cells of an experiment that are not done, hands over each as it ends, and gives their results with latencies. */
  runExperiment(order: ExperimentCall): ReturnType<typeof runExperiment>;
  /** Tables of the results, as text. */
  experimentTables: typeof experimentTables;
}

declare global {
  interface Window {
    headless: Headless;
    /** Set by the script: prints a line. */
    retortSay?: (text: string) => void;
  }
}

let printed = '';
/** Prints a line unless it repeats the last one, as progress reports do. */
const say = (text: string) => {
  if (text !== printed) window.retortSay?.(text);
  printed = text;
};
const files = collectInputFiles([...document.querySelectorAll<HTMLInputElement>('#files, #folder')]);
const teacherFiles = collectInputFiles([...document.querySelectorAll<HTMLInputElement>('#teacher')]);

window.headless = {
  async inspect(choices = {}) {
    return withoutSamples((await importFiles(files, say, choices)).report);
  },
  recipeProblems(input) {
    return readRecipe(input).problems.map(({ message, path }) => (path ? `${path}: ${message}` : message));
  },
  experimentProblems,
  experimentCells,
  experimentTables,
  runExperiment: ({ cellsTo, ...order }) =>
    runExperiment(order, {
      onCell: (cell) => sendCell(cellsTo, cell),
      onContinued: (name, seed, step) => say(`${name}, seed ${seed}, goes on from step ${step}.`),
    }),
  async distill({ recipe: input, onFiles, choices = {}, backend, threads, answers = null }) {
    const { recipe } = readRecipe(input);
    const extras = { teacher: teacherFiles, answers: answers !== null };
    const run = new HeadlessRun(say);
    if (!onFiles) return filesOf(await run.distill(recipe, null, backend, threads, extras), answers);
    const { report, set } = await importFiles(files, say, choices);
    if (!set) throw new Error(report.message);
    say(report.message);
    return filesOf(await run.distill(onUpload(recipe), ownRefOf(set), backend, threads, extras), answers);
  },
};

/** As bytes to the script's own server: what goes through the browser's driver is text that each process on its way reads. */
async function sendCell(path: string, cell: CellFile): Promise<void> {
  const response = await fetch(path, { method: 'POST', body: cellMessage(cell) });
  if (!response.ok) throw new Error(await response.text());
}

function filesOf(
  { metrics, weights, predictions, answers }: RunResult,
  format: AnswersFormat | null,
): DistillFiles {
  return {
    metrics,
    weights,
    predictions: predictions && metrics.facts && predictionsCsv(predictions, metrics.facts),
    answers: Object.fromEntries(
      Object.entries(answers).map(([learner, given]) => [learner, answersFile(given, format ?? 'npz')]),
    ),
  };
}

function onUpload(recipe: Recipe): Recipe {
  return { ...recipe, material: { ...recipe.material, dataset: 'upload' } };
}
