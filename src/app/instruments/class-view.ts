import type { Learner } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import type { Compared } from './overlay';

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

/**
 * The students of several runs: that of the run in view under "student", others under "run 3". Runs on other classes or
 * labels are left out.
 * @param sharesOf what is shown of one run
 */
export function comparedShares(
  history: RunRecord,
  compared: readonly Compared[],
  sharesOf: (run: RunRecord) => ClassShares,
): { runs: Compared[]; rows: { name: string; shares: Record<string, number> }[] } {
  const others = compared.map((run) => ({
    run,
    shares: new Map(sharesOf(run.history).rows.map(({ name, shares }) => [name, shares.student])),
  }));
  const rows = sharesOf(history).rows.map(({ name, shares: { student } }) => {
    const shares: Record<string, number> = student === undefined ? {} : { student };
    for (const { run, shares: theirs } of others) {
      const share = theirs.get(name);
      if (share !== undefined) shares[`run ${run.number}`] = share;
    }
    return { name, shares };
  });
  return {
    runs: compared.filter(({ number }) => rows.some(({ shares }) => `run ${number}` in shares)),
    rows,
  };
}
