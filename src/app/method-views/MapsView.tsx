import { useRef } from 'react';
import type { MethodViewPanel } from '../../distill/views';
import { pictureStyle } from '../instruments/sprite';
import { useWidth } from '../instruments/plot/use-width';
import { describeSample } from '../inspector/describe-sample';
import type { RunRecord } from '../../record/run-record';
import { instanceWords } from '../subject/instance-words';
import { useView } from '../store/hooks';
import { inkOf, learnerStyles } from '../theme/learner-styles';
import classes from './method-views.module.css';
import { Pixels, rangeOf } from './Pixels';

const size = 56;
const gap = 8;
const labels = 150;

/** Maps of the inspected sample and of some others: a column per image, a row per map. */
export function MapsView({ history, panels }: { history: RunRecord; panels: MethodViewPanel[] }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const selected = useView((state) => state.selected);
  const set = useView((state) => state.set);
  const drawn = panels.filter(hasPlaces);
  const total = panels[0]!.shape[0]!;
  const fitting = Math.max(1, Math.floor((width - (width < 480 ? 90 : labels)) / (size + gap)));
  const rows = shownRows(total, selected, fitting);
  const tracked = history.tracked;
  if (!tracked) return null;
  if (drawn.length === 0) return <p className={classes.line}>{placeless}</p>;
  return (
    <div ref={box} className={classes.maps}>
      <table>
        <thead>
          <tr>
            <th scope="col">{instanceWords(history.facts).One}</th>
            {rows.map((row) => (
              <td key={row}>
                <button
                  type="button"
                  className={classes.pick}
                  aria-pressed={row === selected}
                  aria-label={describeSample(history, row)}
                  onClick={() => set({ selected: row })}
                >
                  <span className={classes.picture} style={pictureStyle(tracked, row, size)} />
                </button>
              </td>
            ))}
          </tr>
        </thead>
        <tbody>
          {drawn.map((panel, index) => (
            <tr key={index} data-first={panel.label !== drawn[index - 1]?.label || undefined}>
              <th scope="row">
                {panel.label !== drawn[index - 1]?.label && <b>{panel.label}</b>}
                <Who who={panel.who} />
              </th>
              {rows.map((row) => (
                <td key={row}>
                  <OneMap panel={panel} row={row} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A map of one place has no picture. */
function hasPlaces({ shape: [, height, width] }: MethodViewPanel): boolean {
  return height! * width! > 1;
}

const placeless =
  'There is no map to draw here: what is compared is one place in size, as in a student that sees its input as a list of numbers. Choose a convolutional student to see where it is active.';

function OneMap({ panel, row }: { panel: MethodViewPanel; row: number }) {
  const [, height, width] = panel.shape as [number, number, number];
  const values = panel.values.subarray(row * height * width, (row + 1) * height * width);
  const label = `${panel.label}, ${panel.who ?? 'map'} of tracked sample ${row + 1}`;
  return (
    <Pixels values={values} width={width} height={height} range={rangeOf(values)} size={size} label={label} />
  );
}

/** Whose side a panel shows, in that one's colour. */
export function Who({ who }: { who: MethodViewPanel['who'] }) {
  if (who === null) return null;
  if (who === 'difference') return <span className={classes.who}>Difference</span>;
  return (
    <span className={classes.who} style={{ color: inkOf(who) }}>
      {learnerStyles[who].label}
    </span>
  );
}

/** The chosen image first, then others spread over the tracked set. */
function shownRows(total: number, selected: number | null, most: number): number[] {
  const spread = Array.from({ length: Math.min(most, total) }, (_, i) =>
    Math.floor((i * total) / Math.min(most, total)),
  );
  if (selected === null || selected >= total) return spread;
  return [selected, ...spread.filter((row) => row !== selected)].slice(0, Math.max(1, most));
}
