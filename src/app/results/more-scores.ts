/** What is measured beside the first scores at the end of a run, and what its networks cost: for the page and the report. */
import { backendTitles } from '../../engine/backend-names';
import { costsOf } from '../../record/costs';
import type { RunRecord } from '../../record/run-record';
import type { Learner } from '../../training/events';
import { bytes, count, dayAndTime, duration, short } from '../format';
import type { TermId } from '../glossary/terms';
import { capital, primaryScore, scoreFormat } from '../subject/score-format';

interface Column {
  head: string;
  term: TermId | null;
}

export interface MoreScores {
  tables: { title: string; columns: Column[]; rows: { learner: Learner; cells: string[] }[] }[];
  /** Of the run as a whole. */
  facts: { name: string; term: TermId | null; text: string }[];
}

const order: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded', 'teacher'];

/** "0.42 ms" */
function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  return `${value.toPrecision(value >= 100 ? 3 : 2)}\u00a0ms`;
}

/** Null before the end. */
export function moreScores(history: RunRecord): MoreScores | null {
  const { outcome, facts, task, latencies, times } = history;
  if (!outcome || !facts) return null;
  const learners = order.filter((learner) => outcome.final[learner] !== undefined);
  const further = task.further.flatMap((about) => {
    const of = outcome.further?.[about.id];
    return of ? [{ format: scoreFormat(about, facts), of }] : [];
  });
  const costs = costsOf(history);
  const score = primaryScore(facts);
  return {
    tables: [
      ...(further.length > 0
        ? [
            {
              title: 'More scores on the test split at the end',
              columns: further.map(({ format }) => ({ head: direction(format), term: format.term })),
              rows: learners.map((learner) => ({
                learner,
                cells: further.map(({ of, format }) =>
                  of[learner] === undefined ? '–' : format.text(of[learner]),
                ),
              })),
            },
          ]
        : []),
      {
        title: 'What a network costs',
        columns: [
          { head: 'Parameters', term: 'parameters' },
          { head: 'Multiply-adds', term: 'multiplyAdds' },
          { head: 'Weights', term: null },
          ...(latencies
            ? ([
                { head: 'Latency of one', term: 'latency' },
                { head: `of a batch of ${latencies.batch}`, term: 'latency' },
              ] as const)
            : []),
        ],
        rows: learners.flatMap((learner) => {
          const cost = costs[learner];
          if (!cost) return [];
          const measured = latencies?.networks[learner];
          return [
            {
              learner,
              cells: [
                count(cost.parameters),
                short(cost.multiplyAdds),
                bytes(cost.bytes),
                ...(latencies ? [milliseconds(measured?.one), milliseconds(measured?.batch)] : []),
              ],
            },
          ];
        }),
      },
    ],
    facts: [
      ...(outcome.constant === undefined
        ? []
        : [{ name: task.constant, term: 'constant' as const, text: score.text(outcome.constant) }]),
      ...(times
        ? [
            {
              name: 'Training time',
              term: 'trainingTime' as const,
              text: [
                ...(outcome.final.teacher === undefined ? [] : [`teacher ${secondsText(times.teacher)}`]),
                `student ${secondsText(times.student)}`,
              ].join(', '),
            },
          ]
        : []),
      ...(latencies
        ? [
            {
              name: 'Latency measured',
              term: 'latency' as const,
              text: `on ${backendTitles[latencies.backend]} (${latencies.device})${
                latencies.at === undefined ? '' : `, ${dayAndTime(latencies.at)}`
              }, median of ${latencies.repeats}${
                Object.values(latencies.networks).some(({ batch }) => batch === null)
                  ? '; where a dash stands it would have taken over a second'
                  : ''
              }`,
            },
          ]
        : []),
    ],
  };
}

/** "ECE, lower is better" is said by an arrow in a narrow head. */
function direction({ about: { short: name, better } }: ReturnType<typeof scoreFormat>): string {
  return `${capital(name)} ${better === 'lower' ? '↓' : '↑'}`;
}

function secondsText(seconds: number): string {
  return seconds < 60 ? `${seconds.toFixed(1)}\u00a0s` : duration(seconds);
}
