import { memo, useMemo, useRef } from 'react';
import type { RunRecord } from '../../record/run-record';
import { count, percent } from '../format';
import { Explained } from '../glossary/Explained';
import { usePanelVersion } from '../redraw/use-redraw';
import { instanceWords } from '../subject/instance-words';
import { learnerStyles } from '../theme/learner-styles';
import classes from './instruments.module.css';
import { learnerShapes } from './learner-shapes';
import { Empty } from './Empty';
import { Panel } from './Panel';
import { RunGrid, useShownRuns } from './RunGrid';
import { useFigureHeight } from './plot/figure-height';
import { useWidth } from './plot/use-width';
import further from './further.module.css';
import { reliabilityViews, type ReliabilityCurve, type ReliabilityView } from './reliability-view';

const least = 340;
const frame = { left: 46, right: 14, top: 20, bottom: 36 };
/** Of the counts below the diagram, and what separates the two. */
const foot = { height: 64, gap: 26 };
const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1];

/** Whether the networks are as often right as they are sure. */
export default memo(function Reliability({ history }: { history: RunRecord }) {
  const [version, ref] = usePanelVersion<HTMLElement>();
  const { reliability, facts, task } = history;
  const runs = useShownRuns(history);
  const views = useMemo(
    () => (reliability && version >= 0 ? reliabilityViews(runs.map((run) => run.history)) : []),
    [runs, reliability, version],
  );
  const [view] = views;
  if (!view) return null;
  const { many } = instanceWords(facts);
  const isLabels = task.id === 'multilabel';
  return (
    <Panel
      ref={ref}
      wide
      title="Reliability diagram"
      term="reliability"
      line={`${view.bins} bins of equal width; ${measuredOn(history, many)}`}
    >
      <p className={classes.note}>
        {isLabels
          ? 'Across: the probability given to a label. Up: how often such a label is there.'
          : 'Across: the probability given to the predicted class. Up: how many of such predictions are right.'}{' '}
        On the diagonal confidence can be trusted; below it a network is too sure of itself.
      </p>
      <RunGrid runs={runs}>
        {(_, place) =>
          views[place] ? (
            <Diagram view={views[place]} isLabels={isLabels} />
          ) : (
            <Empty>This run has no such numbers.</Empty>
          )
        }
      </RunGrid>
      <ul className={further.facts}>
        {view.curves.toReversed().map(({ learner, error, empty }) => (
          <li key={learner}>
            <svg width="12" height="12" aria-hidden="true">
              <g transform="translate(6 6)">{learnerShapes[learner]}</g>
            </svg>
            {learnerStyles[learner].label}
            {runs.length > 1 && `, run ${runs[0]!.number}`}: <Explained term="ece">ECE</Explained>{' '}
            {percent(error)}
            {empty > 0 && `, ${empty} of ${view.bins} bins empty`}
          </li>
        ))}
      </ul>
      <details className={further.fold}>
        <summary>The bins as numbers</summary>
        <Bins view={view} />
      </details>
    </Panel>
  );
});

function measuredOn({ outcome, evaluated, facts }: RunRecord, many: string): string {
  if (outcome?.reliability && !outcome.stopped) return `on all ${count(facts?.test ?? 0)} test ${many}`;
  return evaluated
    ? `on ${count(evaluated.images)} ${evaluated.split} ${many} at step ${count(evaluated.step)}`
    : '';
}

function Diagram({ view, isLabels }: { view: ReliabilityView; isLabels: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const width = Math.min(useWidth(box), 720);
  const height = useFigureHeight(least);
  const floor = height - frame.bottom - foot.height - foot.gap;
  const x = (share: number) => frame.left + share * Math.max(1, width - frame.left - frame.right);
  const y = (share: number) => floor - share * (floor - frame.top);
  const base = height - frame.bottom;
  const bar = (x(1) - x(0)) / view.bins / (view.curves.length + 1);
  return (
    <div ref={box} data-plot style={{ minHeight: height }}>
      {width > 0 && (
        <svg
          className={classes.scatter}
          style={{ width }}
          width={width}
          height={height}
          role="img"
          aria-label={spoken(view)}
        >
          {ticks.map((tick) => (
            <g key={tick}>
              <line x1={x(0)} x2={x(1)} y1={y(tick)} y2={y(tick)} stroke="var(--grid)" />
              <text x={x(0) - 8} y={y(tick) + 4} textAnchor="end">
                {Math.round(100 * tick)}
              </text>
              <text x={x(tick)} y={base + 16} textAnchor="middle">
                {Math.round(100 * tick)}
              </text>
            </g>
          ))}
          <text x={4} y={10}>
            {isLabels ? 'labels that are there, %' : 'right, %'}
          </text>
          <text x={(x(0) + x(1)) / 2} y={height - 3} textAnchor="middle">
            confidence, %
          </text>
          <line x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} stroke="var(--ink-3)" strokeDasharray="4 3" />
          {view.curves.map((curve) => (
            <Curve key={curve.learner} {...{ curve, x, y }} />
          ))}
          <text x={4} y={floor + foot.gap - 6}>
            predictions in the bin, at most {count(view.most)}
          </text>
          <line x1={x(0)} x2={x(1)} y1={base} y2={base} stroke="var(--rule)" />
          {view.curves.map(({ learner, bins: { counts } }, place) => (
            <g key={learner} fill={learnerStyles[learner].colour}>
              {counts.map((number, bin) => {
                const tall = (number / view.most) * foot.height;
                return (
                  <rect
                    key={bin}
                    x={x(bin / view.bins) + (place + 0.5) * bar}
                    y={base - tall}
                    width={Math.max(1, bar - 0.5)}
                    height={tall}
                  />
                );
              })}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

interface CurveProps {
  curve: ReliabilityCurve;
  x: (share: number) => number;
  y: (share: number) => number;
}

/** A dot for each bin that has predictions, joined in their order. */
function Curve({ curve: { learner, bins }, x, y }: CurveProps) {
  const { colour, dash, label } = learnerStyles[learner];
  const dots = bins.counts.flatMap((number, bin) =>
    number === 0 ? [] : [{ bin, number, confidence: bins.confidence[bin]!, accuracy: bins.accuracy[bin]! }],
  );
  return (
    <g>
      <polyline
        points={dots.map(({ confidence, accuracy }) => `${x(confidence)},${y(accuracy)}`).join(' ')}
        fill="none"
        stroke={colour}
        strokeWidth="1.2"
        strokeOpacity="0.7"
        strokeDasharray={dash}
      />
      {dots.map(({ bin, number, confidence, accuracy }) => (
        <g key={bin} transform={`translate(${x(confidence)} ${y(accuracy)})`}>
          <title>
            {label}, {count(number)} predictions at {percent(confidence)}: {percent(accuracy)} right
          </title>
          {learnerShapes[learner]}
        </g>
      ))}
    </g>
  );
}

function spoken({ bins, curves }: ReliabilityView): string {
  const words = curves.map(
    ({ learner, error, empty }) =>
      `${learnerStyles[learner].label}: expected calibration error ${percent(error)}, ${empty} of ${bins} bins empty`,
  );
  return `Reliability diagram. ${words.join('. ')}.`;
}

function Bins({ view: { bins, curves } }: { view: ReliabilityView }) {
  const shown = curves.toReversed();
  return (
    <div className={further.scroll}>
      <table className={further.table} aria-label="Predictions by confidence">
        <thead>
          <tr>
            <th scope="col">Confidence, %</th>
            {shown.map(({ learner }) => (
              <th key={learner} scope="col">
                {learnerStyles[learner].short ?? learnerStyles[learner].label}: count, right
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: bins }, (_, bin) => (
            <tr key={bin}>
              <th scope="row">
                {((100 * bin) / bins).toFixed(1)} to {((100 * (bin + 1)) / bins).toFixed(1)}
              </th>
              {shown.map(({ learner, bins: { counts, accuracy } }) => (
                <td key={learner}>
                  {counts[bin] === 0 ? 'empty' : `${count(counts[bin]!)}, ${percent(accuracy[bin]!)}`}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
