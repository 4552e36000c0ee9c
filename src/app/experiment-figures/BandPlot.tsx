import '@mantine/core/styles/Pill.layer.css';
import '@mantine/core/styles/PillsInput.layer.css';
import { Button, MultiSelect, Select } from '@mantine/core';
import { startTransition, useMemo, useState } from 'react';
import { shortNames } from '../../experiment/row-names';
import type { RunRecord } from '../../record/run-record';
import type { RunId } from '../../worker/training-protocol';
import { figure } from '../format';
import { scoreFrame } from '../instruments/frames';
import { valueScale } from '../instruments/loss-view';
import { Panel } from '../instruments/Panel';
import { Plot } from '../instruments/plot/Plot';
import { linearScale } from '../instruments/plot/scale';
import { primaryScore } from '../subject/score-format';
import { LineSample } from '../recipe/LineSample';
import { hintStyle } from '../theme/learner-styles';
import { bandView, quantitiesOf, scoreQuantity } from './band-view';
import classes from './experiment-figures.module.css';
import type { FigureProps } from './figure-props';
import { fittedLabel } from './row-labels';

/** Rows that are drawn at first, the best ones: more bands hide each other. */
const firstRows = 4;
/** Colours and dashes tell so many apart. */
const mostRows = 12;
/** Letters that a chosen row has room for. */
const pillLetters = 44;

/** Curves of chosen rows: the mean over seeds with the 95 % interval at each step. */
export function BandPlot({
  experiment,
  results,
  lines,
  score: ofTable,
  runs,
  load,
}: Omit<FigureProps, 'onOpen'>) {
  const best = useMemo(
    () =>
      lines
        .map(({ student }, entry) => ({ entry, mean: student?.mean }))
        .filter(({ mean }) => mean !== undefined)
        .toSorted((a, b) => (ofTable.lowerIsBetter ? a.mean! - b.mean! : b.mean! - a.mean!))
        .slice(0, firstRows)
        .map(({ entry }) => entry),
    [lines, ofTable.lowerIsBetter],
  );
  const [chosen, setChosen] = useState<readonly number[] | null>(null);
  const [quantity, setQuantity] = useState<string>(scoreQuantity);
  const [records, setRecords] = useState<ReadonlyMap<RunId, RunRecord | null>>(new Map());
  const [reading, setReading] = useState(false);
  const entries = chosen ?? best;
  // A run under way has not come as far as the others.
  const ended = runs.filter((cell) =>
    results.some(
      ({ entry, seed, failure }) => failure === null && entry === cell.entry && seed === cell.seed,
    ),
  );
  const wanted = ended.filter(({ entry, run }) => entries.includes(entry) && !records.has(run));
  const readCurves = async () => {
    setReading(true);
    // Drawn once: every record more changes all means.
    const read = new Map<RunId, RunRecord | null>();
    for (const { run } of wanted) read.set(run, await load(run));
    startTransition(() => {
      setRecords((before) => new Map([...before, ...read]));
      setReading(false);
    });
  };
  const names = useMemo(() => shortNames(experiment.entries.map(({ name }) => name)), [experiment]);
  const rows = entries.map((entry) => ({
    entry,
    name: names[entry] ?? '',
    records: ended.flatMap((cell) => (cell.entry === entry ? (records.get(cell.run) ?? []) : [])),
  }));
  const quantities = quantitiesOf(rows.flatMap((row) => row.records));
  const isScore = quantity === scoreQuantity;
  // The table may be about a score that is measured at the end alone.
  const score = primaryScore(rows.flatMap((row) => row.records)[0]?.facts);
  const view = bandView(rows, quantity, (place) => hintStyle(place));
  const frame = scoreFrame(score);
  const isShare = isScore && score.isShare;
  const [low, high] = view.range ?? [0, 1];
  const range: [number, number] | null = isShare ? [Math.max(0, low), Math.min(1, high)] : view.range;
  const seeds = Math.max(0, ...rows.map((row) => row.records.length));
  return (
    <Panel
      enlarges={false}
      title="Curves with bands"
      line={seeds > 1 ? `mean over ${seeds} seeds, band: its 95 % interval` : 'mean over seeds'}
      tools={
        <>
          {quantities.length > 1 && (
            <Select
              aria-label="What the curves show"
              w={200}
              allowDeselect={false}
              value={quantity}
              onChange={(value) => value && setQuantity(value)}
              data={quantities.map(({ key, label }) => ({
                value: key,
                label: key === scoreQuantity ? score.heading : label,
              }))}
            />
          )}
          <MultiSelect
            aria-label="Rows that are drawn"
            size="xs"
            className={classes.choice!}
            maxValues={mostRows}
            value={entries.map(String)}
            onChange={(values) => setChosen(values.map(Number))}
            data={names.map((name, entry) => ({
              value: String(entry),
              label: fittedLabel(name, pillLetters),
            }))}
          />
        </>
      }
    >
      {wanted.length > 0 && (
        <p className={classes.note}>
          <Button size="compact-xs" variant="default" loading={reading} onClick={() => void readCurves()}>
            Read the curves of {wanted.length} {wanted.length === 1 ? 'run' : 'runs'}
          </Button>
        </p>
      )}
      <Plot
        {...(isScore ? frame : { format: figure, unit: 'mean loss of a batch', height: 264 })}
        title={`${isScore ? score.heading : 'Loss'} over steps, mean and interval over seeds`}
        {...view}
        scale={isScore && range ? linearScale(...range) : valueScale(range, false)}
        empty={
          ended.length === 0
            ? 'Curves are there once cells are stored.'
            : 'Read the curves of the chosen rows to draw them.'
        }
      />
      <div className={classes.key} data-figure="legend">
        {view.lines.map(({ key, label, short, ...style }) => (
          <span key={key}>
            <LineSample style={style} width={26} />
            {short} {label}
          </span>
        ))}
      </div>
    </Panel>
  );
}
