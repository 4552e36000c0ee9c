/** Tables of the page as comma-separated text. */
import type { Learner } from '../training/events';
import { csvLine, numberCell, textCell } from './csv';
import type { RunRecord } from './record';

const learners: readonly Learner[] = ['student', 'control', 'hard', 'teacher'];

/** Accuracy at the end (0..1) per class, one column per learner. */
export function classesCsv({ facts, perClass }: RunRecord): string {
  const measured = learners.filter((learner) => perClass?.[learner] !== undefined);
  const lines = [csvLine(['class', 'name', ...measured])];
  facts?.dataset.classes.forEach((name, label) =>
    lines.push(
      csvLine([
        label,
        textCell(name),
        ...measured.map((learner) => numberCell(perClass?.[learner]?.[label])),
      ]),
    ),
  );
  return `${lines.join('\n')}\n`;
}

/** Runs beside each other: one line each, with what they are and where they ended. */
export function runsCsv(records: readonly RunRecord[]): string {
  const head = ['run', 'name', 'method', 'data', 'student', 'seed', 'steps', 'seconds'];
  const lines = [csvLine([...head, ...learners.map((learner) => `accuracy:${learner}`)])];
  for (const { number, name, recipe, facts, final, seconds } of records)
    lines.push(
      csvLine([
        number,
        textCell(name),
        recipe.method,
        textCell(facts?.dataset.title ?? recipe.material.dataset),
        recipe.student.network,
        recipe.seed,
        recipe.schedule.steps,
        numberCell(seconds ?? undefined),
        ...learners.map((learner) => numberCell(final?.[learner])),
      ]),
    );
  return `${lines.join('\n')}\n`;
}
