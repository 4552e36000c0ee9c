/**
 * Code shared by all kernels. Shapes are constants in a kernel. Most kernels are flat (one index, workgroups of 64),
 * without workgroup memory or barriers: on the software adapter a stock kernel with barriers took 5 to 20 times the
 * time of a plain loop, and the small layers of this page have little to share between threads. Sums over a few
 * thousand rows are computed by workgroups with a single barrier (`cooperative`).
 */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';

export type Width = 1 | 2 | 4;

/** Neighbouring channels that one thread handles: 4, 2 or 1, whichever divides their number. */
export function widthOf(channels: number): Width {
  if (channels % 4 === 0) return 4;
  return channels % 2 === 0 ? 2 : 1;
}

/** The WGSL type of this many numbers. */
export function vec(width: Width): string {
  return width === 1 ? 'f32' : `vec${width}f`;
}

/** The `index`-th number of a vector expression. */
export function part(vector: string, index: number, width: Width): string {
  return width === 1 ? vector : `${vector}.${'xyzw'[index]}`;
}

/** Dot product of two vector expressions. */
export function dot(a: string, b: string, width: Width): string {
  return width === 1 ? `${a} * ${b}` : `dot(${a}, ${b})`;
}

/** `make(0)` to `make(count - 1)`, one per line. */
export function lines(count: number, make: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => make(index)).join('\n');
}

/** Elementwise steps after a kernel's own work, before each number is stored; see `lazy-tensors.ts`. */
export interface Finish {
  steps: readonly Step[];
  /** The last axis of the result, stored in vectors along it. */
  channels: number;
}

interface FlatKernel {
  name: string;
  /** Buffers in binding order, `name: element type`; written buffers follow those that are only read. */
  read: readonly string[];
  write: readonly string[];
  threads: number;
  /** Runs for each `i: i32` below `threads`. */
  body: string;
  /** The body stores `finish(at, value)` at `at` of the first written buffer. */
  finish?: Finish;
}

/** Threads of a workgroup. */
const size = 64;
/** Most workgroups that a dispatch may have along one dimension, on any device. */
export const mostWorkgroups = 65535;

/**
 * Workgroups in rows that a dispatch can have, at least as many as are needed.
 * @param most fewer than a device allows, for tests
 */
export function inRows(workgroups: number, most = mostWorkgroups): { perRow: number; rows: number } {
  const rows = Math.ceil(workgroups / most);
  return { perRow: Math.ceil(workgroups / rows), rows };
}

/** A kernel with one thread per index. */
export function flat({ threads, body, ...kernel }: FlatKernel): RawKernel {
  const { perRow, rows } = inRows(Math.ceil(threads / size));
  const main = [
    `@compute @workgroup_size(${size}) fn main(@builtin(global_invocation_id) id: vec3u) {`,
    `let i = i32(id.x + id.y * ${perRow * size}u);`,
    `if (i >= ${threads}) { return; }`,
    body,
    '}',
  ];
  return {
    name: kernel.name,
    wgsl: [...declarations(kernel), ...main].join('\n'),
    workgroups: [perRow, rows, 1],
  };
}

let onSoftware = true;

/** Call before the first kernel is made. */
export function tuneFor(isSoftware: boolean): void {
  onSoftware = isSoftware;
}

/** Whether kernels run on the CPU, where barriers are slow and a few threads suffice. */
export function runsOnSoftware(): boolean {
  return onSoftware;
}

/** Workgroup memory that every device has, in bytes. */
const sharedBytes = 16384;

/**
 * Threads of a workgroup in a `cooperative` kernel that sums this many vectors. On the software adapter a barrier
 * costs about 2 us per four threads: workgroups of 32 are as fast as the two dispatches that they replace (0.24 ms
 * against 0.25 for 512 rows of 16 channels, 0.69 against 0.64 for 4096 of 64), and workgroups of 256 are up to ten
 * times slower. A graphics card needs many threads.
 */
export function workgroupSizeOf(count: number, type: string): number {
  const bytes = count * (type === 'f32' ? 4 : 4 * Number(type[3]));
  let threads = onSoftware ? 32 : 256;
  while (threads * bytes > sharedBytes) threads /= 2;
  return threads;
}

interface CooperativeKernel extends Omit<FlatKernel, 'threads'> {
  /** Number of results, one workgroup each. */
  results: number;
  /** Sums of each thread, all of one type: variables `sum0`, `sum1`, ... */
  sums: { count: number; type: string };
  /** Runs on each thread after the barrier, with the totals as `total(n)`. */
  after: string;
}

/**
 * A kernel with a workgroup per result `i`, whose thread `t` computes partial sums; the totals are formed at one
 * barrier. It saves the dispatch that would otherwise add up partial sums.
 */
export function cooperative({ results, sums, body, after, ...kernel }: CooperativeKernel): RawKernel {
  const { count, type } = sums;
  const workgroupSize = workgroupSizeOf(count, type);
  const { perRow, rows } = inRows(results);
  const main = [
    `var<workgroup> partials: array<${type}, ${count * workgroupSize}>;`,
    `fn total(n: i32) -> ${type} {
      var sum = partials[n * ${workgroupSize}];
      for (var t = 1; t < ${workgroupSize}; t++) { sum += partials[n * ${workgroupSize} + t]; }
      return sum;
    }`,
    `@compute @workgroup_size(${workgroupSize})
     fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {`,
    rows === 1
      ? `let i = i32(id.x);`
      : `let i = i32(id.x + id.y * ${perRow}u);
         if (i >= ${results}) { return; }`,
    `let t = i32(thread);`,
    lines(count, (n) => `var sum${n} = ${type}();`),
    body,
    lines(count, (n) => `partials[${n * workgroupSize} + t] = sum${n};`),
    `workgroupBarrier();`,
    after,
    '}',
  ];
  return {
    name: kernel.name,
    wgsl: [...declarations(kernel), ...main].join('\n'),
    workgroups: [perRow, rows, 1],
  };
}

/** Declarations of buffers, and the function `finish`. */
export function declarations({
  read,
  write,
  finish,
}: Pick<FlatKernel, 'read' | 'write' | 'finish'>): string[] {
  const type = write[0]!.split(': ')[1]!;
  const steps = finish ? finishing(finish, type) : { read: [], code: '' };
  const inputs = [...read, ...steps.read];
  const declare = (access: string, first: number) => (buffer: string, index: number) => {
    const [identifier, element] = buffer.split(': ');
    return `@group(0) @binding(${first + index}) var<storage, ${access}> ${identifier}: array<${element}>;`;
  };
  return [...inputs.map(declare('read', 0)), ...write.map(declare('read_write', inputs.length)), steps.code];
}

/**
 * `finish(at, value)`; and `finishWith(knownOf(group), at, value)` for kernels that store several vectors of the same
 * channels and should load the coefficients of those channels once.
 */
function finishing({ steps, channels }: Finish, type: string): { read: string[]; code: string } {
  const width = type === 'f32' ? 1 : Number(type[3]);
  const read: string[] = [];
  const input = () => `s${read.push(`s${read.length}: ${type}`) - 1}`;
  const number = () => `s${read.push(`s${read.length}: f32`) - 1}`;
  const known: string[] = [];
  const knowing = (value: string) => `known.k${known.push(value) - 1}`;
  const code = steps.map((step) => {
    switch (step) {
      case 'relu':
        return `v = max(v, ${type}());`;
      case 'plus':
        return `v += ${input()}[at];`;
      case 'mask':
        return `v = select(${type}(), v, ${input()}[at] > ${type}());`;
      case 'times':
        return `v *= ${knowing(`${type}(${number()}[0])`)};`;
      case 'over':
        return `v /= ${knowing(`${type}(${number()}[0])`)};`;
      case 'bias':
        return `v += ${knowing(`${input()}[group]`)};`;
      case 'normalise': {
        const [scale, offset, mean, variance] = [input(), input(), input(), input()];
        const factor = `${scale}[group] * inverseSqrt(${variance}[group] + ${normEpsilon})`;
        return `v = (v - ${knowing(`${mean}[group]`)}) * ${knowing(factor)} + ${knowing(`${offset}[group]`)};`;
      }
    }
  });
  if (known.length === 0) knowing(`${type}()`);
  return {
    read,
    code: `
    struct Known { ${known.map((_, k) => `k${k}: ${type}`).join(', ')} }
    fn knownOf(group: i32) -> Known { return Known(${known.join(', ')}); }
    fn finishWith(known: Known, at: i32, value: ${type}) -> ${type} {
      var v = value;
      ${code.join('\n')}
      return v;
    }
    fn finish(at: i32, value: ${type}) -> ${type} { return finishWith(knownOf(at % ${channels / width}), at, value); }`,
  };
}

/** Added to a variance before the square root, as in PyTorch. */
export const normEpsilon = 1e-5;

/** Copies x, with steps after it: computes a small op that cannot be appended to a lazy kernel. */
export function passing(count: number, finish: Finish): RawKernel {
  const width = widthOf(finish.channels);
  return flat({
    name: finish.steps.join(', '),
    read: [`x: ${vec(width)}`],
    write: [`y: ${vec(width)}`],
    threads: count / width,
    body: 'y[i] = finish(i, x[i]);',
    finish,
  });
}

/** Neighbouring pixels of a row per convolution thread: a multiple of the stride. */
export function pixelsPerThread(rowLength: number, stride = 1): number {
  // Loads dominate, and neighbouring pixels share them: four pixels are 2.5 times as fast as one, and 7 or 8 up to
  // 1.6 times as fast as four where they divide the row evenly.
  for (const pixels of [8, 7, 6, 5, 4]) if (rowLength % pixels === 0 && pixels % stride === 0) return pixels;
  return Math.min(Math.ceil(4 / stride), Math.ceil(rowLength / stride)) * stride;
}
