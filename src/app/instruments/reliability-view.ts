/** Confidence against correctness of each learner, at the last measurement. */
import type { RunRecord } from '../../record/run-record';
import type { Learner, ReliabilityBins } from '../../training/events';

/** Drawn in this order: the student lies on top. */
const order: readonly Learner[] = ['teacher', 'control', 'hard', 'full', 'rounded', 'student'];

export interface ReliabilityCurve {
  learner: Learner;
  bins: ReliabilityBins;
  /** Expected calibration error, 0..1 */
  error: number;
  /** Bins without a prediction. */
  empty: number;
}

export interface ReliabilityView {
  bins: number;
  curves: ReliabilityCurve[];
  /** Largest count of a bin. */
  most: number;
}

/** Of several runs on the same scales; null for those without such numbers. */
export function reliabilityViews(histories: readonly RunRecord[]): (ReliabilityView | null)[] {
  const views = histories.map(reliabilityView);
  const most = Math.max(...views.map((view) => view?.most ?? 1));
  return views.map((view) => view && { ...view, most });
}

/** Null before the first measurement, and where answers are no probabilities. */
export function reliabilityView({ reliability, outcome, measured }: RunRecord): ReliabilityView | null {
  const errors = (outcome?.reliability ? outcome : measured.student.at(-1))?.further?.['ece'] ?? {};
  const curves = order.flatMap((learner): ReliabilityCurve[] => {
    const bins = reliability?.[learner];
    if (!bins) return [];
    const empty = bins.counts.filter((count) => count === 0).length;
    return [{ learner, bins, error: errors[learner] ?? Number.NaN, empty }];
  });
  if (curves.length === 0) return null;
  return {
    bins: curves[0]!.bins.counts.length,
    curves,
    most: Math.max(1, ...curves.flatMap(({ bins }) => bins.counts)),
  };
}
