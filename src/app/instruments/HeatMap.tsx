import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { figure } from '../format';
import { midSentence } from '../../limits/texts';
import { describeSample } from '../inspector/describe-sample';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';
import { usePanelVersion } from '../redraw/use-redraw';
import { useTouch } from '../shell/use-touch';
import { instanceWords } from '../subject/instance-words';
import { taskWords } from '../subject/task-words';
import { useView } from '../store/hooks';
import { heatViews, isCurved, type HeatView, type RowOrder } from './heat-view';
import { RunGrid, useShownRuns } from './RunGrid';
import { MapEdges, StillMap } from './StillMap';
import heat from './heat-map.module.css';
import { Empty } from './Empty';
import classes from './instruments.module.css';
import { Legend } from './Legend';
import { quantityName } from './names';
import { Panel } from './Panel';
import { setCursor, useCursor } from './plot/cursor';
import { useFigureHeight } from './plot/figure-height';
import { useHeatCanvas } from './use-heat-canvas';

/** On a phone. */
const least = 320;

/** Tracked samples by time, one line of pixels each. */
export const HeatMap = memo(function HeatMap({
  history,
  quantity,
}: {
  history: RunRecord;
  quantity: Quantity;
}) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const [by, setBy] = useState<RowOrder>('class');
  const latest = history.snapshots.latest;
  const runs = useShownRuns(history);
  const views = useMemo(
    () =>
      latest && version >= 0
        ? heatViews(
            runs.map((run) => run.history),
            quantity,
            by,
          )
        : [],
    [runs, quantity, by, latest, version],
  );
  return (
    <Panel
      ref={ref}
      wide
      title={`${quantityName(history, quantity)}, per instance`}
      tools={
        <SegmentedControl
          aria-label={`Order of the ${instanceWords(history.facts).many}`}
          value={by}
          onChange={(value) => setBy(value as RowOrder)}
          data={[
            { value: 'class', label: taskWords[history.task.id].byTruth },
            { value: 'given', label: taskWords[history.task.id].byGiven },
            { value: 'value', label: 'By last value' },
          ]}
        />
      }
    >
      {views[0] ? (
        <RunGrid runs={runs}>
          {(run, place) => {
            const view = views[place];
            if (place === 0) return <Map history={history} quantity={quantity} view={views[0]!} />;
            const label = `${quantityName(history, quantity)} of the tracked samples of run ${run.number}`;
            return view ? (
              <StillMap history={run.history} {...{ quantity, view, least, label }} />
            ) : (
              <Empty>This run has no such numbers.</Empty>
            );
          }}
        </RunGrid>
      ) : (
        <Empty>Every tracked sample gets a line here with the first evaluation.</Empty>
      )}
    </Panel>
  );
});

function Map({ history, quantity, view }: { history: RunRecord; quantity: Quantity; view: HeatView }) {
  const height = useFigureHeight(least);
  const touch = useTouch();
  const { one } = instanceWords(history.facts);
  const { box, canvas, width } = useHeatCanvas(history, quantity, view);
  const selected = useView((state) => state.selected);
  const set = useView((state) => state.set);
  /** Place that the keyboard or the pointer is on. */
  const [active, setActive] = useState<number | null>(null);
  const count = view.order.length;

  const point = (event: PointerEvent<HTMLDivElement>) => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    setActive(Math.min(count - 1, Math.max(0, Math.floor(((event.clientY - top) / height) * count))));
    const share = (event.clientX - left) / Math.max(1, width);
    setCursor(Math.round(view.steps[0] + share * (view.steps[1] - view.steps[0])));
  };
  const leave = () => {
    setActive(null);
    setCursor(null);
  };
  const select = (place: number) => set({ selected: view.order[place]! });
  const onKey = (event: KeyboardEvent) => {
    const place = active ?? (selected === null ? 0 : view.order.indexOf(selected));
    const next = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      PageDown: place + 10,
      PageUp: place - 10,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (next !== undefined) setActive(Math.min(count - 1, Math.max(0, next)));
    else if (event.key === 'Enter' || event.key === ' ') select(place);
    else return;
    event.preventDefault();
  };
  const placeOf = (row: number | null) => (row === null ? -1 : view.order.indexOf(row));
  const frame = (place: number) => ({ top: (place / count) * height - 2, height: height / count + 4 });
  const shown = active ?? (selected === null ? null : placeOf(selected));
  const text = shown !== null && shown >= 0 ? rowText(history, quantity, view.order[shown]!) : '';
  return (
    <>
      <div className={heat.map}>
        <div
          ref={box}
          className={heat.mapCanvas}
          style={{ height }}
          role="listbox"
          aria-label={`Tracked samples, ${midSentence(quantityName(history, quantity))} over time`}
          aria-activedescendant={shown !== null && shown >= 0 ? 'heat-row' : undefined}
          tabIndex={0}
          onPointerMove={point}
          onPointerLeave={leave}
          onClick={() => active !== null && select(active)}
          onKeyDown={onKey}
          onBlur={leave}
        >
          <canvas ref={canvas} className="pixels" width={width} height={count} />
          {placeOf(selected) >= 0 && (
            <div className={heat.mapRow} data-figure="none" style={frame(placeOf(selected))} />
          )}
          {active !== null && (
            <div className={heat.mapRow} data-figure="none" data-active style={frame(active)} />
          )}
          <MapCursor steps={view.steps} />
          <div
            id="heat-row"
            role="option"
            aria-selected={shown !== null && shown === placeOf(selected)}
            aria-label={text || `No ${one} chosen`}
          />
        </div>
        <MapEdges view={view} height={height} />
      </div>
      <div className={heat.mapFoot}>
        <p className={classes.status} data-figure="none">
          {text ||
            (touch
              ? `Tap a line to open its ${one} in the sample inspector.`
              : `Point at a line, or move with the arrow keys; Enter opens the ${one} in the sample inspector.`)}
        </p>
        <Legend range={view.range} curved={isCurved(quantity)} />
      </div>
    </>
  );
}

function rowText(history: RunRecord, quantity: Quantity, row: number): string {
  const value = history.snapshots.newest(quantity)?.[row];
  return `${describeSample(history, row)}: ${figure(value)} now`;
}

function MapCursor({ steps }: { steps: [number, number] }) {
  const step = useCursor((state) => state.step);
  if (step === null || step < steps[0] || step > steps[1]) return null;
  return (
    <div
      className={heat.mapCursor}
      data-figure="none"
      style={{ left: `${((step - steps[0]) / (steps[1] - steps[0])) * 100}%` }}
    />
  );
}
