/**
 * Squared distances per image [B] of maps [B,size], which may be long, and their gradients. A thread sums a chunk of
 * an image, or computes a vector of the gradient.
 */
import type { Place, Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { numberOf } from './logit-losses';
import { flat, vec, widthOf } from './wgsl';

/** Most numbers of an image that a thread adds up. */
const longest = 512;

/** Number of partial sums for an image of this many numbers. */
export function distancePartials(size: number): number {
  return Math.ceil(size / longest);
}

/**
 * a, b [B,size] -> [B,partials]: sums of squared differences, each divided by `size`.
 * @param steps of the result, as its place only if there is one partial sum
 */
export function squaredDistance(
  batch: number,
  size: number,
  steps: readonly Step[] = [],
  place?: Place,
): RawKernel {
  const width = widthOf(size);
  const partials = distancePartials(size);
  const [count, type] = [size / width, vec(width)];
  const each = Math.ceil(count / partials);
  return flat({
    name: ['mean squared difference', ...steps].join(', '),
    read: [`a: ${type}`, `b: ${type}`],
    write: ['losses: f32'],
    threads: batch * partials,
    body: `
      let chunk = i % ${partials};
      let image = i / ${partials} * ${count};
      var sum = ${type}();
      for (var n = chunk * ${each}; n < min((chunk + 1) * ${each}, ${count}); n++) {
        let d = a[image + n] - b[image + n];
        sum += d * d;
      }
      losses[${numberOf(place)}] = finish(i, ${width === 1 ? 'sum' : `dot(sum, ${type}(1))`} / ${size});`,
    finish: { steps, channels: batch * partials },
  });
}

/** Partial sums of `squaredDistance` -> [B]; one thread per image. */
export function distanceOfPartials(
  batch: number,
  partials: number,
  steps: readonly Step[],
  place?: Place,
): RawKernel {
  return flat({
    name: ['mean squared difference, summed', ...steps].join(', '),
    read: ['x: f32'],
    write: ['losses: f32'],
    threads: batch,
    body: `
      var sum = x[i * ${partials}];
      for (var n = 1; n < ${partials}; n++) { sum += x[i * ${partials} + n]; }
      losses[${numberOf(place)}] = finish(i, sum);`,
    finish: { steps, channels: batch },
  });
}

/** dy [B] (or a column), a, b [B,size] -> gradient of a. */
export function squaredDistanceGradient(
  batch: number,
  size: number,
  steps: readonly Step[],
  of?: Place,
): RawKernel {
  const width = widthOf(size);
  const [count, type] = [size / width, vec(width)];
  return flat({
    name: ['mean squared difference gradient', ...steps].join(', '),
    read: ['dy: f32', `a: ${type}`, `b: ${type}`],
    write: [`dx: ${type}`],
    threads: batch * count,
    body: `
      let image = i / ${count};
      let slope = dy[${of ? `image * ${of.columns} + ${of.column}` : 'image'}];
      dx[i] = finish(i, slope * ${2 / size} * (a[i] - b[i]));`,
    finish: { steps, channels: size },
  });
}
