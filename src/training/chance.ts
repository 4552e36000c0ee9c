/** Whether answers are no better than those of a network that knows nothing of the inputs. */
import type { Targets } from '../data/dataset';
import type { Measurement, Task } from '../distill/tasks/task';

/** Standard errors above the share of the commonest class. */
const errors = 2;

/**
 * Words that follow "does" or "do": "no better than chance (9.8 % right; …)"; null where they are better.
 * @param targets that they were measured on
 */
export function noBetterThanChance(
  task: Task,
  measured: Pick<Measurement, 'scores' | 'loss'>,
  targets: Targets,
): string | null {
  if (!task.oneOfMany)
    return task.isWeak(measured) ? 'no better than one answer for all instances would' : null;
  const counts = new Map<number, number>();
  let known = 0;
  targets.values.forEach((label, row) => {
    if (targets.known[row] !== 1) return;
    known++;
    counts.set(label, (counts.get(label) ?? 0) + 1);
  });
  if (known === 0) return null;
  const chance = Math.max(...counts.values()) / known;
  const accuracy = measured.scores['accuracy']!;
  if (accuracy > chance + errors * Math.sqrt((chance * (1 - chance)) / known)) return null;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `no better than chance (${percent(accuracy)} right; always the commonest class would be ${percent(chance)})`;
}
