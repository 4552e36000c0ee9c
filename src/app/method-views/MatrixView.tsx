import { useMemo } from 'react';
import type { MethodViewPanel } from '../../distill/views';
import { figure } from '../format';
import { midSentence } from '../../limits/texts';
import type { RunRecord } from '../../record/run-record';
import classes from './method-views.module.css';
import { Who } from './MapsView';
import { Pixels, rangeOf } from './Pixels';

const size = 200;

/** Every tracked sample against every other, sorted by class, for both sides. */
export function MatrixView({
  history,
  label,
  panels,
}: {
  history: RunRecord;
  label: string;
  panels: MethodViewPanel[];
}) {
  const order = useMemo(() => {
    const images = history.tracked?.images ?? [];
    return [...images.keys()].sort((a, b) => images[a]!.trueLabel - images[b]!.trueLabel || a - b);
  }, [history.tracked]);
  return (
    <>
      {panels.map((panel) => (
        <figure key={panel.who} className={classes.matrix}>
          <Matrix panel={panel} order={order} />
          <figcaption>
            <Who who={panel.who} /> {panel.who !== 'difference' && midSentence(label)}
          </figcaption>
        </figure>
      ))}
    </>
  );
}

function Matrix({ panel, order }: { panel: MethodViewPanel; order: number[] }) {
  const total = panel.shape[0]!;
  const sorted = useMemo(() => {
    const values = new Float32Array(total * total);
    for (let i = 0; i < total; i++)
      for (let j = 0; j < total; j++)
        values[i * total + j] = panel.values[(order[i] ?? i) * total + (order[j] ?? j)]!;
    return values;
  }, [panel, order, total]);
  const [low, high] = rangeOf(sorted);
  const most = Math.max(Math.abs(low), Math.abs(high), 1e-6);
  const differs = panel.who === 'difference';
  const mean = sorted.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, sorted.length);
  return (
    <>
      <Pixels
        values={sorted}
        width={total}
        height={total}
        range={differs ? [-most, most] : [low, high]}
        map={differs ? 'difference' : 'value'}
        size={size}
        label={`${panel.label}, ${panel.who ?? ''}: from ${figure(low)} to ${figure(high)}`}
      />
      <small>
        {differs ? `mean size ${figure(mean)}, up to ${figure(most)}` : `${figure(low)} to ${figure(high)}`}
      </small>
    </>
  );
}
