import { useComputedColorScheme } from '@mantine/core';
import { use, useEffect, useMemo, useRef, type ReactNode, type RefObject } from 'react';
import type { PlaneArea, PlaneView } from '../../distill/views';
import type { RunRecord } from '../../record/run-record';
import { figure, percent } from '../format';
import { Panel } from '../instruments/Panel';
import { FigurePlace } from '../instruments/plot/figure-height';
import { useWidth } from '../instruments/plot/use-width';
import { learnerStyles } from '../theme/learner-styles';
import {
  agreement,
  areaText,
  arrowPath,
  levelColour,
  numberGroups,
  paintArea,
  pointPaths,
  shapeAt,
  type Rgb,
} from './plane';
import classes from './plane.module.css';

const order: readonly PlaneArea['who'][] = ['teacher', 'student', 'control', 'hard', 'full', 'rounded'];

const groupColour = (group: number) => (group < 0 ? 'var(--ink-3)' : `var(--hint-${group % 6})`);
const rgbText = ([red, green, blue]: Rgb) => `rgb(${red} ${green} ${blue})`;

/** The plane of a table with two columns as each network divides it, with the training rows on top. */
export default function PlaneFigure({
  history,
  view,
  when,
}: {
  history: RunRecord;
  view: PlaneView;
  when: string;
}) {
  const { facts } = history;
  const names = view.shows === 'classes' ? (facts?.dataset.classes ?? []) : (facts?.targets?.names ?? []);
  const areas = order.flatMap((who) => view.areas.filter((area) => area.who === who));
  const [teacher, student] = (['teacher', 'student'] as const).map((who) =>
    areas.find((area) => area.who === who),
  );
  const hidden = view.points.labelled.includes(0);
  return (
    <Panel wide title={view.title} line={when}>
      <p className={classes.line}>
        {sentenceOf(view, names)} {hidden && 'Filled points have a label in training, hollow ones do not. '}
        {view.arrows && 'Arrows lead from some tracked rows to where the loss has moved them. '}
        {view.shows !== 'numbers' &&
          teacher &&
          student &&
          `Student and teacher agree on ${percent(agreement(teacher, student), 0)} of this plane.`}
      </p>
      <Areas view={view} areas={areas} names={names} unit={facts?.targets?.units[0] ?? ''} />
    </Panel>
  );
}

function sentenceOf({ shows }: PlaneView, names: readonly string[]): string {
  if (shows === 'numbers') return `Each place has the colour of the ${names[0] ?? 'number'} predicted there.`;
  const what = shows === 'classes' ? 'class' : 'most probable label';
  return `Each place has the colour of the ${what} predicted there, the stronger the more confident: where colours meet is the decision boundary.`;
}

interface AreasProps {
  view: PlaneView;
  areas: PlaneArea[];
  names: readonly string[];
  unit: string;
}

function Areas({ view, areas, names, unit }: AreasProps) {
  const box = useRef<HTMLDivElement>(null);
  const key = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { fills } = use(FigurePlace);
  const columns = Math.max(1, Math.min(areas.length, Math.floor(width / 250)));
  const size = Math.min(fills ? 640 : 380, Math.floor((width - (columns - 1) * 24) / columns) - 30);
  const paths = usePaths(view, size);
  return (
    <div ref={box} className={classes.box}>
      <div className={classes.areas}>
        {size > 0 &&
          areas.map((area) => (
            <Area key={area.who} view={view} area={area} names={names} size={size} colourKey={key}>
              {paths}
              {view.arrows && (area.who === 'teacher' || area.who === 'student') && (
                <path d={arrowPath(view, size)} fill="none" stroke="var(--ink)" strokeWidth={1.1} />
              )}
            </Area>
          ))}
      </div>
      <div ref={key} className={classes.key} data-figure="legend">
        {view.shows === 'numbers' ? (
          <span>
            {view.numbers && figure(view.numbers.low)} <i className={classes.ramp} />{' '}
            {view.numbers && figure(view.numbers.high)} {unit}
          </span>
        ) : (
          names.slice(0, 12).map((name, group) => (
            <span key={name} style={{ color: groupColour(group) }} data-colour>
              <svg width="12" height="12" aria-hidden="true">
                <path d={shapeAt(group, 6, 6)} fill="currentColor" />
              </svg>
              <span>{name}</span>
            </span>
          ))
        )}
      </div>
    </div>
  );
}

/** The colours of the key as numbers, which a canvas needs. */
function coloursOf(key: HTMLElement | null): Rgb[] {
  const marks = [...(key?.querySelectorAll('[data-colour]') ?? [])];
  return marks.slice(0, 6).map((mark) => rgbOf(getComputedStyle(mark).color));
}

function rgbOf(colour: string): Rgb {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

/** The training rows are the same in every view of a run. */
function usePaths(view: PlaneView, size: number) {
  const { shows } = view;
  const count = view.points.target.length;
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const paths = useMemo(() => (size > 0 ? pointPaths(view, size) : []), [count, size]);
  return paths.map(({ group, labelled, d }) => {
    const colour =
      shows === 'numbers'
        ? rgbText(levelColour(Math.round((255 * (group + 0.5)) / numberGroups)))
        : groupColour(group);
    return (
      <path
        key={`${group} ${labelled}`}
        d={d}
        fill={labelled ? colour : 'none'}
        stroke={labelled ? 'var(--paper)' : colour}
        strokeWidth={labelled ? 0.4 : 1}
        fillOpacity={0.8}
      />
    );
  });
}

interface AreaProps extends Pick<AreasProps, 'view' | 'names'> {
  area: PlaneArea;
  size: number;
  /** The element whose marks have the colours of the classes. */
  colourKey: RefObject<HTMLElement | null>;
  children: ReactNode;
}

function Area({ view, area, names, size, colourKey, children }: AreaProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme();
  // A file may have another theme than the page.
  const { saved } = use(FigurePlace);
  const { side, shows } = view;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    const colours = coloursOf(colourKey.current);
    if (!context || (shows !== 'numbers' && colours.length === 0)) return;
    const picture = context.createImageData(side, side);
    paintArea(picture, { side, shows }, area, colours);
    context.putImageData(picture, 0, 0);
  }, [side, shows, area, colourKey, scheme, saved]);
  const [across, up] = view.ranges;
  const style = learnerStyles[area.who];
  return (
    <figure className={classes.area} style={{ width: size + 30 }}>
      <figcaption style={{ borderColor: style.colour }}>{style.label}</figcaption>
      <div
        className={classes.plane}
        style={{ width: size, height: size }}
        role="img"
        aria-label={`${style.label}: ${areaText(view, area, names)}`}
      >
        <canvas ref={canvas} className="pixels" width={side} height={side} />
        <svg width={size} height={size} aria-hidden="true">
          {children}
        </svg>
        <span className={classes.up}>
          <b>{figure(up!.high)}</b>
          <i>{view.columns[1]}</i>
          <b>{figure(up!.low)}</b>
        </span>
      </div>
      <div className={classes.across} style={{ width: size }}>
        <b>{figure(across!.low)}</b>
        <i>{view.columns[0]}</i>
        <b>{figure(across!.high)}</b>
      </div>
    </figure>
  );
}
