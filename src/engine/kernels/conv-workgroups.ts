/**
 * Convolutions of wide layers as matrix products, by workgroups of 64 threads. Forward, a row is a pixel of y and the
 * depth is its receptive field in x; backward, a row is a pixel of dx and the depth is the part of dy that it
 * contributed to; for the filter gradient, a row is a number of the filter and the depth are all pixels. The columns
 * are channels.
 *
 * A workgroup computes a block of rows and columns. It proceeds along the depth by sixteen: its threads load the two
 * strips that the block needs into shared memory, each number once, wait at a barrier, and multiply. So a strip of 64
 * rows is read from global memory once per 64 columns, where independent threads read it once per four. Neighbours
 * among the 8 x 8 threads have neighbouring channels, so that they store adjacent numbers and never read the same
 * bank of shared memory at different addresses.
 */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import type { ConvInfo } from './conv-info';
import { declarations, inRows, lines, part, type Finish } from './wgsl';

/** What a thread computes: rows (a multiple of four) times vectors of columns. */
export interface Block {
  rows: number;
  vectors: number;
  /** Most workgroups along a dimension of the dispatch, where a test asks for fewer than a device allows. */
  most?: number;
}

/** Threads of a workgroup along either axis of its block. */
const side = 8;
const workgroupSize = side * side;

/** Steps along the depth between two barriers, as numbers and as vectors. */
const slice = 16;
const quads = slice / 4;

/** Whether these kernels can compute a convolution: they load vectors of four channels on either side. */
export function supportsWorkgroups({ inChannels, outChannels, strideWidth }: ConvInfo, end: End): boolean {
  // Backward with a stride, most products would be with zeros.
  return inChannels % 4 === 0 && outChannels % 4 === 0 && (end !== 'input gradient' || strideWidth === 1);
}

export type End = 'forward' | 'input gradient' | 'filter gradient';

/** Rows and columns of the product, and its depth. */
export function productOf(info: ConvInfo, end: End): { rows: number; columns: number; depth: number } {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = info;
  const taps = info.filterHeight * info.filterWidth;
  const [before, after] = [batchSize * inHeight * inWidth, batchSize * outHeight * outWidth];
  switch (end) {
    case 'forward':
      return { rows: after, columns: outChannels, depth: taps * inChannels };
    case 'input gradient':
      return { rows: before, columns: inChannels, depth: taps * outChannels };
    case 'filter gradient':
      return { rows: taps * inChannels, columns: outChannels, depth: after };
  }
}

/** Number of workgroups for a product. */
export function workgroupsOf({ rows, columns }: { rows: number; columns: number }, block: Block): number {
  return Math.ceil(rows / (side * block.rows)) * Math.ceil(columns / (4 * side * block.vectors));
}

/** x [B,H,W,in], filter [k,k,in,out] -> [B,h,w,out] */
export function convForwardByWorkgroups(info: ConvInfo, steps: readonly Step[], block: Block): RawKernel {
  const { inHeight, inWidth, outHeight, outWidth, outChannels, strideWidth: stride, padInfo } = info;
  const { rows, columns, depth } = productOf(info, 'forward');
  const groupsIn = info.inChannels / 4;
  return productByWorkgroups({
    name: ['conv forward by workgroups', ...steps].join(', '),
    read: ['x', 'filter_'],
    write: 'y',
    finish: { steps, channels: outChannels },
    block,
    rows,
    columns: columns / 4,
    depth: depth / 4,
    leftVector: 'depth',
    rightVector: 'columns',
    // Four neighbouring input channels in the receptive field of row `r`.
    left: isPointwise(info)
      ? `return x[r * ${groupsIn} + d];`
      : `let inRow = r / ${outWidth} % ${outHeight} * ${stride} + d / ${groupsIn * info.filterWidth} - ${padInfo.top};
        let column = r % ${outWidth} * ${stride} + d / ${groupsIn} % ${info.filterWidth} - ${padInfo.left};
        if (inRow < 0 || inRow >= ${inHeight} || column < 0 || column >= ${inWidth}) { return vec4f(); }
        return x[((r / ${outWidth * outHeight} * ${inHeight} + inRow) * ${inWidth} + column) * ${groupsIn} + d % ${groupsIn}];`,
    // Four neighbouring output channels of the weights at depth 4d + c.
    right: `return filter_[(4 * d + c) * ${columns / 4} + v];`,
  });
}

/** dy [B,h,w,out], filter [k,k,in,out] -> [B,H,W,in], for stride 1 */
export function convInputGradientByWorkgroups(
  info: ConvInfo,
  steps: readonly Step[],
  block: Block,
): RawKernel {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterWidth, padInfo } = info;
  const { rows, columns, depth } = productOf(info, 'input gradient');
  const groupsOut = info.outChannels / 4;
  return productByWorkgroups({
    name: ['conv input gradient by workgroups', ...steps].join(', '),
    read: ['dy', 'filter_'],
    write: 'dx',
    finish: { steps, channels: inChannels },
    block,
    rows,
    columns: columns / 4,
    depth: depth / 4,
    leftVector: 'depth',
    rightVector: 'depth',
    // Four neighbouring output channels that row `r` contributed to.
    left: isPointwise(info)
      ? `return dy[r * ${groupsOut} + d];`
      : `let outRow = r / ${inWidth} % ${inHeight} + ${padInfo.top} - d / ${groupsOut * filterWidth};
        let column = r % ${inWidth} + ${padInfo.left} - d / ${groupsOut} % ${filterWidth};
        if (outRow < 0 || outRow >= ${outHeight} || column < 0 || column >= ${outWidth}) { return vec4f(); }
        return dy[((r / ${inWidth * inHeight} * ${outHeight} + outRow) * ${outWidth} + column) * ${groupsOut} + d % ${groupsOut}];`,
    // The same output channels of the weights of input channel 4v + c.
    right: `return filter_[(d / ${groupsOut} * ${inChannels} + 4 * v + c) * ${groupsOut} + d % ${groupsOut}];`,
  });
}

/** x [B,H,W,in], dy [B,h,w,out] -> partial sums [partials,k,k,in,out], each over a chunk of the pixels */
export function convFilterGradientByWorkgroups(info: ConvInfo, partials: number, block: Block): RawKernel {
  const { inHeight, inWidth, outHeight, outWidth, filterWidth, strideWidth: stride, padInfo } = info;
  const { rows, columns, depth } = productOf(info, 'filter gradient');
  const groupsIn = info.inChannels / 4;
  return productByWorkgroups({
    name: 'conv filter gradient by workgroups',
    read: ['x', 'dy'],
    write: 'filter_',
    block,
    rows,
    columns: columns / 4,
    depth,
    partials,
    leftVector: 'rows',
    rightVector: 'columns',
    // The input of the four weights of row vector `r` at pixel `d`.
    left: isPointwise(info)
      ? `return x[d * ${groupsIn} + r];`
      : `let inRow = d / ${outWidth} % ${outHeight} * ${stride} + r / ${groupsIn * filterWidth} - ${padInfo.top};
        let column = d % ${outWidth} * ${stride} + r / ${groupsIn} % ${filterWidth} - ${padInfo.left};
        if (inRow < 0 || inRow >= ${inHeight} || column < 0 || column >= ${inWidth}) { return vec4f(); }
        return x[((d / ${outWidth * outHeight} * ${inHeight} + inRow) * ${inWidth} + column) * ${groupsIn} + r % ${groupsIn}];`,
    right: `return dy[d * ${columns / 4} + v];`,
  });
}

/** Whether a row depends on one pixel only. */
function isPointwise({ filterHeight, filterWidth, strideWidth, padInfo }: ConvInfo): boolean {
  const { top, bottom, left, right } = padInfo;
  return filterHeight * filterWidth * strideWidth === 1 && top + bottom + left + right === 0;
}

interface Product {
  name: string;
  read: readonly [string, string];
  write: string;
  finish?: Finish;
  block: Block;
  /** In numbers. */
  rows: number;
  /** In vectors. */
  columns: number;
  /** In vectors if `left` has vectors along the depth, otherwise in numbers. */
  depth: number;
  /** Chunks of the depth that are summed in parallel. */
  partials?: number;
  /**
   * Body of a function of (r, d): a vector of the left strip, either four steps along the depth of row r or four rows
   * at one step. The index along the vector counts vectors.
   */
  leftVector: 'depth' | 'rows';
  left: string;
  /**
   * Body of a function of (d, c, v): four columns `v` at step c of vector d along the depth, or vector d of column 4v + c.
   */
  rightVector: 'columns' | 'depth';
  right: string;
}

/** left [rows,depth] * right [depth,columns] -> [partials,rows,columns] */
function productByWorkgroups(product: Product): RawKernel {
  const { read, write, finish, block, rows, columns, depth, partials = 1, leftVector, rightVector } = product;
  const alongDepth = leftVector === 'depth';
  // The strips of one slice: vectors on the left are [units,height], on the right [units,each,width].
  const [units, each] = alongDepth ? [quads, 4] : [slice, 1];
  const leftRows = alongDepth ? block.rows : block.rows / 4;
  const [height, width] = [side * leftRows, side * block.vectors];
  const rowVectors = alongDepth ? rows : rows / 4;
  const perChunk = Math.ceil(Math.ceil(depth / units) / partials) * units;
  // Neighbouring threads load adjacent memory.
  const loadLeft = alongDepth
    ? `let d = e % ${units}; let r = e / ${units};`
    : `let r = e % ${height}; let d = e / ${height};`;
  const loadRight =
    rightVector === 'depth'
      ? `let d = e % ${units}; let c = e / ${units} % 4; let v = e / ${4 * units};`
      : `let v = e % ${width}; let c = e / ${width} % ${each}; let d = e / ${width * each};`;
  const multiply = (c: number) =>
    lines(leftRows, (n) =>
      lines(block.vectors, (v) => {
        if (rightVector === 'depth') return `${part(`y${n}_${v}`, c, 4)} += dot(left${n}, right${v});`;
        if (alongDepth) return `y${n}_${v} += ${part(`left${n}`, c, 4)} * right${v};`;
        return lines(4, (row) => `y${4 * n + row}_${v} += ${part(`left${n}`, row, 4)} * right${v};`);
      }),
    );
  // Row n of a thread; if vectors hold rows, four rows are adjacent.
  const rowOf = (n: number) =>
    alongDepth
      ? `firstRow + ty + ${side * n}`
      : `(firstRow + ty + ${side * Math.floor(n / 4)}) * 4 + ${n % 4}`;
  const store = (n: number, v: number) => `{
    let row = ${rowOf(n)};
    let column = firstColumn + tx + ${side * v};
    if (row < ${rows} && column < ${columns}) {
      let at = (chunk * ${rows} + row) * ${columns} + column;
      ${write}[at] = ${finish ? `finish(at, y${n}_${v})` : `y${n}_${v}`};
    }
  }`;
  const workgroupsAcross = Math.ceil(columns / width);
  const workgroupsDown = Math.ceil(rowVectors / height);
  // The third dimension counts the chunks, or goes on with the rows: products with several chunks have few rows.
  const down = partials > 1 ? { perRow: workgroupsDown, rows: 1 } : inRows(workgroupsDown, block.most);
  const wgsl = [
    ...declarations({
      read: read.map((buffer) => `${buffer}: vec4f`),
      write: [`${write}: vec4f`],
      ...(finish && { finish }),
    }),
    `var<workgroup> lefts: array<vec4f, ${units * height}>;`,
    `var<workgroup> rights: array<vec4f, ${slice * width}>;`,
    `fn leftAt(r: i32, d: i32) -> vec4f {
      if (r >= ${rowVectors} || d >= ${depth}) { return vec4f(); }
      ${product.left}
    }`,
    `fn rightAt(d: i32, c: i32, v: i32) -> vec4f {
      if (d >= ${depth} || v >= ${columns}) { return vec4f(); }
      ${product.right}
    }`,
    `@compute @workgroup_size(${workgroupSize})
    fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) thread: u32) {
      let t = i32(thread);
      let tx = t % ${side};
      let ty = t / ${side};
      let firstColumn = i32(id.x) * ${width};
      let firstRow = i32(id.y${down.rows > 1 ? ` + id.z * ${down.perRow}u` : ''}) * ${height};
      let chunk = ${down.rows > 1 ? '0' : 'i32(id.z)'};
      ${lines(block.rows, (n) => lines(block.vectors, (v) => `var y${n}_${v} = vec4f();`))}
      for (var s = chunk * ${perChunk}; s < min((chunk + 1) * ${perChunk}, ${depth}); s += ${units}) {
        ${lines(
          (units * height) / workgroupSize,
          (n) => `{
          let e = t + ${n * workgroupSize};
          ${loadLeft}
          lefts[d * ${height} + r] = leftAt(firstRow + r, s + d);
        }`,
        )}
        ${lines(
          (slice * width) / workgroupSize,
          (n) => `{
          let e = t + ${n * workgroupSize};
          ${loadRight}
          rights[(d * ${each} + c) * ${width} + v] = rightAt(s + d, c, firstColumn + v);
        }`,
        )}
        workgroupBarrier();
        for (var d = 0; d < ${units}; d++) {
          ${lines(leftRows, (n) => `let left${n} = lefts[d * ${height} + ty + ${side * n}];`)}
          ${lines(
            each,
            (c) => `{
            ${lines(block.vectors, (v) => `let right${v} = rights[(d * ${each} + ${c}) * ${width} + tx + ${side * v}];`)}
            ${multiply(c)}
          }`,
          )}
        }
        workgroupBarrier();
      }
      ${lines(block.rows, (n) => lines(block.vectors, (v) => store(n, v)))}
    }`,
  ];
  return {
    name: product.name,
    wgsl: wgsl.join('\n'),
    workgroups: [workgroupsAcross, down.perRow, down.rows * partials],
  };
}
