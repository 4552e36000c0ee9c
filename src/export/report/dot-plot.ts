/** Means with their intervals, a row each, as inline SVG without script or external style. */
import type { Estimate } from '../../experiment/statistics';
import { text } from './html';
import { ticks } from './line-chart';

export interface DotRow extends Pick<Estimate, 'mean' | 'interval'> {
  label: string;
  /** Mean of the baseline beside it, null for none. */
  baseline: number | null;
}

const width = 720;
const rowHeight = 22;
const margin = { left: 250, right: 80, top: 10, bottom: 34 };
/** Letters that fit beside the plot. */
const longestLabel = 40;

/**
 * The plot with its heading and legend; empty where there is nothing to draw.
 * @param options `format` writes a value; `axis` names the values, with their unit
 */
export function dotPlot(
  rows: readonly DotRow[],
  { title, axis, format }: { title: string; axis: string; format: (value: number) => string },
): string {
  if (rows.length === 0) return '';
  const ends = rows.flatMap(({ mean, interval, baseline }) => [
    mean,
    ...(interval ?? []),
    ...(baseline === null ? [] : [baseline]),
  ]);
  const scale = ticks(Math.min(...ends), Math.max(...ends), 5);
  const [low, high] = [Math.min(scale[0]!, ...ends), Math.max(scale.at(-1)!, ...ends)];
  const x = (value: number) =>
    Number(
      (margin.left + ((width - margin.left - margin.right) * (value - low)) / (high - low || 1)).toFixed(1),
    );
  const height = margin.top + rows.length * rowHeight + margin.bottom;
  const foot = height - margin.bottom;
  const grid = scale.map(
    (tick) =>
      `<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${margin.top}" y2="${foot}"/><text class="tick" x="${x(tick)}" y="${foot + 14}" text-anchor="middle">${text(format(tick))}</text>`,
  );
  const dots = rows.map(({ label, mean, interval, baseline }, row) => {
    const y = margin.top + row * rowHeight + rowHeight / 2;
    const span = interval
      ? `<path style="stroke:var(--student)" d="M${x(interval[0])} ${y - 4}v8M${x(interval[1])} ${y - 4}v8M${x(interval[0])} ${y}H${x(interval[1])}"/>`
      : '';
    const beside =
      baseline === null
        ? ''
        : `<rect x="${x(baseline) - 3.5}" y="${y - 3.5}" width="7" height="7" style="fill:var(--paper);stroke:var(--control);stroke-width:1.5"/>`;
    const shown = label.length > longestLabel ? `${label.slice(0, longestLabel - 1)}…` : label;
    return `<g><title>${text(label)}</title><text class="tick" x="${margin.left - 12}" y="${y + 4}" text-anchor="end">${text(shown)}</text>${span}${beside}<circle cx="${x(mean)}" cy="${y}" r="4" style="fill:var(--student)"/><text class="tick" x="${width - margin.right + 12}" y="${y + 4}">${text(format(mean))}</text></g>`;
  });
  return `<figure><figcaption>${text(title)}</figcaption>
<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${text(title)}">${[...grid, ...dots].join('')}<text class="tick" x="${(margin.left + width - margin.right) / 2}" y="${height - 2}" text-anchor="middle">${text(axis)}</text></svg>
<p class="muted">Dot: mean of the student over seeds, with its 95 % interval. Square: mean of the baseline (no teacher).</p></figure>`;
}
