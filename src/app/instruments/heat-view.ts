import type { TrackedSamples } from '../../training/events';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';

export type RowOrder = 'class' | 'given' | 'value';

export interface HeatView {
  /** Watched rows from top to bottom. */
  order: number[];
  /** Lowest and highest value shown. */
  range: [number, number];
  steps: [number, number];
  /** Where a class begins, when the rows are in groups: place in `order` and name. */
  groups: { place: number; name: string }[];
}

export function heatView(history: RunRecord, quantity: Quantity, by: RowOrder): HeatView | null {
  const { tracked, snapshots, facts } = history;
  const last = snapshots.newest(quantity);
  if (!tracked || !last) return null;
  const order = orderOf(tracked, last, by);
  const names = facts?.dataset.classes ?? [];
  return {
    order,
    range: rangeOf(history, quantity),
    steps: [snapshots.steps[0]!, Math.max(snapshots.steps.at(-1)!, snapshots.steps[0]! + 1)],
    groups: by === 'value' || tracked.targets ? [] : groupsOf(order, tracked, names, by),
  };
}

/**
 * Views of several runs on the same scales, of the same samples in the same lines where the runs track the same ones: in
 * the order of the first.
 */
export function heatViews(
  histories: readonly RunRecord[],
  quantity: Quantity,
  by: RowOrder,
): (HeatView | null)[] {
  const views = histories.map((history) => heatView(history, quantity, by));
  const known = views.filter((view) => view !== null);
  if (known.length < 2) return views;
  const range: HeatView['range'] = [
    Math.min(...known.map((view) => view.range[0])),
    Math.max(...known.map((view) => view.range[1])),
  ];
  const steps: HeatView['steps'] = [
    Math.min(...known.map((view) => view.steps[0])),
    Math.max(...known.map((view) => view.steps[1])),
  ];
  const [first] = histories;
  return views.map((view, place) => {
    if (!view) return null;
    const own = isTrackingAlike(first!, histories[place]!) ? views[0] : null;
    return { ...view, ...(own ? { order: own.order, groups: own.groups } : {}), range, steps };
  });
}

function isTrackingAlike({ tracked: one }: RunRecord, { tracked: other }: RunRecord): boolean {
  if (!one || !other || one.images.length !== other.images.length) return false;
  return one.images.every(({ index }, row) => index === other.images[row]!.index);
}

function orderOf(tracked: TrackedSamples, last: Float32Array, by: RowOrder): number[] {
  const rows = tracked.images.map((_, row) => row);
  const value = (row: number) => -(last[row] ?? 0);
  if (by === 'value') return rows.sort((a, b) => value(a) - value(b));
  const { targets } = tracked;
  if (targets) {
    const all = targets[by === 'class' ? 'truth' : 'given'];
    const width = all.length / Math.max(1, rows.length);
    return rows.sort((a, b) => compared(all, a * width, b * width, width) || value(a) - value(b));
  }
  const label = (row: number) => tracked.images[row]![by === 'class' ? 'trueLabel' : 'givenLabel'];
  return rows.sort((a, b) => label(a) - label(b) || value(a) - value(b));
}

/** By the first number or label in which they differ; those without a target first. */
function compared(all: Float32Array, a: number, b: number, width: number): number {
  for (let t = 0; t < width; t += 1) {
    const [first, second] = [all[a + t]!, all[b + t]!];
    if (Number.isNaN(first) || Number.isNaN(second))
      return Number(Number.isNaN(second)) - Number(Number.isNaN(first));
    if (first !== second) return first - second;
  }
  return 0;
}

function groupsOf(order: readonly number[], tracked: TrackedSamples, names: readonly string[], by: RowOrder) {
  const groups: HeatView['groups'] = [];
  let former: number | null = null;
  for (const [place, row] of order.entries()) {
    const { trueLabel, givenLabel } = tracked.images[row]!;
    const label = by === 'class' ? trueLabel : givenLabel;
    if (label !== former) groups.push({ place, name: label < 0 ? 'none' : (names[label] ?? String(label)) });
    former = label;
  }
  return groups;
}

/** Losses have long tails: the scale ends at the 98th percentile. Weights start at zero. */
function rangeOf({ snapshots }: RunRecord, quantity: Quantity): [number, number] {
  const values: number[] = [];
  for (let moment = 0; moment < snapshots.length; moment += 1) {
    const column = snapshots.at(moment, quantity);
    // Every fourth value is enough to place the ends of the scale.
    for (let row = moment % 4; column && row < column.length; row += 4)
      if (Number.isFinite(column[row])) values.push(column[row]!);
  }
  values.sort((a, b) => a - b);
  const low = Math.min(0, values[0] ?? 0);
  const high = values[Math.floor((values.length - 1) * 0.98)] ?? 1;
  return [low, high > low ? high : low + 1];
}

/** Fills a picture, one row of pixels per tracked sample. */
export function paintHeat(
  target: ImageData,
  history: RunRecord,
  quantity: Quantity,
  view: HeatView,
  colours: Uint8Array,
): void {
  const { width, data } = target;
  const { snapshots } = history;
  const [from, to] = view.steps;
  const [low, high] = view.range;
  const curved = isCurved(quantity);
  // A run that is compared may have ended before the scale does.
  const last = Math.max(snapshots.steps.at(-1) ?? 0, from + 1);
  for (let x = 0; x < width; x += 1) {
    const step = from + ((x + 0.5) / width) * (to - from);
    const moment = snapshots.momentAt(step);
    const values = step > last ? null : snapshots.at(Math.max(0, moment), quantity);
    for (const [y, row] of view.order.entries()) {
      const value = values?.[row] ?? Number.NaN;
      const at = (y * width + x) * 4;
      if (!Number.isFinite(value)) {
        data[at + 3] = 0;
        continue;
      }
      const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
      const level = Math.round((curved ? Math.sqrt(share) : share) * 255) * 3;
      data[at] = colours[level]!;
      data[at + 1] = colours[level + 1]!;
      data[at + 2] = colours[level + 2]!;
      data[at + 3] = 255;
    }
  }
}

/** Losses fall by a factor of ten and more: on a square-root scale their late differences can still be seen. */
export function isCurved(quantity: Quantity): boolean {
  return quantity.startsWith('loss:');
}
