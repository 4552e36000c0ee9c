import { useMemo } from 'react';
import type { InstanceSnapshot } from '../../training/events';
import { SavedFigure } from '../figures/SavedFigure';
import { figure } from '../format';
import { valueScale } from '../instruments/loss-view';
import { partStyle } from '../instruments/names';
import { rowRange } from '../instruments/plot-model';
import { instanceWords } from '../subject/instance-words';
import { stepsOf } from '../instruments/step-axis';
import { Plot } from '../instruments/plot/Plot';
import type { Row } from '../instruments/decimate';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';
import classes from './inspector.module.css';

interface Props {
  history: RunRecord;
  row: number;
  /** The newest moment: a new one means new points. */
  moment: InstanceSnapshot | null;
}

/** Losses and weights of this instance over time. */
export function SampleCurves({ history, row, moment }: Props) {
  const views = useMemo(
    () =>
      (['weight', 'loss'] as const).flatMap((kind) => {
        const view = moment ? curveView(history, row, kind) : null;
        return view ? [{ kind, ...view }] : [];
      }),
    [history, row, moment],
  );
  return views.map(({ kind, ...view }) => (
    <div key={kind} className={classes.trace}>
      <SavedFigure
        heading={kind === 'weight' ? 'Its weights' : 'Its losses'}
        title={`${kind === 'weight' ? 'Weights' : 'Losses'} of ${instanceWords(history.facts).one} ${history.tracked!.images[row]!.index}`}
      >
        <Plot
          {...view}
          title={`${kind === 'weight' ? 'Weights' : 'Losses'} of this ${instanceWords(history.facts).one} over steps`}
          format={figure}
          unit={kind}
          height={150}
          compact
          empty=""
        />
      </SavedFigure>
    </div>
  ));
}

function curveView(history: RunRecord, row: number, kind: 'weight' | 'loss') {
  const { snapshots } = history;
  const quantities = snapshots.quantities.filter((quantity) => quantity.startsWith(`${kind}:`));
  if (quantities.length === 0) return null;
  const rows = snapshots.steps.map((step, place) => {
    const line: Row = { step };
    for (const quantity of quantities) line[quantity] = snapshots.at(place, quantity)?.[row] ?? null;
    return line;
  });
  return {
    rows,
    lines: quantities.map((quantity: Quantity) => ({
      ...partStyle(history, quantity.slice(kind.length + 1)),
      key: quantity,
    })),
    scale: valueScale(rowRange(rows, quantities), false),
    steps: stepsOf(history, 'student'),
    readAt: (step: number) => rows[snapshots.momentAt(step)] ?? {},
  };
}
