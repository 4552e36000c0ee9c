import type { InstanceSnapshot, Learner } from '../../training/events';
import { errorOf } from '../inspector/sample-filter';
import { labelState } from '../inspector/describe-sample';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';

export interface Dot {
  row: number;
  /** The chosen network's confidence, 0..1, or its error where numbers are predicted. */
  confidence: number;
  value: number;
  label: 'true' | 'wrong' | 'none';
}

/** The quantity of every tracked sample against how sure a network is about it. */
export function scatterDots(history: RunRecord, quantity: Quantity, learner: Learner): Dot[] {
  const { latest } = history.snapshots;
  const values = history.snapshots.newest(quantity);
  if (!values || !latest) return [];
  return Array.from(values, (value, row) => {
    const confidence = sureness(history, latest, row, learner);
    return { row, confidence, value, label: labelState(history, row) };
  }).filter(({ value, confidence }) => Number.isFinite(value) && Number.isFinite(confidence));
}

/**
 * Highest class probability; over several labels, the mean probability of the answer given for each; for numbers, the error
 * in deviations. NaN where the network was not measured.
 */
function sureness(history: RunRecord, snapshot: InstanceSnapshot, row: number, learner: Learner): number {
  const { facts, task } = history;
  if (task.id === 'regression') return errorOf(history, snapshot, row, learner) ?? Number.NaN;
  const isClass = task.id === 'classification';
  const all = isClass ? snapshot.probabilities[learner] : snapshot.answers?.[learner];
  const count = isClass ? (facts?.dataset.classes.length ?? 0) : (facts?.targets?.names.length ?? 0);
  if (!all || count === 0) return Number.NaN;
  const own = all.slice(row * count, (row + 1) * count);
  if (isClass) return Math.max(...own);
  return own.reduce((sum, share) => sum + Math.max(share, 1 - share), 0) / count;
}

/**
 * Networks are nearly always nearly sure: the axis counts nines, so that 99 % and 99.9 % are as far apart as 90 %
 * and 99 %. More than five nines are drawn as five.
 */
export function nines(confidence: number): number {
  return Math.min(5, Math.max(0, -Math.log10(Math.max(1e-5, 1 - confidence))));
}

/** Marks of that axis up to the given number of nines. */
export function ninesTicks(most: number): { place: number; text: string }[] {
  const named = [
    { share: 0, text: '0' },
    { share: 0.5, text: '50' },
    { share: 0.9, text: '90' },
    { share: 0.99, text: '99' },
    { share: 0.999, text: '99.9' },
    { share: 0.9999, text: '99.99' },
  ];
  return named.map(({ share, text }) => ({ place: nines(share), text })).filter(({ place }) => place <= most);
}
