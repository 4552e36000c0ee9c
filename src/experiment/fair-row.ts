/** What fairness asks of a row of an experiment, or of one of several runs. */
import { knobAt, type Recipe } from '../distill/recipe';
import { taskAboutOf } from '../distill/tasks/about';
import { backendTitles, type BackendName } from '../engine/backend-names';
import type { ByLearner, RunFacts } from '../training/events';
import type { NamedRow } from './row-names';

/** Numbers of a run that decide what its score can be compared with. */
export interface RunSize {
  /** Labels that the student learns from. */
  labelled: number;
  /** Instances without a label. */
  unlabelled: number;
  /** Labels that the weighting alone learns from. */
  meta: number;
  /** Steps of the student, with those that losses take before its own. */
  steps: number;
  /** Parameters of the student, of what is trained beside it, and of the teacher (null for none). */
  student: number;
  beside: number;
  teacher: number | null;
}

export function sizeOf(facts: RunFacts): RunSize {
  const parameters = (role: 'teacher' | 'student') =>
    facts.networks.find((network) => network.role === role)?.parameters ?? null;
  return {
    labelled: facts.labelled,
    unlabelled: facts.unlabelled,
    meta: facts.meta,
    steps: facts.preludeSteps + facts.studentSteps,
    student: parameters('student') ?? 0,
    beside: facts.extraParameters,
    teacher: parameters('teacher'),
  };
}

/** A row of an experiment, as far as fairness is concerned. */
export interface FairRow extends NamedRow {
  /** Of one of its runs, null before the first has begun. */
  size: RunSize | null;
  /** The user's own data set, as it is told from others; left out where rows cannot differ in it. */
  set?: string;
  /** Seeds of its results, where rows may have different ones. */
  seeds?: readonly number[];
  /** The first score of its teacher, and of the same student without one; null where there is none. */
  reached?: { teacher: number | null; baseline: number | null; better: 'higher' | 'lower' };
  /** Knobs that were turned while it ran. */
  turned?: readonly string[];
  /** Whether it, or one of its runs, was stopped before its end. */
  stopped?: boolean;
  /** What computed its results, as far as numbers depend on it; left out where it is not known. */
  computedOn?: string;
}

/** What is asked of a run: of a record, or of its numbers as they are saved. */
export interface FairRun {
  recipe: Recipe;
  facts: RunFacts | null;
  /** Paths of the knobs that were turned while it ran. */
  turned: readonly string[];
  /** The task's first score at the end; null before. */
  final: ByLearner<number> | null;
  /** Whether it was stopped before its end. */
  stopped: boolean;
  /** As `computedOn` says it; null where it is not known. */
  computedOn: string | null;
}

/** What computed a run, as far as its numbers depend on it: "WebAssembly", "WebGPU, NVIDIA H200", "PyTorch 2.1 on cuda". */
export function computedOn(
  backends: readonly { name: BackendName; device: string }[],
  facts: RunFacts | null,
): string | null {
  if (facts?.trainedIn !== undefined) return facts.trainedIn;
  const titles = backends.map(({ name, device }) =>
    // On any number of threads the numbers are the same.
    name === 'wasm' || device === '' ? backendTitles[name] : `${backendTitles[name]}, ${device}`,
  );
  return titles.length === 0 ? null : [...new Set(titles)].join(', then ');
}

/** What a reader calls the knobs at these paths. What a recipe has planned itself, such as the end of distillation, is no knob. */
export function turnedLabels(recipe: Recipe, paths: readonly string[]): string[] {
  return paths.flatMap((path) => knobAt(recipe, path)?.label ?? []);
}

/** One of several runs. @param set tells the user's own data sets apart */
export function rowOfRun(name: string, run: FairRun, set?: string): FairRow {
  const { recipe, facts, turned, final, stopped, computedOn } = run;
  const { better } = taskAboutOf(facts).scores[0];
  return {
    name,
    recipe,
    axes: [],
    size: facts && sizeOf(facts),
    ...(set === undefined ? {} : { set }),
    seeds: [recipe.seed],
    reached: { teacher: final?.teacher ?? null, baseline: final?.control ?? null, better },
    turned: turnedLabels(recipe, turned),
    stopped,
    ...(computedOn === null ? {} : { computedOn }),
  };
}
