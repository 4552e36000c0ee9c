/** The gradient of a convolution's filter. */
import { copyInside, groupOf, roundUp } from './packing';
import { imagesTogether, multiplyTaps, packImages } from './places';
import { block, clearTiles, multiplyRows, tilesOf } from './tiles';
import { isForWinograd } from './tiling';
import { winogradFilter, winogradTiles } from './winograd-filter';

/** Up to this many columns the loop over rows costs more than putting runs of all pixels together. */
const shortRow: i32 = 4;

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
