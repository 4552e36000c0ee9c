import type { DomainsView } from '../../distill/views';
import type { RunRecord } from '../../record/run-record';
import { describeSample } from '../inspector/describe-sample';
import { Panel } from '../instruments/Panel';
import { useView } from '../store/hooks';
import classes from './domains.module.css';

const side = 320;
const margin = 12;

/** Where the teacher's features of both domains lie: filled dots have a label in training (source), hollow ones have none. */
export default function DomainsFigure({
  history,
  view,
  when,
}: {
  history: RunRecord;
  view: DomainsView;
  when: string;
}) {
  const selected = useView((state) => state.selected);
  const set = useView((state) => state.set);
  const { points, target, labels } = view;
  const [across, upwards] = [0, 1].map((axis) => scaleOf(points.filter((_, i) => i % 2 === axis)));
  const places = Array.from(target, (isTarget, row) => ({
    row,
    isTarget: isTarget === 1,
    label: labels[row]!,
    x: across!(points[2 * row]!),
    y: side - upwards!(points[2 * row + 1]!),
  }));
  return (
    <Panel wide title={view.title} line={when}>
      <p className={classes.line}>
        The teacher’s features of the tracked samples, on the two axes along which they differ most. Colours
        are true classes; filled dots are of the source, with labels, hollow ones of the target, without. As
        the teacher adapts, hollow dots move among the filled ones of their class.
      </p>
      <svg className={classes.plot} viewBox={`0 0 ${side} ${side}`} role="group" aria-label={view.title}>
        {places.map(({ row, isTarget, label, x, y }) => (
          <circle
            key={row}
            cx={x}
            cy={y}
            r={row === selected ? 6 : 3.5}
            fill={isTarget ? 'var(--paper)' : colourOf(label)}
            stroke={colourOf(label)}
            strokeWidth={1.5}
            onClick={() => set({ selected: row })}
          >
            <title>{`${describeSample(history, row)}, ${isTarget ? 'target' : 'source'}`}</title>
          </circle>
        ))}
      </svg>
    </Panel>
  );
}

const colourOf = (label: number) => (label < 0 ? 'var(--ink-3)' : `var(--hint-${label % 6})`);

/** Places within the picture, from the least to the greatest of the numbers. */
function scaleOf(numbers: Float32Array): (value: number) => number {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const inner = side - 2 * margin;
  return (value) => (high > low ? margin + (inner * (value - low)) / (high - low) : side / 2);
}
