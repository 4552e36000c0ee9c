/** Tracked samples in words: their targets by name or as numbers with units, whatever the task asks for. */
import type { RunRecord } from '../../record/run-record';
import { figure } from '../format';
import { instanceWords } from '../subject/instance-words';
import { taskWords } from '../subject/task-words';
import { withUnit } from '../subject/score-format';

/** Name of a class, or of a label; “none” for -1. */
export function className(history: Pick<RunRecord, 'facts'>, label: number): string {
  const { facts } = history;
  if (label < 0) return 'none';
  return facts?.dataset.classes[label] ?? facts?.targets?.names[label] ?? String(label);
}

/** Whether the student is given the target that the set came with, another one, or none. */
export function labelState(history: Pick<RunRecord, 'tracked'>, row: number): 'true' | 'wrong' | 'none' {
  const { tracked } = history;
  const image = tracked?.images[row];
  if (!tracked || !image) return 'none';
  if (tracked.targets) {
    const [truth, given] = [targetAt(history, row, 'truth'), targetAt(history, row, 'given')];
    if (given.some(Number.isNaN)) return 'none';
    return given.every((value, t) => value === truth[t]) ? 'true' : 'wrong';
  }
  if (image.givenLabel < 0) return 'none';
  return image.givenLabel === image.trueLabel ? 'true' : 'wrong';
}

/** [T] numbers or labels (0 or 1) of a sample whose target is no class. */
export function targetAt(
  { tracked }: Pick<RunRecord, 'tracked'>,
  row: number,
  side: 'truth' | 'given',
): Float32Array {
  const values = tracked?.targets?.[side] ?? new Float32Array();
  const width = values.length / Math.max(1, tracked?.images.length ?? 0);
  return values.subarray(row * width, (row + 1) * width);
}

/** "three", "41.2°", "cat and dog"; "none" without labels. */
export function targetText(
  history: Pick<RunRecord, 'facts' | 'tracked' | 'task'>,
  row: number,
  side: 'truth' | 'given',
): string {
  const { tracked, facts } = history;
  const image = tracked?.images[row];
  if (!image) return '';
  if (!tracked.targets) return className(history, side === 'truth' ? image.trueLabel : image.givenLabel);
  return targetWords(history, targetAt({ tracked }, row, side), facts?.targets?.units ?? []);
}

/** Numbers with their units, or the names of the labels that are set. */
export function targetWords(
  history: Pick<RunRecord, 'facts' | 'task'>,
  values: ArrayLike<number>,
  units: readonly string[],
): string {
  const all = Array.from(values);
  if (history.task.id === 'multilabel') {
    const set = all.flatMap((value, t) => (value > 0.5 ? [className(history, t)] : []));
    return set.length > 0 ? set.join(', ') : 'none';
  }
  const named = all.length > 1;
  return all
    .map(
      (value, t) => `${named ? `${className(history, t)} ` : ''}${withUnit(figure(value), units[t] ?? '')}`,
    )
    .join(', ');
}

/** One tracked sample in words. */
export function describeSample(history: RunRecord, row: number): string {
  const image = history.tracked?.images[row];
  if (!image) return '';
  const words = taskWords[history.task.id];
  const truth = targetText(history, row, 'truth');
  const given = {
    true: '',
    wrong: `, labelled “${targetText(history, row, 'given')}”`,
    none: `, ${words.none}`,
  }[labelState(history, row)];
  return `${instanceWords(history.facts).One} ${image.index}, ${words.named(truth)}${given}`;
}
