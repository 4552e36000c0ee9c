/** Axes: nice ticks and the way from a value to a place, shared by the lines and what is written over them. */
export interface Scale {
  kind: 'linear' | 'log';
  domain: [number, number];
  ticks: number[];
}

/** A round step that goes into the range about `wanted` times. */
function niceStep(low: number, high: number, wanted: number, whole = false): number {
  const rough = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((step) => step * power >= rough) ?? 10;
  return whole ? Math.max(1, Math.round(factor * power)) : factor * power;
}

/** About `wanted` round numbers from low to high. */
export function niceTicks(low: number, high: number, wanted: number, whole = false): number[] {
  if (!(high > low)) return [low];
  const step = niceStep(low, high, wanted, whole);
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-6; at += step)
    ticks.push(Number(at.toPrecision(10)));
  return ticks;
}

/** A linear axis that holds the values, its ends on round numbers. */
export function linearScale(low: number, high: number, wanted = 4): Scale {
  const [from, to] =
    low === high ? [low - Math.abs(low || 1) * 0.5, high + Math.abs(high || 1) * 0.5] : [low, high];
  // Not the difference of two ticks: far from zero that has lost its last digits.
  const step = niceTicks(from, to, wanted).length > 1 ? niceStep(from, to, wanted) : to - from;
  const domain: [number, number] = [
    Number((Math.floor(from / step + 1e-9) * step).toPrecision(10)),
    Number((Math.ceil(to / step - 1e-9) * step).toPrecision(10)),
  ];
  return { kind: 'linear', domain, ticks: niceTicks(domain[0], domain[1], wanted) };
}

/** A logarithmic axis; ticks on powers of ten, with 2 and 5 between when there are few. */
export function logScale(low: number, high: number): Scale {
  const from = Math.max(low, 1e-8);
  const to = Math.max(high, from * 1.01);
  const decades = Math.log10(to / from);
  const parts = decades > 3 ? [1] : decades > 1.3 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.ceil(Math.log10(to)); power += 1)
    for (const part of parts) ticks.push(Number((part * 10 ** power).toPrecision(3)));
  const below = ticks.filter((tick) => tick <= from).at(-1) ?? from;
  const above = ticks.find((tick) => tick >= to) ?? to;
  return {
    kind: 'log',
    domain: [below, above],
    ticks: ticks.filter((tick) => tick >= below && tick <= above),
  };
}

/** Writes the ticks of an axis with the same number of decimals. */
export function tickFormat({ kind, ticks }: Scale): (value: number) => string {
  const step = kind === 'linear' && ticks.length > 1 ? ticks[1]! - ticks[0]! : 0;
  if (step <= 0)
    return (value) => (value >= 0.001 && value < 10_000 ? String(value) : value.toExponential(0));
  const decimals =
    [0, 1, 2, 3, 4].find((places) => Math.abs(step - Number(step.toFixed(places))) < step / 100) ?? 5;
  return (value) => value.toFixed(decimals).replace('-', '−');
}

/** Place of a value between the ends of the axis: 0..1, and beyond where it lies outside. */
export function shareOf(scale: Scale, value: number): number {
  const [low, high] = scale.domain;
  return scale.kind === 'log'
    ? Math.log(Math.max(value, 1e-12) / low) / Math.log(high / low)
    : (value - low) / (high - low);
}

/** As `shareOf`; what lies outside is put to the end. */
export function placeOf(scale: Scale, value: number): number {
  return Math.min(1, Math.max(0, shareOf(scale, value)));
}

/** Moves labels apart so that none overlaps: places from the top in pixels, same order as given. */
export function spread(wanted: readonly number[], gap: number, height: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[a]! - wanted[b]!);
  const places = [...wanted];
  for (let pass = 1; pass < order.length; pass += 1) {
    const [above, below] = [order[pass - 1]!, order[pass]!];
    places[below] = Math.max(places[below]!, places[above]! + gap);
  }
  // What was pushed over the lower edge pushes back.
  let edge = height;
  for (const index of order.toReversed()) {
    places[index] = Math.min(places[index]!, edge);
    edge = places[index]! - gap;
  }
  return places;
}
