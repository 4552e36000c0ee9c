/**
 * Code shared by kernels whose threads have several neighbouring pixels of a row: reading and writing rows, matching
 * taps.
 */
import type { ConvInfo } from './conv-info';
import { lines, vec, type Width } from './wgsl';

/**
 * Pixel p of a thread and filter column kx use the output column (p + left padding - kx) / stride, if that is an
 * integer.
 */
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
  // Reads in any case and then selects: no branch, and WGSL keeps such a read inside of some buffer.
  return `let ${name} = select(${vec(width)}(), ${buffer}[${at}], ${column} >= 0 && ${column} < ${rowLength});`;
}

/**
 * Writes a thread's pixels; the last thread of a row may have fewer. @param column the variable with the column of
 * the first
 */
export function storeRow(
  buffer: string,
  pixels: number,
  rowLength: number,
  groups: number,
  column = 'column',
): string {
  const stores = lines(pixels, (p) => {
    const store = `${buffer}[to + ${p * groups}] = finishWith(known, to + ${p * groups}, ${buffer}${p});`;
    return rowLength % pixels === 0 ? store : `if (${column} + ${p} < ${rowLength}) { ${store} }`;
  });
  return `let known = knownOf(group);\n${stores}`;
}

interface TileStore {
  pixels: number;
  images: number;
  rowLength: number;
  /** Vectors per pixel, and per image. */
  groups: number;
  perImage: number;
  /** Name of the variable with the column of the first pixel. */
  column: string;
  /** Name of the variable with a vector of the tile. */
  value: (image: number, pixel: number) => string;
  /** Its WGSL type. */
  type: string;
}

/** Stores that are unrolled, each with its steps; on graphics cards tiles are never larger. */
const mostWritten = 8;

/**
 * Writes one group of channels of a tile from `to` on; `channels` is the variable with the group. Large tiles are
 * written in a loop: with the steps after a gradient (a sum, a mask) unrolled 64 times, a kernel took up to ten times
 * as long to compile as without them, and the input gradients two thirds of the compile time of a ResNet-8.
 */
export function storeTile(buffer: string, tile: TileStore): string {
  const { pixels, images, rowLength, groups, perImage, column, value, type } = tile;
  const count = images * pixels;
  const values = range(count).map((v) => value(Math.floor(v / pixels), v % pixels));
  const guarded = (p: string, store: string) =>
    rowLength % pixels === 0 ? store : `if (${column} + ${p} < ${rowLength}) { ${store} }`;
  const store = (at: string, p: string, one: string) =>
    `{ let at = ${at}; ${guarded(p, `${buffer}[at] = finishWith(known, at, ${one});`)} }`;
  if (count <= mostWritten)
    return `let known = knownOf(channels);
      ${lines(count, (v) => store(`to + ${Math.floor(v / pixels) * perImage + (v % pixels) * groups}`, `${v % pixels}`, values[v]!))}`;
  return `let known = knownOf(channels);
    var values = array<${type}, ${count}>(${values.join(', ')});
    for (var v = 0; v < ${count}; v++) {
      ${store(`to + v / ${pixels} * ${perImage} + v % ${pixels} * ${groups}`, `v % ${pixels}`, 'values[v]')}
    }`;
}
