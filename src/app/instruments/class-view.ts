import type { Learner } from '../../training/events';
import type { RunRecord } from '../../record/run-record';

/** Drawn in this order: the student lies on top. */
const order: readonly Learner[] = ['teacher', 'control', 'hard', 'full', 'rounded', 'student'];

export interface ClassShares {
  learners: Learner[];
  rows: { name: string; shares: Partial<Record<Learner, number>> }[];
}

/** A score of each label at the last evaluation; a label that none of the measured instances has is left out. */
export function labelScores(history: RunRecord, score: string): ClassShares {
  const { facts, measured } = history;
  const byLearner = measured.student.at(-1)?.perTarget?.[score] ?? {};
  const learners = order.filter((learner) => byLearner[learner]);
  const rows = (facts?.targets?.names ?? []).flatMap((name, label) => {
    const shares: Partial<Record<Learner, number>> = {};
    for (const learner of learners) {
      const value = byLearner[learner]![label]!;
      if (Number.isFinite(value)) shares[learner] = value;
    }
    return Object.keys(shares).length > 0 ? [{ name, shares }] : [];
  });
  return { learners, rows };
}

/** Accuracy within each class at the last evaluation; classes that were not measured are left out. */
export function classShares(history: RunRecord): ClassShares {
  const names = history.facts?.dataset.classes ?? [];
  const learners = order.filter((learner) => history.confusion[learner]);
  const rows = names.flatMap((name, label) => {
    const shares: Partial<Record<Learner, number>> = {};
    for (const learner of learners) {
      const counts = history.confusion[learner]!.slice(label * names.length, (label + 1) * names.length);
      const total = counts.reduce((sum, value) => sum + value, 0);
      if (total > 0) shares[learner] = counts[label]! / total;
    }
    return Object.keys(shares).length > 0 ? [{ name, shares }] : [];
  });
  return { learners, rows };
}
