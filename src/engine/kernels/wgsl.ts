/**
 * What all kernels share. They are flat (one index, workgroups of 64), know their shapes as constants, and use neither
 * workgroup memory nor barriers: on the software adapter a barrier kernel took 5 to 20 times the time of a plain loop,
 * and for the small layers of this page there is little to share between threads.
 */
import type { RawKernel } from '../webgpu-backend';

export type Width = 1 | 2 | 4;

/** Neighbouring channels that one thread handles: as many as divide their number. */
export function widthOf(channels: number): Width {
  if (channels % 4 === 0) return 4;
  return channels % 2 === 0 ? 2 : 1;
}

/** The WGSL type of so many numbers. */
export function vec(width: Width): string {
  return width === 1 ? 'f32' : `vec${width}f`;
}

/** The `index`-th number of a vector expression. */
export function part(vector: string, index: number, width: Width): string {
  return width === 1 ? vector : `${vector}.${'xyzw'[index]}`;
}

/** Scalar product of two vector expressions. */
export function dot(a: string, b: string, width: Width): string {
  return width === 1 ? `${a} * ${b}` : `dot(${a}, ${b})`;
}

/** `make(0)` to `make(count - 1)`, one per line. */
export function lines(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join('\n');
}

interface FlatKernel {
  name: string;
  /** Buffers in binding order, `name: element type`; those written after those only read. */
  read: readonly string[];
  write: readonly string[];
  threads: number;
  /** Runs for each `i: i32` below `threads`. */
  body: string;
}

const size = 64;

/** The most workgroups that a dispatch may have along one dimension, on any device. */
const most = 65535;

/** A kernel with one thread per index. */
export function flat({ name, read, write, threads, body }: FlatKernel): RawKernel {
  const groups = Math.ceil(threads / size);
  const rows = Math.ceil(groups / most);
  const perRow = Math.ceil(groups / rows);
  const declare = (access: string, first: number) => (buffer: string, index: number) => {
    const [identifier, type] = buffer.split(': ');
    return `@group(0) @binding(${first + index}) var<storage, ${access}> ${identifier}: array<${type}>;`;
  };
  const wgsl = [
    ...read.map(declare('read', 0)),
    ...write.map(declare('read_write', read.length)),
    `@compute @workgroup_size(${size}) fn main(@builtin(global_invocation_id) id: vec3u) {`,
    `let i = i32(id.x + id.y * ${perRow * size}u);`,
    `if (i >= ${threads}) { return; }`,
    body,
    '}',
  ].join('\n');
  return { name, wgsl, workgroups: [perRow, rows, 1] };
}

/** How many neighbouring pixels of a row a convolution thread computes: a multiple of the stride. */
export function pixelsPerThread(rowLength: number, stride = 1): number {
  // Loads dominate, and neighbours share them: four pixels are 2.5 times as fast as one, and 7 or 8 up to 1.6 times as
  // fast as four where they fill the row evenly.
  for (const pixels of [8, 7, 6, 5, 4]) if (rowLength % pixels === 0 && pixels % stride === 0) return pixels;
  return Math.min(Math.ceil(4 / stride), Math.ceil(rowLength / stride)) * stride;
}
