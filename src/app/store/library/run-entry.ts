/** An entry of the list of runs, and how it is read from the storage. */
import type { TaskId } from '../../../data/dataset';
import { readRecipe, type Recipe } from '../../../distill/recipe';
import type { Curve } from '../../../record/summary';
import type { StoredRun } from '../../../storage/library';
import { bytesOf, type DatasetRef } from '../../../storage/schema';
import type { BackendMove, Learner, Phase } from '../../../training/events';
import type { RunId, RunStatus } from '../../../worker/training-protocol';

/** What the list of runs shows of a run; its numbers are in its `RunRecord`. */
export interface RunEntry {
  id: RunId;
  number: number;
  name: string;
  recipe: Recipe;
  state: RunStatus;
  /** Missing in runs of older pages, which knew classification alone. */
  task?: TaskId;
  /** Unit of its first score, where that is the target's and it is stored. */
  unit?: string;
  final: Partial<Record<Learner, number>> | null;
  /** The user's own notes. */
  notes: string;
  /** Milliseconds since 1970 */
  createdAt: number;
  /** The experiment that it is a cell of. */
  experiment: string | null;
  /** In the browser's storage, and not only on this page. */
  stored: boolean;
  /** Another tab trains it. */
  elsewhere: boolean;
  /** Where it can be resumed. */
  saved: { phase: Phase; step: number } | null;
  /** Checkpoints that the user has kept. */
  kept: { path: string; phase: Phase; step: number }[];
  /** Which of its weights are stored. */
  weights: StoredWeights;
  /** The curve to draw while the record is not read yet. */
  curve: (Curve & { planned: number }) | null;
  /** Bytes that it takes in the storage. */
  bytes: number;
  /** The data set it is trained on, once that is stored. */
  dataset: DatasetRef | null;
  /** The backend it was started on. */
  backend: string | null;
  /** Changes of backend since. */
  moves: readonly BackendMove[];
}

/** Which of a run's weights are stored, beside kept checkpoints. */
export interface StoredWeights {
  /** Learners whose final weights are stored. */
  ends: Learner[];
  /** The student's weights with the best measured accuracy. */
  best: { step: number; accuracy: number } | null;
  /** The newest checkpoint of a run that has not ended. */
  last: { path: string; phase: Phase; step: number } | null;
}

/** The stored part of an entry while nothing of the run is stored. */
export const nothingStored = {
  final: null,
  saved: null,
  kept: [],
  weights: { ends: [], best: null, last: null },
  curve: null,
  bytes: 0,
  dataset: null,
  backend: null,
  moves: [],
} satisfies Partial<RunEntry>;

/** "step 240", "the teacher’s step 30" */
export function placeText(saved: Pick<NonNullable<RunEntry['saved']>, 'phase' | 'step'> | null): string {
  if (!saved) return 'the start';
  if (saved.phase === 'student') return `step ${saved.step}`;
  return `step ${saved.step} of the ${saved.phase === 'teacher' ? 'teacher' : 'initialisation stage'}`;
}

/** Whether the run has a checkpoint to continue from and no other tab trains it. */
export function canContinue({ state, saved, elsewhere }: RunEntry): boolean {
  return (
    saved !== null && !elsewhere && (state === 'interrupted' || state === 'stopped' || state === 'failed')
  );
}

/** The entry of a stored run. */
export function entryFrom({ label, progress, held }: StoredRun): RunEntry {
  const { id, number, name, note, notes, createdAt, experiment = null } = label;
  const { recipe } = readRecipe(label.recipe);
  return {
    id,
    number,
    name,
    notes,
    createdAt,
    experiment,
    // An older page kept the note beside the recipe.
    recipe: recipe.note === '' ? { ...recipe, note } : recipe,
    state: openState(progress, held),
    elsewhere: held,
    stored: true,
    ...progressPart(progress),
  };
}

/** What may have been changed of a run in another tab: its number, name and notes. */
export function describedIn(stored: RunEntry | undefined): Partial<RunEntry> {
  return stored ? { number: stored.number, name: stored.name, notes: stored.notes } : {};
}

type Progress = StoredRun['progress'];

/** The state of a run with this progress; `held`: a tab holds its lock. */
export function openState(progress: Progress, held: boolean): RunEntry['state'] {
  if (progress && progress.state !== 'open') return progress.state;
  return held ? 'running' : 'interrupted';
}

/** The part of an entry that comes from the stored progress. */
export function progressPart(
  progress: Progress,
): Pick<RunEntry, keyof typeof nothingStored | 'task' | 'unit'> {
  if (!progress) return nothingStored;
  const { task, unit, final, phase, step, steps, curve, checkpoints, dataset, kept, best, backend, moves } =
    progress;
  const [last] = checkpoints;
  return {
    ...(task ? { task } : {}),
    ...(unit === undefined ? {} : { unit }),
    final,
    saved: checkpoints.length > 0 ? { phase, step } : null,
    kept: kept.map(({ path, phase: at, step: done }) => ({ path, phase: at, step: done })),
    weights: {
      ends: Object.keys(progress.weights) as Learner[],
      best: best && { step: best.step, accuracy: best.score ?? 0 },
      last: last ? { path: last.path, phase: last.phase, step: last.step } : null,
    },
    curve: { ...curve, planned: steps },
    bytes: bytesOf(progress),
    dataset,
    backend,
    moves,
  };
}
