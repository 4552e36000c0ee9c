import { weightingAbouts } from '../../distill/weighting/abouts';
import { midSentence } from '../../limits/texts';
import { hintNames, shortHintNames } from '../recipe/edits';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';
import { taskWords } from '../subject/task-words';
import { hintStyle, learnerStyles, type LineStyle } from '../theme/learner-styles';

/** How the named loss parts and probes of a run are called and drawn. */
export function partStyle(history: RunRecord, key: string): LineStyle {
  const plain = key.replace(/·w$/, '');
  const place = history.hintKeys.indexOf(plain);
  if (place >= 0)
    return {
      label: hintNames(history.recipe)[place] ?? plain,
      short: shortHintNames(history.recipe)[place] ?? plain,
      ...hintStyle(place),
    };
  const { loss, id } = history.task;
  if (plain === loss.key)
    return {
      label: `${loss.title} (${taskWords[id].ofLoss})`,
      short: loss.title,
      colour: 'var(--student)',
    };
  if (plain === 'total') return { label: 'Total', colour: 'var(--ink)' };
  if (plain === 'control') return learnerStyles.control;
  if (plain === 'full') return learnerStyles.full;
  if (plain === 'hard' || plain === 'hard answers') return learnerStyles.hard;
  return { label: plain, colour: 'var(--ink-2)' };
}

export function quantityName(history: RunRecord, quantity: Quantity): string {
  const [kind, key] = quantity.split(':') as ['loss' | 'weight' | 'spread' | 'fidelity', string];
  if (kind === 'fidelity') {
    const score = history.task.further.find(({ id }) => id === key);
    return score?.title ?? key;
  }
  const { label } = partStyle(history, key);
  const name = midSentence(label);
  if (kind === 'weight') return `Weight of ${name}`;
  if (kind === 'spread') return `Spread of the weight of ${name}`;
  return key === history.task.loss.key ? label : `Loss: ${name}`;
}

/** Keys of hints that taught in a prelude and say nothing in the student's own training. */
export function silentHints(history: RunRecord): string[] {
  if (!history.facts || history.facts.preludeSteps === 0) return [];
  return history.hintKeys.filter((key) => history.steps.student.column(key).at(-1) === 0);
}

/** What the per-instance views show unless asked otherwise: a weight where weights differ, else a loss. */
export function defaultQuantity(history: RunRecord): Quantity {
  const silent = silentHints(history);
  const first = history.hintKeys.find((key) => !silent.includes(key));
  if (first === undefined) return `loss:${history.task.loss.key}`;
  return weightingAbouts[history.recipe.weighting.id].perInstance ? `weight:${first}` : `loss:${first}`;
}

/** The chosen quantity when this run has it, else its default. */
export function quantityOf(history: RunRecord, chosen: Quantity | null): Quantity {
  const known = history.snapshots.quantities;
  return chosen !== null && known.includes(chosen) ? chosen : defaultQuantity(history);
}
