import { Button, Select } from '@mantine/core';
import { useRef, useState, type KeyboardEvent } from 'react';
import { cividis } from '../instruments/colour-map';
import { Empty } from '../instruments/Empty';
import { Panel } from '../instruments/Panel';
import { useWidth } from '../instruments/plot/use-width';
import classes from './experiment-figures.module.css';
import type { FigureProps } from './figure-props';
import { knobGrid, sweptKnobs, type GridCell } from './knob-grid';

const high = 34;
const edge = { top: 8, bottom: 40, left: 64 };
/** CSS px of a letter of an axis, on average. */
const small = 5.8;
/** Narrower, and a score has no room. */
const narrowest = 34;

/** The score by the values of two swept knobs; a cell opens its runs. */
export function KnobMap({ experiment, lines, score, runs, onOpen }: Omit<FigureProps, 'load' | 'results'>) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const knobs = sweptKnobs(experiment);
  const [chosen, setChosen] = useState<readonly [string | null, string | null]>([null, null]);
  const [opened, setOpened] = useState<GridCell | null>(null);
  const across = knobs.find(({ path }) => path === chosen[0]) ?? knobs[0];
  const down =
    knobs.find(({ path }) => path === chosen[1] && path !== across?.path) ??
    knobs.find((knob) => knob !== across);
  if (!across || !down) return null;
  const grid = knobGrid(experiment, lines, across, down);
  const values = grid.cells.flat().flatMap(({ mean }) => (mean === null ? [] : [mean]));
  const [low, top] = [Math.min(...values), Math.max(...values)];
  const share = (mean: number) => {
    const place = top > low ? (mean - low) / (top - low) : 1;
    return score.lowerIsBetter ? 1 - place : place;
  };
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length)) * small;
  const left = Math.max(edge.left, longest(grid.down.values) + 34);
  const columns = grid.across.values.length;
  const wide = Math.min(110, Math.max(narrowest, (width - left - 12) / columns));
  // Values that are wider than their column stand upright.
  const isUpright = longest(grid.across.values) > wide - 4;
  const bottom = isUpright ? Math.max(edge.bottom, longest(grid.across.values) + 32) : edge.bottom;
  const height = edge.top + grid.cells.length * high + bottom;
  const open = (cell: GridCell) => setOpened(cell);
  const data = knobs.map(({ path, label }) => ({ value: path, label }));
  const mine = opened ? runs.filter(({ entry }) => opened.entries.includes(entry)) : [];
  return (
    <Panel
      enlarges={false}
      title={`${score.heading} by two knobs`}
      line={grid.isMixed ? 'mean over seeds and over all other rows of a cell' : 'mean over seeds'}
      tools={
        knobs.length > 2 && (
          <>
            <Select
              aria-label="Knob across"
              w={170}
              allowDeselect={false}
              value={across.path}
              data={data}
              onChange={(path) => setChosen([path, down.path === path ? across.path : down.path])}
            />
            <Select
              aria-label="Knob downwards"
              w={170}
              allowDeselect={false}
              value={down.path}
              data={data}
              onChange={(path) => setChosen([across.path === path ? down.path : across.path, path])}
            />
          </>
        )
      }
    >
      <p className={classes.note}>Choose a cell to open one of its runs.</p>
      <div ref={box} className={classes.wide}>
        {values.length === 0 ? (
          <Empty height={120}>A colour for each cell appears with its first result.</Empty>
        ) : (
          width > 0 && (
            <svg
              className={classes.figure}
              width={Math.max(width, left + columns * wide + 12)}
              height={height}
              role="group"
              aria-label={`${score.heading} by ${across.label} and ${down.label}`}
            >
              {grid.cells.map((row, r) => (
                <g key={grid.down.values[r]}>
                  <text x={left - 8} y={edge.top + r * high + high / 2 + 4} textAnchor="end">
                    {grid.down.values[r]}
                  </text>
                  {row.map((cell, c) => (
                    <Cell
                      key={grid.across.values[c]}
                      x={left + c * wide}
                      y={edge.top + r * high}
                      width={wide - 1}
                      share={cell.mean === null ? null : share(cell.mean)}
                      text={cell.mean === null ? '' : score.parts(cell.mean)[0]}
                      label={`${across.label} ${grid.across.values[c]}, ${down.label} ${grid.down.values[r]}: ${cell.mean === null ? 'no result' : `${score.text(cell.mean)}, ${cell.runs} ${cell.runs === 1 ? 'run' : 'runs'}`}`}
                      onOpen={() => open(cell)}
                    />
                  ))}
                </g>
              ))}
              {grid.across.values.map((value, c) => (
                <text
                  key={value}
                  {...(isUpright
                    ? {
                        transform: `translate(${left + (c + 0.5) * wide + 4} ${height - bottom + 8}) rotate(-90)`,
                        textAnchor: 'end' as const,
                      }
                    : {
                        x: left + (c + 0.5) * wide,
                        y: height - bottom + 16,
                        textAnchor: 'middle' as const,
                      })}
                >
                  {value}
                </text>
              ))}
              <text x={left + (grid.across.values.length * wide) / 2} y={height - 6} textAnchor="middle">
                {across.label}
              </text>
              <text
                transform={`translate(12 ${edge.top + (grid.cells.length * high) / 2}) rotate(-90)`}
                textAnchor="middle"
              >
                {down.label}
              </text>
            </svg>
          )
        )}
      </div>
      {opened && (
        <div className={classes.runs} data-figure="none" role="group" aria-label="Runs of the cell">
          {mine.length === 0
            ? 'No run of this cell is stored.'
            : mine.map(({ run, entry, seed }) => (
                <Button key={run} size="compact-xs" variant="default" onClick={() => onOpen(run)}>
                  Seed {seed}
                  {opened.entries.length > 1 && `, ${experiment.entries[entry]?.name ?? ''}`}
                </Button>
              ))}
        </div>
      )}
    </Panel>
  );
}

interface CellProps {
  x: number;
  y: number;
  width: number;
  /** Place on the scale, 0..1; null without a result. */
  share: number | null;
  text: string;
  label: string;
  onOpen: () => void;
}

function Cell({ x, y, width, share, text, label, onOpen }: CellProps) {
  const level = share === null ? 0 : Math.round(share * 255) * 3;
  const [red, green, blue] = cividis.subarray(level, level + 3);
  const isLight = share !== null && share > 0.55;
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onOpen();
  };
  return (
    <g
      className={classes.cell}
      role="button"
      tabIndex={0}
      aria-label={label}
      onClick={onOpen}
      onKeyDown={onKey}
    >
      <title>{label}</title>
      <rect
        x={x}
        y={y}
        width={width}
        height={high - 1}
        fill={share === null ? 'var(--field)' : `rgb(${red} ${green} ${blue})`}
      />
      <text
        x={x + width / 2}
        y={y + high / 2 + 4}
        textAnchor="middle"
        style={{ fill: isLight ? '#1b1f23' : '#fcfcfb' }}
      >
        {text}
      </text>
    </g>
  );
}
