import { useMemo, type KeyboardEvent, type MouseEvent } from 'react';
import type { DomainsView } from '../../distill/views';
import type { RunRecord } from '../../record/run-record';
import { describeSample } from '../inspector/describe-sample';
import { Panel } from '../instruments/Panel';
import { useView } from '../store/hooks';
import classes from './domains.module.css';
import { nearestDot, neighbourDot, placeDots, type Dot } from './domain-dots';
import { shapeAt } from './plane';

const side = 320;
/** Farther from a dot than this a click or a touch chooses none. */
const reach = 24;
const mostNames = 12;

interface Props {
  history: RunRecord;
  view: DomainsView;
  when: string;
}

/** Where the teacher's features of both domains lie: filled dots have a label in training (source), hollow ones have none. */
export default function DomainsFigure({ history, view, when }: Props) {
  const selected = useView((state) => state.selected);
  const set = useView((state) => state.set);
  const dots = useMemo(() => placeDots(view, side), [view]);
  const names = history.facts?.dataset.classes ?? [];
  const choose = (dot: Dot | null) => dot && set({ selected: dot.row });

  const onClick = ({ currentTarget, clientX, clientY }: MouseEvent<SVGSVGElement>) => {
    const box = currentTarget.getBoundingClientRect();
    const scale = side / box.width;
    choose(nearestDot(dots, (clientX - box.left) * scale, (clientY - box.top) * scale, reach * scale));
  };
  const onKey = (event: KeyboardEvent) => {
    const next = neighbourDot(dots, selected, event.key);
    if (!next) return;
    event.preventDefault();
    choose(next);
  };
  return (
    <Panel wide title={view.title} line={when}>
      <p className={classes.line}>
        The teacher’s features of the tracked samples, on the two axes along which they differ most. Colour
        and shape are the true class; filled marks are of the source, with labels, hollow ones of the target,
        without. As the teacher adapts, hollow marks move among the filled ones of their class. Choose one for
        the sample inspector by a click, a touch or the arrow keys.
      </p>
      <svg
        className={classes.plot}
        viewBox={`0 0 ${side} ${side}`}
        role="listbox"
        aria-label={view.title}
        aria-activedescendant={dots.some(({ row }) => row === selected) ? markId(selected!) : undefined}
        tabIndex={0}
        onClick={onClick}
        onKeyDown={onKey}
      >
        {dots.map(({ row, isTarget, label, x, y }) => (
          <g
            key={row}
            id={markId(row)}
            role="option"
            aria-selected={row === selected}
            aria-label={`${describeSample(history, row)}, ${isTarget ? 'target' : 'source'}`}
          >
            <title>{`${describeSample(history, row)}, ${isTarget ? 'target' : 'source'}`}</title>
            {row === selected && (
              <circle data-figure="none" cx={x} cy={y} r={8} fill="none" stroke="var(--ink)" />
            )}
            <path
              d={shapeAt(label, x, y)}
              fill={isTarget ? 'var(--paper)' : colourOf(label)}
              stroke={colourOf(label)}
              strokeWidth={1.4}
            />
          </g>
        ))}
      </svg>
      <div className={classes.key} data-figure="legend">
        {names.slice(0, mostNames).map((name, label) => (
          <span key={name}>
            <svg width="12" height="12" aria-hidden="true">
              <path d={shapeAt(label, 6, 6)} fill={colourOf(label)} />
            </svg>
            {name}
          </span>
        ))}
      </div>
    </Panel>
  );
}

const markId = (row: number) => `domain-dot-${row}`;
const colourOf = (label: number) => (label < 0 ? 'var(--ink-3)' : `var(--hint-${label % 6})`);
