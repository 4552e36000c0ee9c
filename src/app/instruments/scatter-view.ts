import type { Learner } from '../../training/events';
import type { RunHistory } from '../run/history';
import type { Quantity } from '../run/snapshots';
import { labelState } from '../loupe/describe-image';

export interface Dot {
  row: number;
  /** Highest class probability of the chosen network, 0..1 */
  confidence: number;
  value: number;
  label: 'true' | 'wrong' | 'none';
}

/** The quantity of every watched image against how sure a network is about it. */
export function scatterDots(history: RunHistory, quantity: Quantity, learner: Learner): Dot[] {
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
