/** What the kernels share whose threads have some neighbouring pixels of a row: reading a row, writing one, who meets whom. */
import type { ConvInfo } from './conv-info';
import { lines, vec, type Width } from './wgsl';

/** Pixel p of a thread and filter column kx meet at the output column (p + left padding - kx) / stride, if that is one. */
export function meetingsOf({ filterWidth, strideWidth: stride, padInfo }: ConvInfo, pixels: number) {
  return range(pixels * filterWidth)
    .map((n) => {
      const [p, kx] = [Math.floor(n / filterWidth), n % filterWidth];
      return { p, kx, offset: (p + padInfo.left - kx) / stride };
    })
    .filter(({ offset }) => Number.isInteger(offset));
}

/** 0 to `count - 1` */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** Declares `name` as an element of a row, or zero where the column is outside of it. */
export function loadInside(
  name: string,
  buffer: string,
  at: string,
  column: string,
  rowLength: number,
  width: Width,
): string {
  // Read all the same and then let go: no branch, and WGSL keeps such a read inside of some buffer.
  return `let ${name} = select(${vec(width)}(), ${buffer}[${at}], ${column} >= 0 && ${column} < ${rowLength});`;
}

interface RowStore {
  /** The variable with the column of the thread's first pixel. */
  column?: string;
  /** The variable with its vector of channels. */
  channels?: string;
  /** What the pixels' variables are called, before their number. */
  values?: string;
}

/** Writes a thread's pixels; the last thread of a row may have fewer. */
export function storeRow(
  buffer: string,
  pixels: number,
  rowLength: number,
  groups: number,
  { column = 'column', channels = 'group', values = buffer }: RowStore = {},
): string {
  const stores = lines(pixels, (p) => {
    const store = `${buffer}[to + ${p * groups}] = finishWith(known, to + ${p * groups}, ${values}${p});`;
    return rowLength % pixels === 0 ? store : `if (${column} + ${p} < ${rowLength}) { ${store} }`;
  });
  return `let known = knownOf(${channels});\n${stores}`;
}
