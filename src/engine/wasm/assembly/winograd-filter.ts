/** The gradient of a filter by Winograd's products: see `winograd.ts`. */
import { mapSlope, mapSmallSlope, mapSmallTaps, mapTaps } from './maps';
import { bytesTogether, copyPadded, gap, mapInputs, multiplyPanels, padded, pointsOf } from './tiling';

/** Rows of tiles that are multiplied together for a filter's gradient. */
function rowsTogether(height: i32, width: i32, channels: i32, units: i32): i32 {
  return max(1, bytesTogether / ((pointsOf(height, width) * (width >> 1) * (channels + units)) << 2));
}

/** Bytes of scratch memory for `winogradFilter` of this shape. */
export function winogradFilterBytes(height: i32, width: i32, channels: i32, units: i32): i32 {
  const places = rowsTogether(height, width, channels, units) * (width >> 1);
  const numbers = pointsOf(height, width) * (places * (channels + units) + channels * units);
  return ((padded(height, width, channels) + numbers) << 2) + 2 * <i32>gap * pointsOf(height, width);
}

/** Tiles of a filter's gradient, for `winogradFilter`. */
export function winogradTiles(channels: i32, units: i32): i32 {
  return (channels >> 2) * (units >> 3);
}

/**
 * x [B,H,W,C], dy [B,H,W,U] -> gradient of the filter [9,C,U]
 * @param first, last only these of its tiles of 4 channels by 8 units, channels first
 */
export function winogradFilter(
  x: usize,
  dy: usize,
  gradient: usize,
  scratch: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  units: i32,
  first: i32,
  last: i32,
): void {
  const points = pointsOf(height, width);
  const across = width >> 1;
  const down = height >> 1;
  const most = rowsTogether(height, width, channels, units);
  const quarters = channels >> 2;
  const pixelOfX = (<usize>channels) << 2;
  const imageOfX = <usize>(height * width) * pixelOfX;
  const pixelOfDy = (<usize>units) << 2;
  const rowOfDy = <usize>width * pixelOfDy;
  const edge: usize = points == 9 ? 0 : pixelOfX;
  const paddedRow = <usize>width * pixelOfX + 2 * edge;
  const size = padded(height, width, channels);
  const inputs = scratch + ((<usize>size) << 2);
  const slopes = inputs + <usize>points * (<usize>(most * across) * pixelOfX + gap);
  const sums = slopes + <usize>points * (<usize>(most * across) * pixelOfDy + gap);
  const sumBytes = (<usize>points) << 7;
  const firstBlock = first / quarters;
  const lastBlock = (last - 1) / quarters + 1;
  if (edge) memory.fill(scratch, 0, (<usize>size) << 2);
  let copied = -1;
  for (let done = 0; done < batch * down; done += most) {
    const rows = min(most, batch * down - done);
    const places = <usize>(rows * across);
    const panelOfX = places << 4;
    const panelOfDy = places << 5;
    const pointOfX = <usize>quarters * panelOfX + gap;
    const pointOfDy = <usize>(units >> 3) * panelOfDy + gap;
    let place: usize = 0;
    for (let row = done; row < done + rows; row++) {
      const image = row / down;
      const tileRow = (row - image * down) << 1;
      if (copied != image) {
        copyPadded(x + <usize>image * imageOfX, scratch, height, <usize>width * pixelOfX, paddedRow, edge);
        copied = image;
      }
      for (let column = 0; column < across; column++) {
        const from = scratch + <usize>tileRow * paddedRow + <usize>(column << 1) * pixelOfX;
        mapInputs(from, paddedRow, pixelOfX, quarters, inputs + (place << 4), panelOfX, pointOfX, points);
        const slope = dy + <usize>(image * height + tileRow) * rowOfDy + <usize>(column << 1) * pixelOfDy;
        for (let n = firstBlock; n < lastBlock; n++) {
          const at = slope + ((<usize>n) << 5);
          const to = slopes + <usize>n * panelOfDy + (place << 5);
          mapSlopes(at, rowOfDy, pixelOfDy, to, pointOfDy, points);
          mapSlopes(at + 16, rowOfDy, pixelOfDy, to + 16, pointOfDy, points);
        }
        place++;
      }
    }
    for (let point: usize = 0; point < <usize>points; point++)
      for (let n = firstBlock; n < lastBlock; n++) {
        const from = max(first, n * quarters);
        const until = min(last, (n + 1) * quarters);
        multiplyPanels(
          inputs + point * pointOfX + <usize>(from - n * quarters) * panelOfX,
          slopes + point * pointOfDy + <usize>n * panelOfDy,
          sums + <usize>from * sumBytes + (point << 7),
          until - from,
          <i32>places,
          sumBytes,
          done > 0,
        );
      }
  }
  for (let tile = first; tile < last; tile++) {
    const to = gradient + <usize>((tile % quarters) << 2) * pixelOfDy + ((<usize>(tile / quarters)) << 5);
    storeTaps(sums + <usize>tile * sumBytes, to, pixelOfDy, pixelOfX * <usize>units, points);
  }
}

function mapSlopes(
  from: usize,
  rowBytes: usize,
  pixelBytes: usize,
  to: usize,
  pointBytes: usize,
  points: i32,
): void {
  if (points == 9) mapSmallSlope(from, rowBytes, pixelBytes, to, pointBytes);
  else mapSlope(from, rowBytes, pixelBytes, to, pointBytes);
}

/** The taps of 4 channels by 8 units. @param from [points,4,8] */
function storeTaps(from: usize, to: usize, channelBytes: usize, tapBytes: usize, points: i32): void {
  for (let channel = 0; channel < 4; channel++) {
    for (let half: usize = 0; half < 32; half += 16)
      if (points == 9) mapSmallTaps(from + half, to + half, tapBytes);
      else mapTaps(from + half, to + half, tapBytes);
    from += 32;
    to += channelBytes;
  }
}
