import { Select } from '@mantine/core';
import { useState } from 'react';
import { fairnessSentences } from '../../experiment/fairness';
import { mostSeeds, type Comparison } from '../../experiment/statistics';
import { fairRows, pairOf, type CellResult, type ExperimentLine } from '../../experiment/table';
import type { Experiment } from '../../experiment/experiment';
import type { ScoreFormat } from '../subject/score-format';
import classes from './experiment.module.css';

interface RowPairProps {
  experiment: Experiment;
  results: readonly CellResult[];
  lines: readonly ExperimentLine[];
  score: ScoreFormat;
}

/** Any row against any other: the table compares each with the baseline beside it. */
export function RowPair({ experiment, results, lines, score }: RowPairProps) {
  const scored = lines.flatMap(({ name, student }, entry) => (student ? [{ entry, name, student }] : []));
  const best = scored.toSorted((a, b) =>
    score.lowerIsBetter ? a.student.mean - b.student.mean : b.student.mean - a.student.mean,
  );
  const [chosen, setChosen] = useState<readonly [number | null, number | null]>([null, null]);
  const one = chosen[0] ?? best[0]?.entry ?? 0;
  const other = chosen[1] ?? best.find(({ entry }) => entry !== one)?.entry ?? 0;
  const id = lines[one]?.score.id;
  const found = pairOf(results, [one, other], id);
  const rows = fairRows(experiment, results);
  const mind = one === other ? [] : fairnessSentences([rows[one]!, rows[other]!]);
  if (scored.length < 2) return null;
  const data = scored.map(({ entry, name }) => ({ value: String(entry), label: name }));
  const select = (place: 0 | 1, label: string) => (
    <Select
      label={label}
      size="xs"
      flex="1 1 260px"
      maw={420}
      searchable
      allowDeselect={false}
      data={data}
      value={String(place === 0 ? one : other)}
      onChange={(value) => value && setChosen(place === 0 ? [Number(value), other] : [one, Number(value)])}
    />
  );
  return (
    <section className={classes.pair} aria-label="Two rows">
      <div className={classes.start}>
        {select(0, 'Compare')}
        {select(1, 'with')}
      </div>
      <p className={classes.line} role="status">
        {one === other ? 'Choose two rows.' : found ? pairText(found, score) : 'They share no seed yet.'}
      </p>
      {mind.length > 0 && found && (
        <ul className={classes.pairMind}>
          {mind.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** "+1.2 points, 95 % interval −0.3 to +2.7, better in 4 of 5 seeds: undecided (about 9 seeds). A single comparison, not corrected." */
function pairText(
  { mean, interval, wins, n, p, verdict, seedsNeeded }: Comparison,
  { signed, isShare }: ScoreFormat,
): string {
  const unit = isShare ? ' points' : '';
  const within = interval ? `, 95 % interval ${signed(interval[0])} to ${signed(interval[1])}` : '';
  const seeds = n === 1 ? 'one seed says nothing of luck' : `better in ${wins} of ${n} seeds`;
  const chance = p === null ? '' : `, p = ${p < 0.001 ? '< 0.001' : p.toPrecision(2)}`.replace('= <', '<');
  const needed =
    verdict !== 'undecided' || n === 1
      ? ''
      : seedsNeeded
        ? ` (about ${seedsNeeded} seeds)`
        : p === null
          ? ''
          : ` (no end within ${mostSeeds} seeds)`;
  return `${signed(mean)}${unit}${within}, ${seeds}${chance}: ${verdict}${needed}. One comparison by itself, not corrected for others.`;
}
