/** Runs in the list, as they are stored. */
import { readRecipe } from '../../../distill/recipe';
import type { StoredRun } from '../../../storage/library';
import { bytesOf } from '../../../storage/schema';
import type { Learner } from '../../../training/events';
import { nothingStored, type RunEntry } from '../runs';

/** "step 240", "the teacher’s step 30" */
export function placeText(saved: Pick<NonNullable<RunEntry['saved']>, 'phase' | 'step'> | null): string {
  if (!saved) return 'the start';
  if (saved.phase === 'student') return `step ${saved.step}`;
  return `step ${saved.step} of the ${saved.phase === 'teacher' ? 'teacher' : 'initialisation stage'}`;
}

/** The list entry of a stored run. */
export function entryFrom({ label, progress, held }: StoredRun): RunEntry {
  const { id, number, name, note, notes, createdAt } = label;
  const { recipe } = readRecipe(label.recipe);
  return {
    id,
    number,
    name,
    notes,
    createdAt,
    // An older page kept the note beside the recipe.
    recipe: recipe.note === '' ? { ...recipe, note } : recipe,
    state: openState(progress, held),
    elsewhere: held,
    stored: true,
    ...progressPart(progress),
  };
}

/** What a person may have changed of a run in another tab. */
export function describedIn(stored: RunEntry | undefined): Partial<RunEntry> {
  return stored ? { number: stored.number, name: stored.name, notes: stored.notes } : {};
}

type Progress = StoredRun['progress'];

/** What an entry says of a run that has come so far; `held`: somebody is busy with it. */
export function openState(progress: Progress, held: boolean): RunEntry['state'] {
  if (progress && progress.state !== 'open') return progress.state;
  return held ? 'running' : 'interrupted';
}

/** What an entry knows from how far a run has come. */
export function progressPart(progress: Progress): Pick<RunEntry, keyof typeof nothingStored> {
  if (!progress) return nothingStored;
  const { final, phase, step, steps, curve, checkpoints, dataset, kept, best, backend, moves } = progress;
  const [last] = checkpoints;
  return {
    final,
    saved: checkpoints.length > 0 ? { phase, step } : null,
    kept: kept.map(({ path, phase: at, step: done }) => ({ path, phase: at, step: done })),
    weights: {
      ends: Object.keys(progress.weights) as Learner[],
      best: best && { step: best.step, accuracy: best.accuracy ?? 0 },
      last: last ? { path: last.path, phase: last.phase, step: last.step } : null,
    },
    curve: { ...curve, planned: steps },
    bytes: bytesOf(progress),
    dataset,
    backend,
    moves,
  };
}
