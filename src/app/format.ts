/** Numbers as the page writes them. */
const gap = '\u00a0';

/** 1437 -> "1,437" */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-GB');
}

/** 0.9639 -> "96.4 %" */
export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)}${gap}%`;
}

/** A difference of two shares in percentage points: 0.261 -> "+26.1". */
export function points(difference: number): string {
  const value = Math.abs(difference * 100).toFixed(1);
  if (value === '0.0') return '0.0';
  return `${difference < 0 ? '−' : '+'}${value}`;
}

/** 83000 -> "83 k" */
export function short(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e9) return `${trimmed(value / 1e9)}${gap}G`;
  if (magnitude >= 1e6) return `${trimmed(value / 1e6)}${gap}M`;
  if (magnitude >= 1e4) return `${trimmed(value / 1e3)}${gap}k`;
  return count(value);
}

export function bytes(value: number): string {
  if (value >= 1e9) return `${trimmed(value / 1e9)}${gap}GB`;
  if (value >= 1e6) return `${trimmed(value / 1e6)}${gap}MB`;
  if (value >= 1e3) return `${trimmed(value / 1e3)}${gap}kB`;
  return `${Math.round(value)}${gap}B`;
}

function trimmed(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(1);
}

/** Seconds as "4 s" or "2:05" or "1:02:05". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}${gap}s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** An estimate of a time: "about 4 s". */
export function aboutDuration(seconds: number): string {
  return seconds < 0.5 ? `less than 1${gap}s` : `about ${duration(seconds)}`;
}

/** A measured number with about three figures: losses, weights, probes. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const magnitude = Math.abs(value);
  if (magnitude >= 1000 && magnitude < 1e6) return count(value).replace('-', '−');
  const text =
    magnitude === 0
      ? '0'
      : magnitude >= 1000 || magnitude < 0.001
        ? value.toExponential(1).replace('e+', 'e')
        : value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 0.1 ? 2 : 3);
  return text.replace('-', '−');
}

/** "a", "a and b", "a, b and c" */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`;
}

const moments = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** "3 Mar 2026, 14:05" @param at milliseconds since 1970 */
export function dayAndTime(at: number): string {
  return moments.format(at);
}
