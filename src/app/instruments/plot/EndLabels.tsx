import { LineSample } from '../../recipe/LineSample';
import type { Frame, PlotProps } from './Plot';
import { useCursor } from './cursor';
import classes from './plot.module.css';
import { placeOf, spread } from './scale';

type Props = Pick<PlotProps, 'rows' | 'lines' | 'references' | 'scale' | 'format' | 'readAt'> & {
  frame: Frame;
};

/** Name and value of every line beside its end; under a cursor, the value there. */
export function EndLabels({ rows, lines, references = [], scale, format, readAt, frame }: Props) {
  const cursor = useCursor((state) => state.step);
  const at = cursor === null ? null : readAt(cursor);
  const inner = frame.height - frame.top - frame.bottom;
  const labels = [
    ...lines.flatMap(({ key, label, short = label, colour, dash }) => {
      const last = rows.findLast((row) => typeof row[key] === 'number');
      const end = last?.[key];
      if (typeof end !== 'number') return [];
      const value = at ? (at[key] ?? null) : end;
      return [{ key, label: short, colour, dash, end, value }];
    }),
    ...references.map(({ label, colour, dash, value }) => ({
      key: label,
      label,
      colour,
      dash,
      end: value,
      value,
    })),
  ];
  const wanted = labels.map(({ end }) => frame.top + (1 - placeOf(scale, end)) * inner);
  const places = spread(wanted, 16, frame.height - frame.bottom - 4);
  return (
    <div className={classes.labels} aria-hidden="true" style={{ left: frame.width - frame.right + 8 }}>
      {labels.map(({ key, label, colour, dash, value }, index) => (
        <div key={key} className={classes.label} style={{ top: places[index]! - 9 }}>
          <i style={{ color: colour }}>
            <LineSample style={dash ? { colour, dash } : { colour }} width={14} />
          </i>
          <span>{label}</span>
          <b>{value === null ? '–' : format(value)}</b>
        </div>
      ))}
      {cursor !== null && (
        <div className={classes.cursorStep} data-figure="none">
          at {cursor.toLocaleString('en-GB')}
        </div>
      )}
    </div>
  );
}
