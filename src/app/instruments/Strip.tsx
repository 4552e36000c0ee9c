import { memo, useMemo, useRef } from 'react';
import { figure } from '../format';
import { midSentence } from '../../limits/texts';
import { describeSample, labelState } from '../inspector/describe-sample';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';
import { usePanelVersion } from '../redraw/use-redraw';
import { useView } from '../store/hooks';
import { Empty } from './Empty';
import classes from './instruments.module.css';
import { quantityName } from './names';
import { Panel } from './Panel';
import { useWidth } from './plot/use-width';
import { pictureStyle } from './sprite';

const size = 40;

/** The pictures at both ends: where the quantity is lowest and where it is highest. */
export const Strip = memo(function Strip({ history, quantity }: { history: RunRecord; quantity: Quantity }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const values = version >= 0 ? history.snapshots.newest(quantity) : null;
  const order = useMemo(
    () => (values ? [...values.keys()].sort((a, b) => values[a]! - values[b]!) : []),
    [values],
  );
  const each = Math.min(Math.floor(order.length / 2), Math.max(3, Math.floor((width - 60) / 2 / (size + 8))));
  return (
    <Panel
      ref={ref}
      wide
      title="Lowest and highest"
      line={`${midSentence(quantityName(history, quantity))}: lowest on the left, highest on the right`}
    >
      <div ref={box}>
        {order.length === 0 ? (
          <Empty>The tracked samples line up here with the first evaluation.</Empty>
        ) : (
          <div className={classes.strip}>
            <End history={history} rows={order.slice(0, each)} values={values!} label="Lowest" />
            <div className={classes.stripMiddle} />
            <End history={history} rows={order.slice(-each)} values={values!} label="Highest" />
          </div>
        )}
      </div>
    </Panel>
  );
});

function End({
  history,
  rows,
  values,
  label,
}: {
  history: RunRecord;
  rows: number[];
  values: Float32Array;
  label: string;
}) {
  return (
    <div className={classes.stripEnd} role="group" aria-label={label}>
      {/* By place: while a run sorts anew, the focus stays where it is. */}
      {rows.map((row, place) => (
        <Tile key={place} history={history} row={row} value={values[row]!} />
      ))}
    </div>
  );
}

function Tile({ history, row, value }: { history: RunRecord; row: number; value: number }) {
  const selected = useView((state) => state.selected === row);
  const set = useView((state) => state.set);
  const state = labelState(history, row);
  return (
    <button
      type="button"
      className={classes.tile}
      aria-pressed={selected}
      aria-label={`${describeSample(history, row)}: ${figure(value)}`}
      onClick={() => set({ selected: row })}
    >
      <span className={classes.picture} style={pictureStyle(history.tracked!, row, size)} />
      <span>
        {figure(value)}
        {state === 'wrong' && <b className={classes.tileMark}> ×</b>}
      </span>
    </button>
  );
}
