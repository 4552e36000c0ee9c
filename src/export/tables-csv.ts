/** Tables of the page as comma-separated text. */
import type { Learner } from '../training/events';
import { csvTable } from './csv-table';
import type { Metrics } from '../record/run-metrics';

const learners: readonly Learner[] = ['student', 'control', 'hard', 'teacher'];

/** Final accuracy (0..1) per class, one column per learner. */
export function classesCsv({ facts, perClass }: Metrics): string {
  const measured = learners.filter((learner) => perClass?.[learner] !== undefined);
  const rows = (facts?.dataset.classes ?? []).map((name, label) => [
    label,
    name,
    ...measured.map((learner) => perClass?.[learner]?.[label]),
  ]);
  return csvTable(['class', 'name', ...measured], rows);
}

/** Runs side by side: one row each, with settings and final metrics. */
export function runsCsv(runs: readonly Metrics[]): string {
  const head = ['run', 'name', 'method', 'data', 'student', 'seed', 'steps', 'seconds', 'backend'];
  const rows = runs.map(({ number, name, recipe, facts, final, seconds, backends }) => [
    number,
    name,
    recipe.method,
    facts?.dataset.title ?? recipe.material.dataset,
    recipe.student.network,
    recipe.seed,
    recipe.schedule.steps,
    seconds,
    backends.map((use) => use.name).join(' > '),
    ...learners.map((learner) => final?.[learner]),
  ]);
  return csvTable([...head, ...learners.map((learner) => `accuracy:${learner}`)], rows);
}
