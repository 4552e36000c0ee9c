import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';
import heat from './heat-map.module.css';
import type { HeatView } from './heat-view';
import { useFigureHeight } from './plot/figure-height';
import { useHeatCanvas } from './use-heat-canvas';

interface Props {
  history: RunRecord;
  quantity: Quantity;
  view: HeatView;
  /** CSS px, before it grows with the window. */
  least: number;
  label: string;
}

/** The map of another run: to look at, since the sample inspector shows samples of the run in view. */
export function StillMap({ history, quantity, view, least, label }: Props) {
  const height = useFigureHeight(least);
  const { box, canvas, width } = useHeatCanvas(history, quantity, view);
  const count = view.order.length;
  return (
    <div className={heat.map}>
      <div
        ref={box}
        className={heat.mapCanvas}
        style={{ height, cursor: 'default' }}
        role="img"
        aria-label={label}
      >
        <canvas ref={canvas} className="pixels" width={width} height={count} />
      </div>
      <MapEdges view={view} height={height} />
    </div>
  );
}

/** Where classes begin, and the steps at both ends. */
export function MapEdges({ view: { order, groups, steps }, height }: { view: HeatView; height: number }) {
  const at = (place: number) => (place / order.length) * height;
  return (
    <>
      <div className={heat.mapLabels}>
        {groups.map(({ place, name }, index) => {
          const previous = groups[index - 1]?.place ?? -Infinity;
          return at(place - previous) < 11 ? null : (
            <span key={name} style={{ top: at(place) - 1 }} title={name}>
              {name}
            </span>
          );
        })}
      </div>
      <div className={heat.mapSteps}>
        <span>step {steps[0].toLocaleString('en-GB')}</span>
        <span>step {steps[1].toLocaleString('en-GB')}</span>
      </div>
    </>
  );
}
