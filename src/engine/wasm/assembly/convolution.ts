/**
 * Convolutions over [B,H,W,C] with filters [k,l,C,U] and both gradients, any stride and padding. Images are copied in
 * groups into scratch memory with zeros around them, so that the inner loops know no edges and their operands stay in
 * the nearest caches. The order of every sum is fixed by the shapes.
 */
import {
  foursTogether,
  imagesTogether,
  interleave,
  multiplyPlaces,
  multiplyTaps,
  packImages,
} from './places';
import { block, clearTiles, multiplyRows, multiplyTiles, tilesOf } from './tiles';
import {
  isForWinograd,
  winograd,
  winogradBytes,
  winogradFilter,
  winogradFilterBytes,
  winogradTiles,
} from './winograd';

/**
 * Images are taken together until they have this many pixels: with fewer, the filters would be read from the second
 * cache too often (a quarter of the time at 2x2 pixels and 64 channels).
 */
const pixelsTogether: i32 = 128;

function groupOf(batch: i32, pixels: i32): i32 {
  return min(batch, max(1, pixelsTogether / pixels));
}

function roundUp(value: i32, to: i32): i32 {
  return ((value + to - 1) / to) * to;
}

/** Bytes of packed filters: blocks of 8 channels. */
function packedBytes(rows: i32, channels: i32): i32 {
  return (rows * roundUp(channels, block)) << 2;
}

/**
 * Rows [rows, channels] as blocks of 8 channels [channels / 8, rows, 8], zeros beyond the last.
 * @param rowBytes between rows; @param channelBytes between channels of a row
 */
function packRows(from: usize, to: usize, rows: i32, channels: i32, rowBytes: i32, channelBytes: i32): usize {
  for (let channel = 0; channel < channels; channel += block) {
    const count = min(block, channels - channel);
    let start = from + <usize>(channel * channelBytes);
    for (let row = 0; row < rows; row++) {
      if (count == block && channelBytes == 4) {
        v128.store(to, v128.load(start));
        v128.store(to, v128.load(start, 16), 16);
      } else {
        let at = start;
        for (let c = 0; c < block; c++) {
          store<f32>(to + ((<usize>c) << 2), c < count ? load<f32>(at) : 0);
          at += channelBytes;
        }
      }
      start += rowBytes;
      to += 32;
    }
  }
  return to;
}

/**
 * Offsets of a grid of pixels in bytes, for `multiplyTiles`. Repeats the last pixel up to a multiple of 4.
 * @returns the number of pixels with those repeated
 */
function fillTable(
  table: usize,
  images: i32,
  rows: i32,
  columns: i32,
  srcImage: i32,
  srcRow: i32,
  srcColumn: i32,
  dstImage: i32,
  dstRow: i32,
  dstColumn: i32,
): i32 {
  let at = table;
  for (let image = 0; image < images; image++)
    for (let row = 0; row < rows; row++) {
      let src = image * srcImage + row * srcRow;
      let dst = image * dstImage + row * dstRow;
      for (let column = 0; column < columns; column++) {
        store<u32>(at, src);
        store<u32>(at, dst, 4);
        src += srcColumn;
        dst += dstColumn;
        at += 8;
      }
    }
  let pixels = images * rows * columns;
  while (pixels > 0 && (pixels & 3) != 0) {
    store<u64>(at, load<u64>(at - 8));
    at += 8;
    pixels++;
  }
  return pixels;
}

/** Copies images [images,height,width,channels] into the middle of larger ones, whose edges it leaves as they are. */
function copyInside(
  from: usize,
  to: usize,
  images: i32,
  height: i32,
  rowBytes: i32,
  toImageBytes: i32,
  toRowBytes: i32,
): void {
  for (let image = 0; image < images; image++) {
    let row = to + <usize>(image * toImageBytes);
    for (let y = 0; y < height; y++) {
      memory.copy(row, from, rowBytes);
      from += rowBytes;
      row += toRowBytes;
    }
  }
}

/**
 * Copies `taps` rows of `run` numbers for each pixel, so that they lie one after the other. Copies whole vectors: what
 * is too much is overwritten by the next, and at the end lies in the room behind.
 */
function gatherTaps(
  src: usize,
  to: usize,
  table: usize,
  pixels: i32,
  taps: i32,
  run: i32,
  tapBytes: i32,
): void {
  const isLong = run > 4;
  const runBytes = (<usize>run) << 2;
  for (let pixel = 0; pixel < pixels; pixel++) {
    let from = src + load<u32>(table + ((<usize>pixel) << 3));
    for (let tap = 0; tap < taps; tap++) {
      v128.store(to, v128.load(from));
      if (isLong) v128.store(to, v128.load(from, 16), 16);
      to += runBytes;
      from += tapBytes;
    }
  }
}

/** Copies `run` numbers for each pixel of a grid, so that they lie one after the other. */
function gatherRuns(
  src: usize,
  to: usize,
  images: i32,
  rows: i32,
  columns: i32,
  imageBytes: i32,
  rowBytes: i32,
  columnBytes: i32,
  runBytes: i32,
): void {
  for (let image = 0; image < images; image++)
    for (let row = 0; row < rows; row++) {
      let from = src + <usize>(image * imageBytes + row * rowBytes);
      for (let column = 0; column < columns; column++) {
        memory.copy(to, from, runBytes);
        from += columnBytes;
        to += runBytes;
      }
    }
}

/** Below this many numbers in a run the loop over runs costs more than putting all runs of a pixel together. */
const shortRun: i32 = 8;

/** Up to this many columns the loop over rows costs more than putting runs of all pixels together. */
const shortRow: i32 = 4;

/** Bytes of scratch memory that each function of this file needs at most for these shapes. */
export function scratchBytes(
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  units: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
): i32 {
  const pixels = outHeight * outWidth;
  const group = groupOf(batch, pixels);
  const paddedHeight = max(top + height, (outHeight - 1) * strideY + tall);
  const paddedWidth = max(left + width, (outWidth - 1) * strideX + wide);
  const padded = (group * paddedHeight * paddedWidth * channels) << 2;
  const run = wide * channels;
  const forward =
    packedBytes(tall * run, units) +
    ((group * pixels + 4) << 4) +
    padded +
    ((group * pixels * tall * run) << 2);
  const filters = padded + ((group * pixels * (run + roundUp(units, block))) << 2);
  const packedSizes = height * width * channels + pixels * roundUp(units, block);
  const taps = (imagesTogether(batch, pixels, height * width * channels + pixels * units) * packedSizes) << 2;

  const inputGroup = groupOf(batch, height * width);
  const slopesHeight = outHeight + (height + top) / strideY + tall;
  const slopesWidth = outWidth + (width + left) / strideX + wide;
  const inputs =
    packedBytes(tall * wide * units, channels) +
    ((inputGroup * height * width + 4 * strideY * strideX) << 3) +
    ((inputGroup * slopesHeight * slopesWidth * units) << 2);
  const inFours =
    (foursTogether(batch, height * width * channels, tall * wide, units) * height * width * channels) << 4;
  const outFours = (foursTogether(batch, pixels * units, tall * wide, channels) * pixels * units) << 4;
  const packedForward = packedBytes(tall * run, units) + inFours;
  const packedBackward = packedBytes(tall * wide * units, channels) + outFours;
  const plain = max(max(max(forward, filters), inputs), max(max(packedForward, packedBackward), taps)) + 256;
  if (
    !isForWinograd(
      height,
      width,
      channels,
      tall,
      wide,
      units,
      strideY,
      strideX,
      top,
      left,
      outHeight,
      outWidth,
    )
  )
    return plain;
  const both = max(
    winogradBytes(batch, height, width, channels, units),
    winogradBytes(batch, height, width, units, channels),
  );
  return max(plain, max(both, winogradFilterBytes(height, width, channels, units)));
}

/** x [B,H,W,C], filter [k,l,C,U], bias [U] or 0 -> y [B,h,w,U] */
export function convolution(
  x: usize,
  filter: usize,
  bias: usize,
  y: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  units: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  if (
    isForWinograd(
      height,
      width,
      channels,
      tall,
      wide,
      units,
      strideY,
      strideX,
      top,
      left,
      outHeight,
      outWidth,
    )
  ) {
    winograd(x, filter, bias, y, scratch, batch, height, width, channels, units, false);
    return;
  }
  const run = wide * channels;
  const table = packRows(filter, scratch, tall * run, units, units << 2, 4);
  const pixels = outHeight * outWidth;
  const size = height * width * channels;
  const together = run < shortRun ? 0 : foursTogether(batch, size, tall * wide, units);
  if (together > 0) {
    for (; batch >= 4;) {
      const fours = min(together, batch >> 2);
      interleave(x, table, fours, size);
      multiplyPlaces(
        table,
        y,
        fours,
        height,
        width,
        channels,
        tall,
        wide,
        scratch,
        outHeight,
        outWidth,
        -top,
        -left,
        strideY,
        strideX,
        (pixels * units) << 2,
        (outWidth * units) << 2,
        units << 2,
        units,
        bias,
      );
      x += (<usize>(fours * size)) << 4;
      y += (<usize>(fours * pixels * units)) << 4;
      batch -= fours << 2;
    }
    if (batch == 0) return;
  }
  const group = groupOf(batch, pixels);
  const bottom = max(0, (outHeight - 1) * strideY + tall - top - height);
  const right = max(0, (outWidth - 1) * strideX + wide - left - width);
  const isGathered = run < shortRun && tall > 1;
  const isPadded = top > 0 || left > 0 || bottom > 0 || right > 0 || isGathered;
  const rowBytes = ((left + width + right) * channels) << 2;
  const imageBytes = (top + height + bottom) * rowBytes;
  const padded = table + ((<usize>(group * pixels + 4)) << 3);
  if (isPadded) memory.fill(padded, 0, group * imageBytes);
  const gatheredBytes = (tall * run) << 2;
  const gatheredTable = padded + <usize>(group * imageBytes) + 32;
  const gathered = gatheredTable + ((<usize>(group * pixels + 4)) << 3);
  let count = 0;
  let filled = 0;
  for (let image = 0; image < batch; image += group) {
    const images = min(group, batch - image);
    if (filled != images) {
      count = fillTable(
        table,
        images,
        outHeight,
        outWidth,
        imageBytes,
        strideY * rowBytes,
        (strideX * channels) << 2,
        (pixels * units) << 2,
        (outWidth * units) << 2,
        units << 2,
      );
      if (isGathered) fillTable(gatheredTable, 1, 1, images * pixels, 0, 0, gatheredBytes, 0, 0, units << 2);
      filled = images;
    }
    let src = x + ((<usize>(image * height * width * channels)) << 2);
    if (isPadded) {
      const inside = padded + <usize>(top * rowBytes + ((left * channels) << 2));
      copyInside(src, inside, images, height, (width * channels) << 2, imageBytes, rowBytes);
      src = padded;
    }
    const dst = y + ((<usize>(image * pixels * units)) << 2);
    if (isGathered) {
      gatherTaps(src, gathered, table, images * pixels, tall, run, rowBytes);
      multiplyTiles(gathered, dst, gatheredTable, count, scratch, 1, tall * run, 0, units, bias);
    } else multiplyTiles(src, dst, table, count, scratch, tall, run, rowBytes, units, bias);
  }
}

/**
 * dy [B,h,w,U], filter [k,l,C,U] -> dx [B,H,W,C]. Pixels of the image fall into stride x stride phases; each is a plain
 * convolution of dy with every stride-th tap of the turned filter.
 */
export function inputGradient(
  dy: usize,
  filter: usize,
  dx: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  units: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  if (
    isForWinograd(
      height,
      width,
      channels,
      tall,
      wide,
      units,
      strideY,
      strideX,
      top,
      left,
      outHeight,
      outWidth,
    )
  ) {
    winograd(dy, filter, 0, dx, scratch, batch, height, width, units, channels, true);
    return;
  }
  const mostTall = (tall + strideY - 1) / strideY;
  const mostWide = (wide + strideX - 1) / strideX;
  const group = groupOf(batch, height * width);
  const paddedHeight = mostTall - 1 + max(outHeight, (height - 1 + top) / strideY + 1);
  const paddedWidth = mostWide - 1 + max(outWidth, (width - 1 + left) / strideX + 1);
  const isPadded = paddedHeight > outHeight || paddedWidth > outWidth;
  const rowBytes = (paddedWidth * units) << 2;
  const imageBytes = paddedHeight * rowBytes;

  // Filters of all phases, one after the other.
  let packed = scratch;
  for (let a = 0; a < strideY; a++)
    for (let b = 0; b < strideX; b++) {
      const rows = (tall - a + strideY - 1) / strideY;
      const columns = (wide - b + strideX - 1) / strideX;
      if (rows <= 0 || columns <= 0) continue;
      packed = packTurned(filter, packed, a, b, rows, columns, strideY, strideX, wide, channels, units);
    }
  const table = packed;
  const size = outHeight * outWidth * units;
  const together = foursTogether(batch, size, tall * wide, channels);
  if (together > 0) {
    for (; batch >= 4;) {
      const fours = min(together, batch >> 2);
      interleave(dy, table, fours, size);
      packed = scratch;
      for (let a = 0; a < strideY; a++)
        for (let b = 0; b < strideX; b++) {
          const rows = max(0, (tall - a + strideY - 1) / strideY);
          const columns = max(0, (wide - b + strideX - 1) / strideX);
          const y0 = (a - (top % strideY) + strideY) % strideY;
          const x0 = (b - (left % strideX) + strideX) % strideX;
          multiplyPlaces(
            table,
            dx + ((<usize>((y0 * width + x0) * channels)) << 2),
            fours,
            outHeight,
            outWidth,
            units,
            columns > 0 ? rows : 0,
            columns,
            packed,
            (height - y0 + strideY - 1) / strideY,
            (width - x0 + strideX - 1) / strideX,
            (y0 + top - a) / strideY - max(rows - 1, 0),
            (x0 + left - b) / strideX - max(columns - 1, 0),
            1,
            1,
            (height * width * channels) << 2,
            (strideY * width * channels) << 2,
            (strideX * channels) << 2,
            channels,
            0,
          );
          if (rows > 0 && columns > 0) packed += <usize>packedBytes(rows * columns * units, channels);
        }
      dy += (<usize>(fours * size)) << 4;
      dx += (<usize>(fours * height * width * channels)) << 4;
      batch -= fours << 2;
    }
    if (batch == 0) return;
  }
  const padded = table + ((<usize>(group * height * width + 4 * strideY * strideX)) << 3);
  if (isPadded) memory.fill(padded, 0, group * imageBytes);

  for (let image = 0; image < batch; image += group) {
    const images = min(group, batch - image);
    let src = dy + ((<usize>(image * outHeight * outWidth * units)) << 2);
    if (isPadded) {
      const inside = padded + <usize>((mostTall - 1) * rowBytes + (((mostWide - 1) * units) << 2));
      copyInside(src, inside, images, outHeight, (outWidth * units) << 2, imageBytes, rowBytes);
      src = padded;
    }
    const dst = dx + ((<usize>(image * height * width * channels)) << 2);
    packed = scratch;
    for (let a = 0; a < strideY; a++)
      for (let b = 0; b < strideX; b++) {
        const rows = max(0, (tall - a + strideY - 1) / strideY);
        const columns = max(0, (wide - b + strideX - 1) / strideX);
        // The first row of this phase, and its row in dy.
        const y0 = (a - (top % strideY) + strideY) % strideY;
        const x0 = (b - (left % strideX) + strideX) % strideX;
        if (y0 >= height || x0 >= width) {
          if (rows > 0 && columns > 0) packed += <usize>packedBytes(rows * columns * units, channels);
          continue;
        }
        const firstRow = (y0 + top - a) / strideY - max(rows - 1, 0) + mostTall - 1;
        const firstColumn = (x0 + left - b) / strideX - max(columns - 1, 0) + mostWide - 1;
        const count = fillTable(
          table,
          images,
          (height - y0 + strideY - 1) / strideY,
          (width - x0 + strideX - 1) / strideX,
          imageBytes,
          rowBytes,
          units << 2,
          (height * width * channels) << 2,
          (strideY * width * channels) << 2,
          (strideX * channels) << 2,
        );
        multiplyTiles(
          src + <usize>(firstRow * rowBytes + ((firstColumn * units) << 2)),
          dst + ((<usize>((y0 * width + x0) * channels)) << 2),
          table,
          count,
          packed,
          columns > 0 ? rows : 0,
          columns * units,
          rowBytes,
          channels,
          0,
        );
        if (rows > 0 && columns > 0) packed += <usize>packedBytes(rows * columns * units, channels);
      }
  }
}

/** The taps a, a + strideY, ... by b, b + strideX, ... of a filter, turned by 180 degrees, with inputs and units exchanged. */
function packTurned(
  filter: usize,
  to: usize,
  a: i32,
  b: i32,
  rows: i32,
  columns: i32,
  strideY: i32,
  strideX: i32,
  wide: i32,
  channels: i32,
  units: i32,
): usize {
  for (let channel = 0; channel < channels; channel += block) {
    const count = min(block, channels - channel);
    for (let row = rows - 1; row >= 0; row--)
      for (let column = columns - 1; column >= 0; column--) {
        const tap = (a + row * strideY) * wide + b + column * strideX;
        const from = filter + ((<usize>((tap * channels + channel) * units)) << 2);
        for (let c = 0; c < block; c++) {
          let at = from + ((<usize>(c * units)) << 2);
          let into = to + ((<usize>c) << 2);
          for (let unit = 0; unit < units; unit++) {
            store<f32>(into, c < count ? load<f32>(at) : 0);
            at += 4;
            into += 32;
          }
        }
        to += (<usize>units) << 5;
      }
  }
  return to;
}

/** Tiles of a filter's gradient: parts of it that can be computed alone. */
export function filterTiles(
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  units: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
): i32 {
  return isForWinograd(
    height,
    width,
    channels,
    tall,
    wide,
    units,
    strideY,
    strideX,
    top,
    left,
    outHeight,
    outWidth,
  )
    ? winogradTiles(channels, units)
    : tall * tilesOf(wide * channels, units);
}

/**
 * x [B,H,W,C], dy [B,h,w,U] -> gradient of the filter [k,l,C,U]
 * @param first, last only these of its tiles, counted through all rows of taps: see `filterTiles`
 */
export function filterGradient(
  x: usize,
  dy: usize,
  gradient: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  tall: i32,
  wide: i32,
  units: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  outHeight: i32,
  outWidth: i32,
  first: i32,
  last: i32,
): void {
  if (
    isForWinograd(
      height,
      width,
      channels,
      tall,
      wide,
      units,
      strideY,
      strideX,
      top,
      left,
      outHeight,
      outWidth,
    )
  ) {
    winogradFilter(x, dy, gradient, scratch, batch, height, width, channels, units, first, last);
    return;
  }
  const run = wide * channels;
  const pixels = outHeight * outWidth;
  const group = groupOf(batch, pixels);
  const bottom = max(0, (outHeight - 1) * strideY + tall - top - height);
  const right = max(0, (outWidth - 1) * strideX + wide - left - width);
  // The loop reads a little beyond runs and channels that are no multiple of its tile: copies have room for that.
  const isPadded = top > 0 || left > 0 || bottom > 0 || right > 0 || (run & 3) != 0;
  const isWidened = (units & (block - 1)) != 0;
  const rowBytes = ((left + width + right) * channels) << 2;
  const imageBytes = (top + height + bottom) * rowBytes;
  const unitBytes = (isWidened ? roundUp(units, block) : units) << 2;
  const padded = scratch;
  const widened = padded + <usize>(group * imageBytes) + 16;
  const gathered = widened + <usize>(group * pixels * unitBytes) + 16;
  const columnBytes = (strideX * channels) << 2;
  // Rows without an edge between them are one long row.
  const isOne = !isPadded && tall == 1 && wide == 1 && strideY == 1 && strideX == 1;
  const isGathered = !isOne && outWidth <= shortRow;
  if (isPadded) memory.fill(padded, 0, group * imageBytes + 16);
  const perTap = tilesOf(run, units);
  for (let tap = first / perTap; tap * perTap < last; tap++)
    clearTiles(
      gradient + ((<usize>(tap * run * units)) << 2),
      run,
      units,
      max(0, first - tap * perTap),
      min(perTap, last - tap * perTap),
    );
  // Tiles of one tap each know the places where it lies inside the image.
  if ((channels & 3) == 0 && !isOne) {
    const together = imagesTogether(batch, pixels, height * width * channels + pixels * units);
    const slopes = scratch + ((<usize>(together * height * width * channels)) << 2);
    for (let image = 0; image < batch; image += together) {
      const images = min(together, batch - image);
      const from = x + ((<usize>(image * height * width * channels)) << 2);
      packImages(from, scratch, images, height * width, channels, 4);
      packImages(dy + ((<usize>(image * pixels * units)) << 2), slopes, images, pixels, units, block);
      for (let tap = first / perTap; tap * perTap < last; tap++)
        multiplyTaps(
          scratch,
          slopes,
          gradient + ((<usize>(tap * run * units)) << 2),
          images,
          height,
          width,
          channels,
          tap,
          wide,
          units,
          strideY,
          strideX,
          top,
          left,
          outHeight,
          outWidth,
          max(0, first - tap * perTap),
          min(perTap, last - tap * perTap),
        );
    }
    return;
  }
  for (let image = 0; image < batch; image += group) {
    const images = min(group, batch - image);
    let src = x + ((<usize>(image * height * width * channels)) << 2);
    if (isPadded) {
      const inside = padded + <usize>(top * rowBytes + ((left * channels) << 2));
      copyInside(src, inside, images, height, (width * channels) << 2, imageBytes, rowBytes);
      src = padded;
    }
    let slopes = dy + ((<usize>(image * pixels * units)) << 2);
    if (isWidened) {
      copyInside(slopes, widened, 1, images * pixels, units << 2, 0, unitBytes);
      slopes = widened;
    }
    for (let tap = first / perTap; tap * perTap < last; tap++) {
      const from = max(0, first - tap * perTap);
      const to = min(perTap, last - tap * perTap);
      const tapped = src + <usize>(tap * rowBytes);
      const into = gradient + ((<usize>(tap * run * units)) << 2);
      if (isGathered) {
        gatherRuns(
          tapped,
          gathered,
          images,
          outHeight,
          outWidth,
          imageBytes,
          strideY * rowBytes,
          columnBytes,
          run << 2,
        );
        multiplyRows(
          gathered,
          slopes,
          into,
          run,
          units,
          1,
          1,
          images * pixels,
          0,
          0,
          run << 2,
          0,
          0,
          unitBytes,
          from,
          to,
        );
      } else
        multiplyRows(
          tapped,
          slopes,
          into,
          run,
          units,
          isOne ? 1 : images,
          isOne ? 1 : outHeight,
          isOne ? images * pixels : outWidth,
          imageBytes,
          strideY * rowBytes,
          columnBytes,
          pixels * unitBytes,
          outWidth * unitBytes,
          unitBytes,
          from,
          to,
        );
    }
  }
}
