/** Features on the two axes along which they differ most. Plain numbers. */

const rounds = 60;

/**
 * Coordinates [N*2] of the rows of [N*D] features on their two first principal axes. The sign of each axis is such that
 * the mean of the features (not of the differences from it) lies on its positive side, so that pictures of later steps do
 * not flip.
 */
export function onPrincipalAxes(features: ArrayLike<number>, width: number): Float32Array {
  const count = features.length / width;
  const mean = new Float64Array(width);
  for (let i = 0; i < features.length; i++) mean[i % width]! += features[i]! / count;
  const centred = Float64Array.from(features, (value, i) => value - mean[i % width]!);
  const out = new Float32Array(count * 2);
  for (const axis of [0, 1]) {
    const direction = firstAxis(centred, width);
    const along = direction.reduce((sum, value, d) => sum + value * mean[d]!, 0);
    const sign = along < 0 ? -1 : 1;
    for (let n = 0; n < count; n++) {
      let place = 0;
      for (let d = 0; d < width; d++) place += centred[n * width + d]! * direction[d]!;
      out[n * 2 + axis] = sign * place;
      // What lies along this axis is taken out, so that the next one is across it.
      for (let d = 0; d < width; d++) centred[n * width + d]! -= place * direction[d]!;
    }
  }
  return out;
}

/** Direction of the largest spread, of length 1 (0 where there is none), by power iteration on the covariance. */
function firstAxis(centred: Float64Array, width: number): Float64Array {
  const count = centred.length / width;
  let direction = new Float64Array(width).map((_, d) => 1 + d / width);
  for (let round = 0; round < rounds; round++) {
    const next = new Float64Array(width);
    for (let n = 0; n < count; n++) {
      let place = 0;
      for (let d = 0; d < width; d++) place += centred[n * width + d]! * direction[d]!;
      for (let d = 0; d < width; d++) next[d]! += place * centred[n * width + d]!;
    }
    const length = Math.sqrt(next.reduce((sum, value) => sum + value * value, 0));
    if (!(length > 1e-12)) return new Float64Array(width);
    direction = next.map((value) => value / length);
  }
  return direction;
}
