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
import { RunGrid, useShownRuns } from './RunGrid';
import { useWidth } from './plot/use-width';
import { pictureStyle } from './sprite';

const size = 40;

/** The pictures at both ends: where the quantity is lowest and where it is highest. */
export const Strip = memo(function Strip({ history, quantity }: { history: RunRecord; quantity: Quantity }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const runs = useShownRuns(history);
  const newest = history.snapshots.newest(quantity);
  const ends = useMemo(
    () =>
      newest && version >= 0 ? runs.map((run) => sortedRows(run.history.snapshots.newest(quantity))) : [],
    [runs, quantity, newest, version],
  );
  const most = Math.max(3, Math.floor((width - 60) / 2 / (size + 8)));
  return (
    <Panel
      ref={ref}
      wide
      title="Lowest and highest"
      line={`${midSentence(quantityName(history, quantity))}: lowest on the left, highest on the right`}
    >
      <div ref={box}>
        {(ends[0]?.order.length ?? 0) === 0 ? (
          <Empty>The tracked samples line up here with the first evaluation.</Empty>
        ) : (
          <RunGrid runs={runs} wide>
            {(run, place) => {
              const { order, values } = ends[place]!;
              const each = Math.min(Math.floor(order.length / 2), most);
              const end = { history: run.history, values, isShown: place === 0 };
              return order.length === 0 ? (
                <Empty>This run has no such numbers.</Empty>
              ) : (
                <div className={classes.strip}>
                  <End {...end} rows={order.slice(0, each)} label="Lowest" />
                  <div className={classes.stripMiddle} />
                  <End {...end} rows={order.slice(-each)} label="Highest" />
                </div>
              );
            }}
          </RunGrid>
        )}
      </div>
    </Panel>
  );
});

/** Rows from the lowest value on, none where the run has no such values. */
function sortedRows(values: Float32Array | null): { order: number[]; values: Float32Array } {
  if (!values) return { order: [], values: new Float32Array() };
  return { order: [...values.keys()].sort((a, b) => values[a]! - values[b]!), values };
}

interface EndProps {
  history: RunRecord;
  rows: number[];
  values: Float32Array;
  label: string;
  /** Whether it is the run in view, whose samples the inspector shows. */
  isShown: boolean;
}

function End({ history, rows, values, label, isShown }: EndProps) {
  return (
    <div className={classes.stripEnd} role="group" aria-label={label}>
      {/* By place: while a run sorts anew, the focus stays where it is. */}
      {rows.map((row, place) => (
        <Tile key={place} history={history} row={row} value={values[row]!} isShown={isShown} />
      ))}
    </div>
  );
}

interface TileProps {
  history: RunRecord;
  row: number;
  value: number;
  isShown: boolean;
}

function Tile({ history, row, value, isShown }: TileProps) {
  const selected = useView((state) => isShown && state.selected === row);
  const set = useView((state) => state.set);
  const state = labelState(history, row);
  const words = `${describeSample(history, row)}: ${figure(value)}`;
  const content = (
    <>
      <span className={classes.picture} style={pictureStyle(history.tracked!, row, size)} />
      <span>
        {figure(value)}
        {state === 'wrong' && <b className={classes.tileMark}> ×</b>}
      </span>
    </>
  );
  if (!isShown)
    return (
      <span className={classes.tile} role="img" aria-label={words} style={{ cursor: 'default' }}>
        {content}
      </span>
    );
  return (
    <button
      type="button"
      className={classes.tile}
      aria-pressed={selected}
      aria-label={words}
      onClick={() => set({ selected: row })}
    >
      {content}
    </button>
  );
}
