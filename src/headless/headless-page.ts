/**
 * The page behind `npm run distill`: lays the workers' clients open to a script that drives the browser. It uses what
 * the visible page uses, so that a run from a terminal is the same run.
 */
import type { ImportChoices, ImportReport } from '../data/import-report';
import { readRecipe, type Recipe } from '../distill/recipe';
import type { BackendName } from '../engine/backend-names';
import { ownRefOf } from '../storage/image-set';
import { collectInputFiles } from './input-files';
import { importFiles } from './import-files';
import { HeadlessRun, type RunResult } from '../worker/headless-run';
import { studyProblems, studyRuns, studyTables } from './study-commands';
import { carryOut } from '../worker/study-run';
import type { StudyRun } from '../distill/study/study';
import type { StudyResult } from '../distill/study/table';

export interface DistillOrder {
  recipe: unknown;
  /** The files in the inputs take the place of the recipe's own data set. */
  onFiles: boolean;
  /** In place of guesses about these files. */
  choices?: ImportChoices;
  backend: BackendName | null;
}

export interface Headless {
  /** Reads the files in the inputs and answers what they are; choices take the place of guesses. */
  inspect(choices?: ImportChoices): Promise<ImportReport>;
  /** Runs a recipe. Rejects with a sentence for the user. */
  distill(order: DistillOrder): Promise<RunResult>;
  /** What is wrong with a recipe, a sentence each. */
  recipeProblems(recipe: unknown): string[];
  /** What is wrong with a study, a sentence each. */
  studyProblems: typeof studyProblems;
  /** All runs of a study. Throws a sentence per fault of it. */
  studyRuns: typeof studyRuns;
  /** Carries one of them out; a run that fails is a result too. */
  studyRun(run: StudyRun, backend: BackendName | null): Promise<StudyResult>;
  /** What came of it, as text. */
  studyTables: typeof studyTables;
}

declare global {
  interface Window {
    headless: Headless;
    /** Given by the script: prints a line. */
    retortSay?: (text: string) => void;
  }
}

let said = '';
/** Progress comes many times in the same words; a terminal wants them once. */
const say = (text: string) => {
  if (text !== said) window.retortSay?.(text);
  said = text;
};
const files = collectInputFiles([...document.querySelectorAll('input')]);

window.headless = {
  async inspect(choices = {}) {
    return (await importFiles(files, say, choices)).report;
  },
  recipeProblems(input) {
    return readRecipe(input).problems.map(({ message, path }) => (path ? `${path}: ${message}` : message));
  },
  studyProblems,
  studyRuns,
  studyTables,
  studyRun: (run, backend) => carryOut(run, null, backend).result,
  async distill({ recipe: input, onFiles, choices = {}, backend }) {
    const { recipe } = readRecipe(input);
    if (!onFiles) return new HeadlessRun(say).distill(recipe, null, backend);
    const { report, set } = await importFiles(files, say, choices);
    if (!set) throw new Error(report.message);
    say(report.message);
    return new HeadlessRun(say).distill(onUpload(recipe), ownRefOf(set), backend);
  },
};

function onUpload(recipe: Recipe): Recipe {
  return { ...recipe, material: { ...recipe.material, dataset: 'upload' } };
}
