/**
 * The elementwise part of batch normalisation, given the coefficients of each channel: see `batch-norm-kernels.ts`.
 */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { flat, lines, normEpsilon, vec, widthOf } from './wgsl';

/** A map [B,H,W,C] or [B,C] as rows of channels. */
export interface Rows {
  rows: number;
  channels: number;
}

/** scale, offset, mean, variance [C], given and not of the batch -> coefficients [4,C]. */
export function givenCoefficients(channels: number): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  return flat({
    name: 'batch norm coefficients',
    read: ['scale', 'offset', 'mean', 'variance'].map((name) => `${name}: ${type}`),
    write: [`coefficients: ${type}`],
    threads: groups,
    body: `
      coefficients[i] = mean[i];
      coefficients[${groups} + i] = inverseSqrt(variance[i] + ${normEpsilon});
      coefficients[${2 * groups} + i] = scale[i];
      coefficients[${3 * groups} + i] = offset[i];`,
  });
}

/** Rows per thread, so that the coefficients of a channel are loaded once for all of them. */
const rowsEach = 4;

/** x [rows,C], coefficients -> normalised [rows,C]. */
export function normalise({ rows, channels }: Rows, steps: readonly Step[]): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  return flat({
    name: ['batch norm', ...steps].join(', '),
    read: [`x: ${type}`, `coefficients: ${type}`],
    write: [`y: ${type}`],
    threads: Math.ceil(rows / rowsEach) * groups,
    body: `
      let group = i % ${groups};
      let start = i / ${groups} * ${rowsEach};
      ${loadChannel(groups)}
      ${eachRow(rows, groups, normalisedRow)}`,
    finish: { steps, channels },
  });
}

/**
 * dy, x [rows,C], coefficients, gradients of scale and offset [C] -> dx [rows,C]. With batch statistics dx = slope *
 * (dy - mean(dy) - xhat * mean(dy * xhat)). Given statistics are constants, so dx = slope * dy (and the kernel reads
 * neither x nor gradients).
 */
export function inputGradient({ rows, channels }: Rows, given: boolean, steps: readonly Step[]): RawKernel {
  const width = widthOf(channels);
  const [groups, type] = [channels / width, vec(width)];
  const read = given ? ['dy', 'coefficients'] : ['dy', 'x', 'coefficients', 'dscale', 'doffset'];
  return flat({
    name: ['batch norm input gradient', ...steps].join(', '),
    read: read.map((name) => `${name}: ${type}`),
    write: [`dx: ${type}`],
    threads: Math.ceil(rows / rowsEach) * groups,
    body: `
      let group = i % ${groups};
      let start = i / ${groups} * ${rowsEach};
      ${loadChannel(groups)}
      let slope = gamma * inverse;
      ${given ? '' : `let tilt = dscale[group] / ${rows};\nlet level = doffset[group] / ${rows};`}
      ${eachRow(rows, groups, given ? 'dx[at] = finish(at, slope * dy[at]);' : gradientRow)}`,
    finish: { steps, channels },
  });
}

export const normalisedRow = 'y[at] = finish(at, (x[at] - m) * inverse * gamma + o);';
export const gradientRow = 'dx[at] = finish(at, slope * (dy[at] - level - (x[at] - m) * inverse * tilt));';

function loadChannel(groups: number): string {
  return `
    let m = coefficients[group];
    let inverse = coefficients[${groups} + group];
    let gamma = coefficients[${2 * groups} + group];
    let o = coefficients[${3 * groups} + group];`;
}

/** Code for each row of a thread that begins at row `start`. */
function eachRow(rows: number, groups: number, work: string): string {
  return lines(rowsEach, (r) => {
    const body = `{ let at = (start + ${r}) * ${groups} + group; ${work} }`;
    return rows % rowsEach === 0 ? body : `if (start + ${r} < ${rows}) ${body}`;
  });
}
