/**
 * Batch normalisation over all axes but the last with batch statistics, forward and backward. The stock composition
 * takes about 42 dispatches per layer, forward and backward together; this takes two, or six for many rows. A
 * distillation step of the small CNN (8x8, batch 32) took 41 ms on the software adapter with fused ops only, and 227
 * ms with the stock batch norm.
 *
 * Threads: x is seen as [rows,C], with groups of 1, 2 or 4 neighbouring channels. One workgroup per group sums the
 * rows, thread t taking rows t, t + workgroup size, ...; for many rows, one thread per group and chunk of the rows
 * sums. The elementwise part is computed by the same workgroup, or by one thread per group and four rows.
 *
 * Both directions use one tensor [4,C] of coefficients per channel: mean, 1/deviation, scale, offset.
 */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { gradientRow, normalisedRow, type Rows } from './norm-rows';
import { ofPartials, partials, summed, type Sums } from './norm-sums';
import { normEpsilon, vec, widthOf } from './wgsl';

/**
 * Sums of x and of x^2, both relative to the channel's first number: relative to zero, rounding would destroy the
 * variance of a channel with a large mean.
 */
const momentSums = (type: string): Sums => ({
  name: 'batch statistics',
  read: [`x: ${type}`],
  before: 'let origin = x[group];',
  first: 'x[at] - origin',
  second: '(x[at] - origin) * (x[at] - origin)',
});

/** Sums of dy and of dy * xhat. */
const gradientSums = (channels: number): Sums => {
  const width = widthOf(channels);
  return {
    name: 'batch norm parameter gradients',
    read: ['dy', 'x', 'coefficients'].map((name) => `${name}: ${vec(width)}`),
    before: `
      let m = coefficients[group];
      let inverse = coefficients[${channels / width} + group];`,
    first: 'dy[at]',
    second: 'dy[at] * (x[at] - m) * inverse',
  };
};

/** Moments of the channels of `group` from their sums `first` and `second`. */
const moments = ({ rows, channels }: Rows): string => `
  let shift = first / ${rows};
  let v = max(second / ${rows} - shift * shift, ${vec(widthOf(channels))}());
  let m = x[group] + shift;
  let inverse = inverseSqrt(v + ${normEpsilon});
  let gamma = scale[group];
  let o = offset[group];`;

const storeMoments = ({ rows, channels }: Rows): string => {
  const groups = channels / widthOf(channels);
  return `
    mean[group] = m;
    // A single row has no unbiased variance; the biased one (zero) is used.
    unbiased[group] = v * ${rows / Math.max(rows - 1, 1)};
    coefficients[group] = m;
    coefficients[${groups} + group] = inverse;
    coefficients[${2 * groups} + group] = gamma;
    coefficients[${3 * groups} + group] = o;`;
};

const momentOutputs = (type: string) => [`coefficients: ${type}`, `mean: ${type}`, `unbiased: ${type}`];

/** One workgroup per group: x, scale, offset -> coefficients [4,C], mean [C], unbiased variance [C]. */
export function statistics(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  const sums = momentSums(type);
  return summed(shape, sums, {
    read: [...sums.read, `scale: ${type}`, `offset: ${type}`],
    write: momentOutputs(type),
    known: moments(shape),
    store: storeMoments(shape),
  });
}

/** The same and the rows: x, scale, offset -> normalised [rows,C], coefficients, mean, unbiased variance. */
export function batchNorm(shape: Rows, steps: readonly Step[]): RawKernel {
  const type = vec(widthOf(shape.channels));
  const sums = { ...momentSums(type), name: ['batch norm', ...steps].join(', ') };
  return summed(shape, sums, {
    read: [...sums.read, `scale: ${type}`, `offset: ${type}`],
    write: [`y: ${type}`, ...momentOutputs(type)],
    known: moments(shape),
    store: storeMoments(shape),
    row: normalisedRow,
    steps,
  });
}

/** First of two dispatches for many rows: x -> [partials,2,C]. */
export function statisticPartials(shape: Rows): RawKernel {
  return partials(shape, momentSums(vec(widthOf(shape.channels))));
}

/** Second of two: x, scale, offset, partial sums [partials,2,C] -> as `statistics`. */
export function statisticsOfPartials(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  return ofPartials(shape, {
    name: 'batch statistics, summed',
    read: [`x: ${type}`, `scale: ${type}`, `offset: ${type}`],
    write: momentOutputs(type),
    known: moments(shape),
    store: storeMoments(shape),
  });
}

const storeGradients = 'dscale[group] = second; doffset[group] = first;';
const gradientOutputs = (type: string) => [`dscale: ${type}`, `doffset: ${type}`];

/** One workgroup per group: dy, x, coefficients -> gradients of scale and offset [C]. */
export function parameterGradients(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  const sums = gradientSums(shape.channels);
  return summed(shape, sums, {
    read: sums.read,
    write: gradientOutputs(type),
    known: '',
    store: storeGradients,
  });
}

/** The same and the rows: dy, x, coefficients -> dx [rows,C] (see `inputGradient`), gradients of scale and offset. */
export function gradients(shape: Rows, steps: readonly Step[]): RawKernel {
  const { rows, channels } = shape;
  const type = vec(widthOf(channels));
  const sums = { ...gradientSums(channels), name: ['batch norm gradients', ...steps].join(', ') };
  return summed(shape, sums, {
    read: sums.read,
    write: [`dx: ${type}`, ...gradientOutputs(type)],
    known: `
      let slope = coefficients[${(2 * channels) / widthOf(channels)} + group] * inverse;
      let tilt = second / ${rows};
      let level = first / ${rows};`,
    store: storeGradients,
    row: gradientRow,
    steps,
  });
}

/** First of two dispatches for many rows: dy, x, coefficients -> [partials,2,C]. */
export function parameterGradientPartials(shape: Rows): RawKernel {
  return partials(shape, gradientSums(shape.channels));
}

/** Second of two: partial sums [partials,2,C] -> gradients of scale and offset [C]. */
export function parameterGradientsOfPartials(shape: Rows): RawKernel {
  const type = vec(widthOf(shape.channels));
  return ofPartials(shape, {
    name: 'batch norm parameter gradients, summed',
    read: [],
    write: gradientOutputs(type),
    known: '',
    store: storeGradients,
  });
}
