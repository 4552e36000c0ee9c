/** Whether answers are no better than those of a network that knows nothing of the inputs. */
import type { Targets } from '../data/dataset';
import type { RunEvent } from './events';
import { evaluationSets } from './evaluation-sets';
import type { Plan } from './plan';
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

/** A warning before the student's first step, from the evaluation there, where a teacher that stays as it is knows nothing. */
export function weakTeacherWarning(
  { material, recipe }: Pick<Plan, 'material' | 'recipe'>,
  events: readonly RunEvent[],
): RunEvent[] {
  const found = events.find((event) => event.type === 'evaluation');
  if (!found || found.loss.teacher === undefined) return [];
  const scores = Object.fromEntries(
    Object.entries(found.scores).map(([id, { teacher = NaN }]) => [id, teacher]),
  );
  const { name, targets } = evaluationSets(material, recipe.seed).live;
  const words = noBetterThanChance(material.task, { scores, loss: found.loss.teacher }, targets);
  if (words === null) return [];
  const text = `The teacher does ${words} on the ${name} instances. Take another one; if it comes from a file, its classes or rows may be in another order.`;
  return [{ type: 'warning', step: 0, text }];
}
