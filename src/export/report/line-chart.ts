/**
 * Line charts over steps as inline SVG, without script or external style; colours are CSS variables of the report.
 */
import { text } from './html';

export interface ChartLine {
  label: string;
  /** A CSS colour or variable. */
  colour: string;
  dash?: string;
  /** Missing values (NaN) interrupt the line. */
  points: readonly { step: number; value: number }[];
}

export interface ChartOptions {
  title: string;
  /** Formats a value of the vertical axis. */
  format: (value: number) => string;
  /** Steps at which a knob was changed, with tooltips. */
  marks?: readonly { step: number; label: string }[];
}

const [width, height] = [680, 260];
const margin = { left: 56, right: 12, top: 12, bottom: 30 };
/** More points than pixels would only enlarge the file. */
const mostPoints = 600;

/** The chart with its heading and legend; empty when there is nothing to draw. */
export function lineChart(lines: readonly ChartLine[], { title, format, marks = [] }: ChartOptions): string {
  const drawn = lines
    .map((line) => ({ ...line, points: thinned(line.points) }))
    .filter(({ points }) => points.some(({ value }) => Number.isFinite(value)));
  const values = drawn.flatMap(({ points }) => points.map(({ value }) => value)).filter(Number.isFinite);
  if (values.length === 0) return '';
  const steps = drawn.flatMap(({ points }) => points.map(({ step }) => step));
  const across = ticks(
    0,
    Math.max(
      1,
      steps.reduce((most, step) => Math.max(most, step), 0),
    ),
    6,
  );
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Infinity, -Infinity],
  );
  const up = ticks(low, high, 5);
  const [left, right] = [margin.left, width - margin.right];
  const [top, bottom] = [margin.top, height - margin.bottom];
  const last = Math.max(
    1,
    steps.reduce((most, step) => Math.max(most, step), 0),
  );
  const [floor, ceiling] = [Math.min(low, up[0]!), Math.max(high, up.at(-1)!)];
  const x = (step: number) => left + ((right - left) * step) / last;
  const y = (value: number) => bottom - ((bottom - top) * (value - floor)) / (ceiling - floor || 1);
  const grid = up.map(
    (value) =>
      `<line class="grid" x1="${left}" x2="${right}" y1="${at(y(value))}" y2="${at(y(value))}"/><text class="tick" x="${left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${text(format(value))}</text>`,
  );
  const foot = across
    .filter((step) => step <= last)
    .map(
      (step) =>
        `<text class="tick" x="${at(x(step))}" y="${bottom + 18}" text-anchor="middle">${text(step.toLocaleString('en-GB'))}</text>`,
    );
  const turns = marks.map(
    ({ step, label }) =>
      `<line class="mark" x1="${at(x(step))}" x2="${at(x(step))}" y1="${top}" y2="${bottom}"><title>${text(label)}</title></line>`,
  );
  const paths = drawn.map(
    ({ points, colour, dash }) =>
      `<path d="${pathOf(points, x, y)}" style="stroke:${colour}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`,
  );
  const legend = drawn.map(
    ({ label, colour, dash, points }) =>
      `<li><svg width="24" height="8" aria-hidden="true"><path d="M0 4H24" style="stroke:${colour}"${dash ? ` stroke-dasharray="${dash}"` : ''}/></svg>${text(label)} <b>${text(format(lastOf(points)))}</b></li>`,
  );
  return `<figure><figcaption>${text(title)}</figcaption>
<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${text(title)}">${[...grid, ...foot, ...turns, ...paths].join('')}<text class="tick" x="${right}" y="${height - 1}" text-anchor="end">step</text></svg>
<ul class="legend">${legend.join('')}</ul></figure>`;
}

function lastOf(points: ChartLine['points']): number {
  return points.findLast(({ value }) => Number.isFinite(value))!.value;
}

function pathOf(
  points: ChartLine['points'],
  x: (step: number) => number,
  y: (value: number) => number,
): string {
  let pen = 'M';
  return points
    .map(({ step, value }) => {
      if (!Number.isFinite(value)) {
        pen = 'M';
        return '';
      }
      const move = `${pen}${at(x(step))} ${at(y(value))}`;
      pen = 'L';
      return move;
    })
    .join('');
}

/** Every nth point, and always the last. */
function thinned(points: ChartLine['points']): ChartLine['points'] {
  const stride = Math.ceil(points.length / mostPoints);
  return points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

/** Round numbers from at most `low` to at least `high`, in about `wanted` steps. */
export function ticks(low: number, high: number, wanted: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw)!;
  const first = Math.floor(low / step + 1e-9);
  const count = Math.max(1, Math.ceil(high / step - 1e-9) - first);
  return Array.from({ length: count + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}
