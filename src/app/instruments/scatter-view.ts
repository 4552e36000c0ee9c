import type { Learner } from '../../training/events';
import { labelState } from '../inspector/describe-image';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';

export interface Dot {
  row: number;
  /** Highest class probability of the chosen network, 0..1 */
  confidence: number;
  value: number;
  label: 'true' | 'wrong' | 'none';
}

/** The quantity of every tracked sample against how sure a network is about it. */
export function scatterDots(history: RunRecord, quantity: Quantity, learner: Learner): Dot[] {
  const { latest } = history.snapshots;
  const values = history.snapshots.newest(quantity);
  const probabilities = latest?.probabilities[learner];
  const classes = history.facts?.dataset.classes.length ?? 0;
  if (!values || !probabilities || classes === 0) return [];
  return Array.from(values, (value, row) => {
    let confidence = 0;
    for (let place = 0; place < classes; place += 1)
      confidence = Math.max(confidence, probabilities[row * classes + place]!);
    return { row, confidence, value, label: labelState(history, row) };
  }).filter(({ value, confidence }) => Number.isFinite(value) && Number.isFinite(confidence));
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
