/** All scores at the end of a run as a table, for the page and the report. */
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';
import { scoresOf } from '../subject/score-format';

export interface FinalScores {
  /** "Mean absolute error", "Accuracy, second domain" */
  columns: string[];
  rows: { learner: Learner; cells: string[] }[];
}

const order: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded', 'teacher'];

/** Null before the end, and where the one score stands in large figures already. */
export function finalScores({ outcome, facts }: Pick<RunRecord, 'outcome' | 'facts'>): FinalScores | null {
  if (!outcome) return null;
  const { scores, secondDomain } = outcome;
  const formats = scoresOf(facts);
  const columns = [
    ...formats.map((format) => ({ head: format.heading, format, of: scores[format.about.id] })),
    ...formats.flatMap((format) => {
      const of = secondDomain?.[format.about.id];
      return of ? [{ head: `${format.heading}, second domain`, format, of }] : [];
    }),
  ].filter(({ of }) => of !== undefined);
  if (columns.length < 2) return null;
  return {
    columns: columns.map(({ head }) => head),
    rows: order
      .filter((learner) => columns.some(({ of }) => of![learner] !== undefined))
      .map((learner) => ({
        learner,
        cells: columns.map(({ of, format }) => {
          const value = of![learner];
          return value === undefined ? '–' : format.text(value);
        }),
      })),
  };
}
