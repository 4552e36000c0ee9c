/** What an experiment will take, said before it starts. */
import type { Recipe } from '../distill/recipe';
import { cellsOf, type Experiment } from './experiment';

/** Multiply-adds in a second of one worker where nothing was timed: WebAssembly with SIMD on a laptop. */
export const guessedSpeed = 1e9;
/** Of a method that was not measured, against a step without a teacher. */
const guessedRatio = 1.5;
/** Of a run beside its steps, where nothing was timed: start, measurements, storing. */
const guessedSeconds = 2;
/** Bytes of a log, as one of the bundled digits has them: for each measurement (most are of tracked samples), and for each step. */
const measurementBytes = 43_000;
const stepBytes = 80;
/** A step in multiples of the forward pass: a gradient costs as much as two of them. */
const passes = 3;

/** A run that was timed on this machine. */
export interface TimedRun {
  recipe: Recipe;
  /** Of the student's phase. */
  stepsPerSecond: number;
  /** Seconds of the run beside steps of student and teacher: start, measurements, storing. 0 where not known. */
  otherSeconds: number;
}

/** What is known of the networks and data of a recipe before anything is built. */
export interface RunSizes {
  student: NetworkSize;
  /** Of one network of a teacher that is trained here; null where none is. */
  teacher: NetworkSize | null;
  /** Instances of the training split. */
  instances: number;
}

export interface NetworkSize {
  parameters: number;
  /** Of one forward pass of one instance. */
  multiplyAdds: number;
}

export interface ForecastSetup {
  /** Null where nothing is known of the data. */
  sizesOf: (recipe: Recipe) => RunSizes | null;
  /** Key of the teacher that a recipe trains before the student; null for none. */
  keyOf: (recipe: Recipe) => string | null;
  isKept: (key: string) => boolean;
  timed: readonly TimedRun[];
  /** Runs of experiments that are stored, with the bytes that they take. */
  stored: readonly { recipe: Recipe; bytes: number }[];
  /** Seconds of a step of a method, in those of a step without a teacher; undefined where it was not measured. */
  ratioOf: (method: string) => number | undefined;
  /** Runs at a time. */
  workers: number;
}

export interface Forecast {
  runs: number;
  /** Teachers that have to be trained. */
  teachers: number;
  /** Teachers that are taken up as they are kept. */
  kept: number;
  /** Null where nothing is known of the data. */
  seconds: number | null;
  /** What the time is from: runs of the same steps, of other steps, or no run of this machine. */
  from: 'same' | 'other' | 'guess';
  /** Logs, the last weights of each student and the teachers that are trained; null as `seconds`. */
  bytes: number | null;
}

/** Number of runs and teachers, time and bytes of an experiment. */
export function forecastOf(
  experiment: Experiment,
  { sizesOf, keyOf, isKept, timed, stored, ratioOf, workers }: ForecastSetup,
): Forecast {
  const cells = cellsOf(experiment);
  // Cells of one row differ in nothing but the seed.
  const rows = experiment.entries.map(({ recipe }) => ({ recipe, sizes: sizesOf(recipe) }));
  const speed = speedOf(timed, sizesOf, ratioOf);
  const perSecond = new Map(
    rows.map(({ recipe }) => {
      const key = stepKey(recipe);
      const alike = timed.filter((run) => stepKey(run.recipe) === key);
      return [key, medianOf(alike.map(({ stepsPerSecond }) => stepsPerSecond))];
    }),
  );
  const same = rows.map(({ recipe }) => perSecond.get(stepKey(recipe)) ?? null);
  // How much more or less a log takes with the data and losses that are stored here.
  const logShare =
    medianOf(
      stored.flatMap(({ recipe, bytes }) => {
        const sizes = sizesOf(recipe);
        return sizes ? [(bytes - 4 * sizes.student.parameters) / guessedLog(recipe)] : [];
      }),
    ) ?? 1;
  const logs = experiment.seeds.length * rows.reduce((sum, { recipe }) => sum + guessedLog(recipe), 0);
  const teachers = new Map(
    cells.flatMap(({ entry, recipe }) => {
      const key = keyOf(recipe);
      return key === null ? [] : [[key, rows[entry]!] as const];
    }),
  );
  const trained = [...teachers].filter(([key]) => !isKept(key)).map(([, row]) => row);
  const known = rows.flatMap(({ recipe, sizes }, place) =>
    sizes ? [{ recipe, sizes, same: same[place] ?? null }] : [],
  );
  const isKnown = known.length === rows.length;
  const otherSeconds =
    timed.length === 0 ? guessedSeconds : (medianOf(timed.map((run) => run.otherSeconds)) ?? 0);
  const seconds =
    cells.length * otherSeconds +
    known.reduce(
      (sum, { recipe, sizes, same: stepsPerSecond }) =>
        sum +
        experiment.seeds.length *
          (stepsPerSecond === null
            ? (recipe.schedule.steps * stepWork(recipe, sizes, ratioOf(recipe.method))) /
              (speed ?? guessedSpeed)
            : recipe.schedule.steps / stepsPerSecond),
      0,
    ) +
    trained.reduce((sum, { recipe, sizes }) => sum + teacherWork(recipe, sizes) / (speed ?? guessedSpeed), 0);
  const parameters =
    known.reduce((sum, { sizes }) => sum + experiment.seeds.length * sizes.student.parameters, 0) +
    trained.reduce(
      (sum, { recipe, sizes }) => sum + membersOf(recipe) * (sizes?.teacher?.parameters ?? 0),
      0,
    );
  return {
    runs: cells.length,
    teachers: trained.length,
    kept: teachers.size - trained.length,
    seconds: isKnown ? seconds / Math.max(1, Math.min(workers, cells.length)) : null,
    from: same.every((known) => known !== null) ? 'same' : speed === null ? 'guess' : 'other',
    bytes: isKnown ? 4 * parameters + logShare * logs : null,
  };
}

function guessedLog({ schedule: { steps, evaluateEvery } }: Recipe): number {
  return measurementBytes * (1 + Math.ceil(steps / evaluateEvery)) + stepBytes * steps;
}

/** Multiply-adds in a second of runs that were timed here; null where none was. */
export function speedOf(
  timed: readonly TimedRun[],
  sizesOf: ForecastSetup['sizesOf'],
  ratioOf: ForecastSetup['ratioOf'],
): number | null {
  return medianOf(
    timed.flatMap(({ recipe, stepsPerSecond }) => {
      const sizes = sizesOf(recipe);
      return sizes ? [stepsPerSecond * stepWork(recipe, sizes, ratioOf(recipe.method))] : [];
    }),
  );
}

/** Multiply-adds of training a network once on so many instances. */
export function epochWork({ multiplyAdds }: Pick<NetworkSize, 'multiplyAdds'>, instances: number): number {
  return passes * instances * multiplyAdds;
}

/** What decides how long a step takes. */
function stepKey({ method, material, student, schedule, objective }: Recipe): string {
  const { control, hardAnswers } = objective;
  return JSON.stringify([
    method,
    material.dataset,
    material.halve,
    student,
    schedule.batch,
    control,
    hardAnswers,
  ]);
}

/** Multiply-adds of a step: those of the student, with what its method adds, and those of the lines beside it. */
function stepWork(
  { schedule, objective, hints }: Recipe,
  { student }: RunSizes,
  ratio: number = guessedRatio,
): number {
  // Without a loss the student is its own baseline.
  const beside = Number(objective.control && hints.length > 0) + Number(objective.hardAnswers);
  return passes * student.multiplyAdds * schedule.batch * (ratio + beside);
}

function teacherWork(recipe: Recipe, sizes: RunSizes | null): number {
  if (!sizes?.teacher) return 0;
  const { epochs } = recipe.teacher.knobs;
  return membersOf(recipe) * Number(epochs ?? 1) * epochWork(sizes.teacher, sizes.instances);
}

/** Networks of a teacher that are trained one after another. */
function membersOf({ teacher }: Recipe): number {
  return 'members' in teacher.knobs ? Number(teacher.knobs.members) : 1;
}

function medianOf(values: readonly number[]): number | null {
  const sound = values.filter((value) => Number.isFinite(value) && value > 0).toSorted((a, b) => a - b);
  return sound[sound.length >> 1] ?? null;
}
