/**
 * Convolutions over [B,H,W,C] with filters [k,l,C,U], any stride and padding; both gradients are in files of their own. Images
 * are copied in groups into scratch memory with zeros around them, so that the inner loops know no edges and their operands
 * stay in the nearest caches. The order of every sum is fixed by the shapes.
 */
import { copyInside, fillTable, groupOf, packRows, packedBytes, roundUp } from './packing';
import { foursTogether, imagesTogether, interleave, multiplyPlaces } from './places';
import { block, multiplyTiles } from './tiles';
import { isForWinograd } from './tiling';
import { winograd, winogradBytes } from './winograd';
import { winogradFilterBytes } from './winograd-filter';

/** Below this many numbers in a run the loop over runs costs more than putting all runs of a pixel together. */
const shortRun: i32 = 8;

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

/** Bytes of scratch memory that a convolution and its gradients need at most for these shapes. */
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
