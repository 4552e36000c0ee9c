import { SegmentedControl } from '@mantine/core';
import { useRef, useState } from 'react';
import { shortNames } from '../../experiment/row-names';
import { Empty } from '../instruments/Empty';
import { Panel } from '../instruments/Panel';
import { linearScale, placeOf } from '../instruments/plot/scale';
import { useWidth } from '../instruments/plot/use-width';
import { learnerStyles } from '../theme/learner-styles';
import classes from './experiment-figures.module.css';
import type { FigureProps } from './figure-props';
import { letter, rowLabels } from './row-labels';

const line = 24;
/** Where there is no room for names beside the dots, they stand above them. */
const narrow = 480;
const nameLine = 16;
const edge = { top: 10, bottom: 34, right: 96 };

type Kind = 'score' | 'gain';

/** Every row as a dot with its 95 % interval over seeds, the best one on top. */
export function DotPlot({ lines, score }: Pick<FigureProps, 'lines' | 'score'>) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const [kind, setKind] = useState<Kind>('score');
  const rows = lines
    .flatMap(({ name, student, gain, control }) => {
      const shown = kind === 'score' ? student : gain;
      const verdict = kind === 'gain' ? gain?.verdict : undefined;
      return shown ? [{ name, ...shown, control: kind === 'score' ? control : null, verdict }] : [];
    })
    .toSorted((a, b) => (kind === 'score' && score.lowerIsBetter ? a.mean - b.mean : b.mean - a.mean));
  const ends = rows.flatMap(({ mean, interval, control }) => [
    mean,
    ...(interval ?? []),
    ...(control === null ? [] : [control]),
  ]);
  const bounded = (value: number) =>
    score.isShare && kind === 'score' ? Math.min(1, Math.max(0, value)) : value;
  const scale = linearScale(
    bounded(Math.min(...ends, kind === 'gain' ? 0 : Infinity)),
    bounded(Math.max(...ends, kind === 'gain' ? 0 : -Infinity)),
    width < narrow ? 3 : 5,
  );
  const names = rows.map(({ name }) => name);
  const beside = Math.floor((Math.max(130, width * 0.38) - 16) / letter);
  const isStacked = width < narrow || shortNames(names).some((name) => name.length > beside);
  const labels = rowLabels(names, isStacked ? Math.floor((width - 8) / letter) : beside);
  const longest = Math.max(0, ...labels.map((label) => label.length));
  const left = isStacked ? 12 : Math.round(longest * letter + 16);
  const step = line + (isStacked ? nameLine : 0);
  const x = (value: number) =>
    left + Math.min(1, Math.max(0, placeOf(scale, value))) * Math.max(1, width - left - edge.right);
  const height = edge.top + rows.length * step + edge.bottom;
  const text = (value: number) => (kind === 'score' ? score.text(value) : score.signed(value));
  const title = kind === 'score' ? score.heading : `Gain over the baseline, ${score.heading.toLowerCase()}`;
  return (
    <Panel
      enlarges={false}
      title={`${score.heading} with intervals`}
      line="mean over seeds, with the 95 % interval of the mean"
      tools={
        <SegmentedControl
          aria-label="What the dots show"
          value={kind}
          onChange={(value) => setKind(value as Kind)}
          data={[
            { value: 'score', label: 'Score' },
            { value: 'gain', label: 'Gain' },
          ]}
        />
      }
    >
      <div ref={box}>
        {rows.length === 0 ? (
          <Empty height={120}>A dot for each row appears with its first result.</Empty>
        ) : (
          width > 0 && (
            <>
              <svg
                className={classes.figure}
                width={width}
                height={height}
                role="img"
                aria-label={`${title}: ${rows.map(({ name, mean }) => `${name} ${text(mean)}`).join('; ')}`}
              >
                {scale.ticks.map((tick) => (
                  <g key={tick}>
                    <line
                      x1={x(tick)}
                      x2={x(tick)}
                      y1={edge.top - 4}
                      y2={height - edge.bottom}
                      stroke={kind === 'gain' && tick === 0 ? 'var(--ink-3)' : 'var(--grid)'}
                    />
                    <text x={x(tick)} y={height - edge.bottom + 14} textAnchor="middle">
                      {kind === 'score' ? score.tick(tick) : score.signed(tick)}
                    </text>
                  </g>
                ))}
                <text x={(left + width - edge.right) / 2} y={height - 4} textAnchor="middle">
                  {kind === 'score' ? score.axis : `gain over the baseline${score.isShare ? ', points' : ''}`}
                </text>
                {rows.map(({ name, mean, interval, control, n, verdict }, row) => {
                  const y = edge.top + (row + 1) * step - line / 2;
                  const colour = verdict === 'worse' ? 'var(--warn)' : 'var(--student)';
                  return (
                    <g key={name}>
                      <title>{`${name}: ${text(mean)}${interval ? `, ${text(interval[0])} to ${text(interval[1])}` : ''}, ${n} ${n === 1 ? 'seed' : 'seeds'}`}</title>
                      <text
                        className={classes.name}
                        {...(isStacked
                          ? { x: 0, y: y - line / 2 }
                          : { x: left - 12, y: y + 4, textAnchor: 'end' as const })}
                      >
                        {labels[row]}
                      </text>
                      <line x1={left} x2={width - edge.right} y1={y} y2={y} stroke="var(--grid)" />
                      {interval && (
                        <path
                          d={`M${x(interval[0])} ${y - 4}v8M${x(interval[1])} ${y - 4}v8M${x(interval[0])} ${y}H${x(interval[1])}`}
                          stroke={colour}
                          strokeWidth="1.6"
                          fill="none"
                        />
                      )}
                      {control !== null && (
                        <rect
                          x={x(control) - 3.5}
                          y={y - 3.5}
                          width="7"
                          height="7"
                          fill="var(--paper)"
                          stroke={learnerStyles.control.colour}
                          strokeWidth="1.5"
                        />
                      )}
                      <circle
                        cx={x(mean)}
                        cy={y}
                        r="4.5"
                        fill={verdict === 'undecided' ? 'var(--paper)' : colour}
                        stroke={colour}
                        strokeWidth="1.6"
                      />
                      <text className={classes.name} x={width - edge.right + 12} y={y + 4}>
                        {text(mean)}
                      </text>
                    </g>
                  );
                })}
              </svg>
              <div className={classes.key} data-figure="legend">
                <span>
                  <svg width="26" height="12" aria-hidden="true">
                    <path d="M2 6H24M2 2v8M24 2v8" stroke="var(--student)" strokeWidth="1.6" />
                    <circle cx="13" cy="6" r="4.5" fill="var(--student)" />
                  </svg>
                  {kind === 'score' ? 'Student, 95 % interval' : 'Decided after the correction'}
                </span>
                {kind === 'score' ? (
                  <span>
                    <svg width="12" height="12" aria-hidden="true">
                      <rect
                        x="2.5"
                        y="2.5"
                        width="7"
                        height="7"
                        fill="none"
                        stroke={learnerStyles.control.colour}
                        strokeWidth="1.5"
                      />
                    </svg>
                    {learnerStyles.control.label}
                  </span>
                ) : (
                  <span>
                    <svg width="12" height="12" aria-hidden="true">
                      <circle cx="6" cy="6" r="4.5" fill="none" stroke="var(--student)" strokeWidth="1.6" />
                    </svg>
                    Undecided
                  </span>
                )}
              </div>
            </>
          )
        )}
      </div>
    </Panel>
  );
}
