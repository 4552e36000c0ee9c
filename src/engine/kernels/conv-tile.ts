/**
 * Size of the tile of a convolution's result that one thread computes, in pixels and channels held in registers.
 * Every loaded weight is used for all its pixels, and every loaded pixel for all its channels.
 */
import { lines, pixelsPerThread, runsOnSoftware, widthOf, type Width } from './wgsl';

export interface Tile {
  /** Neighbouring pixels of a row. */
  pixels: number;
  /** Images whose pixels at these places it computes. */
  images: number;
  /** Vectors of the result's channels. */
  groups: number;
  /** Channels of the summed axis that are loaded at a time. */
  width: Width;
}

/**
 * A convolution as seen from the computed tensor (y forward, dx backward), which sums over the channels of the other
 * one.
 */
export interface Side {
  batch: number;
  /** Of the computed tensor. */
  rows: number;
  rowLength: number;
  channels: number;
  /** Channels of the other one. */
  summed: number;
  filterWidth: number;
  /** The pixels of a tile are a multiple of it. */
  stride: number;
  /**
   * Cost of so many neighbouring pixels of a row per filter row: loaded pixels of the other tensor, and multiplied
   * pairs of a pixel and a filter column.
   */
  taps: (pixels: number) => { loads: number; meetings: number };
}

export function tileOf(side: Side): Tile {
  return runsOnSoftware() ? tileForSoftware(side) : tileForCard(side);
}

/** Wanted pixels per thread, so that a loaded weight is used often. */
const pixelsWanted = 8;

/** Threads that a graphics card needs before fewer threads with fewer loads are better. */
const enoughThreads = 16_384;

/**
 * A graphics card has about a hundred registers per thread and hides memory latency behind other threads: one vector
 * of channels and up to eight pixels, of several images where rows are short. Neighbouring threads have neighbouring
 * channels of one pixel, so that they store adjacent numbers and read the same pixels.
 */
function tileForCard({ batch, rows, rowLength, channels, summed, stride }: Side): Tile {
  const pixels = pixelsPerThread(rowLength, stride);
  const threads = batch * rows * Math.ceil(rowLength / pixels) * (channels / widthOf(channels));
  let images = 1;
  while (
    pixels * images * 2 <= pixelsWanted &&
    batch % (images * 2) === 0 &&
    threads / (images * 2) >= enoughThreads
  )
    images *= 2;
  return { pixels, images, groups: 1, width: widthOf(summed) };
}

/**
 * On the software adapter a loaded number costs about as much as fifteen multiply-adds (45 cycles against 3, per four
 * threads), wherever it lies, and registers beyond the processor's are nearly free: tiles are as large as the compile
 * time allows. Compared with the tiles for a graphics card, batch 64: 14x14x16 to 32 took 1 / 2.3 of the time, 7x7x32
 * to 64 1 / 2.3, 28x28x1 to 16 1 / 1.8, 8x8x16 to 16 1 / 1.4.
 */
const costOfLoad = 15;

/** Unrolled multiply-adds of vectors; twice as many gained a tenth and took twice as long to compile. */
const mostStatements = 192;

/** Number of threads that occupies two or four cores. */
const enoughOnSoftware = 256;

function tileForSoftware(side: Side): Tile {
  const { batch, rows, rowLength, channels, filterWidth, stride, taps } = side;
  const vector = widthOf(channels);
  const allGroups = channels / vector;
  let best: { tile: Tile; cost: number } | null = null;
  for (const images of [1, 2, 4, 8].filter((count) => batch % count === 0))
    for (const groups of [1, 2, 4, 8].filter((count) => allGroups % count === 0))
      for (let perRow = 1; perRow <= rowLength; perRow++) {
        const pixels = Math.ceil(rowLength / perRow / stride) * stride;
        const { loads, meetings } = taps(pixels);
        const statements = meetings * images * groups;
        const threads = (batch / images) * rows * perRow * (allGroups / groups);
        const isSmallest = images * groups === 1 && pixels === stride;
        if (!isSmallest && (statements > mostStatements || threads < enoughOnSoftware)) continue;
        const loaded = loads * images + filterWidth * groups * vector;
        const cost = (costOfLoad * loaded + statements * vector) * threads;
        if (!best || cost < best.cost) best = { tile: { pixels, images, groups, width: 1 }, cost };
      }
  return best!.tile;
}

/** Calls `make` for each vector of a tile. */
export function tileVectors(
  { images, groups, pixels }: Tile,
  make: (image: number, group: number, pixel: number) => string,
): string {
  return lines(images, (n) => lines(groups, (j) => lines(pixels, (p) => make(n, j, p))));
}
