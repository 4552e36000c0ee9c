/**
 * Reads rows of a set's inputs, a few at a time. Instances are numbered through both splits, training first. Recent
 * blocks stay in memory, so that several readers that go through a set side by side read it once.
 */
import { onlyView } from '../data/dataset';
import type { SetHandle, StoredRows } from './set-handle';

/** Approximate size of a read. */
const blockBytes = 256 * 1024;
/** Per set: 8 MiB. */
const blocksKept = 32;

type Shown = Pick<SetHandle, 'train' | 'test' | 'file'>;

/** Blocks of each set, the most recently used last. */
const read = new WeakMap<Blob, Map<string, Promise<ArrayBuffer>>>();

/** Position of an instance in its split. */
export function placeOf({ train }: { train: { count: number } }, instance: number) {
  const forTest = instance >= train.count;
  return {
    split: forTest ? ('test' as const) : ('train' as const),
    row: forTest ? instance - train.count : instance,
    forTest,
  };
}

/** Values of one instance. */
function sizeOf({ shape }: StoredRows): number {
  return shape.reduce((product, length) => product * length, 1);
}

/**
 * @returns [images.length * H*W*C] the images in the requested order
 * @throws DOMException (by rejection) when the file is missing
 */
export async function readImages(set: Shown, images: readonly number[]): Promise<Uint8Array> {
  const size = sizeOf(set.train.rows[onlyView]!);
  const found = new Uint8Array(images.length * size);
  await eachImage(set, images, (pixels, i) => found.set(pixels, i * size));
  return found;
}

/**
 * @returns [instances.length * columns] rows of a set of vectors in the requested order
 * @throws DOMException (by rejection) when the file is missing
 */
export async function readVectors(set: Shown, instances: readonly number[]): Promise<Float32Array> {
  const size = sizeOf(set.train.rows[onlyView]!);
  const found = new Float32Array(instances.length * size);
  await eachRow(set, instances, (row, i) => found.set(new Float32Array(row.slice().buffer), i * size));
  return found;
}

/**
 * Calls `take` with each image [H*W*C], block by block in the requested order. The view is valid during the call
 * only.
 * @param signal aborts between two blocks
 */
export function eachImage(
  set: Shown,
  images: readonly number[],
  take: (pixels: Uint8Array, i: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  return eachRow(set, images, take, signal);
}

/** The same with the bytes of each row of the only view. */
async function eachRow(
  set: Shown,
  instances: readonly number[],
  take: (bytes: Uint8Array, i: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const rows = set.train.rows[onlyView]!;
  const size = sizeOf(rows) * (rows.kind === 'Float32Array' ? Float32Array.BYTES_PER_ELEMENT : 1);
  const perBlock = Math.max(1, Math.floor(blockBytes / size));
  let from = 0;
  let known = '';
  let bytes: Uint8Array = new Uint8Array(0);
  for (const [i, instance] of instances.entries()) {
    const { split, row } = placeOf(set, instance);
    const block = Math.floor(row / perBlock);
    if (known !== `${split} ${block}`) {
      known = `${split} ${block}`;
      from = block * perBlock;
      bytes = await blockOf(set, split, from, Math.min(perBlock, set[split].count - from), size);
      if (signal?.aborted) return;
    }
    take(bytes.subarray((row - from) * size, (row - from + 1) * size), i);
  }
}

async function blockOf(
  set: Shown,
  split: 'train' | 'test',
  from: number,
  count: number,
  size: number,
): Promise<Uint8Array> {
  const { file } = set;
  let blocks = read.get(file);
  if (!blocks) read.set(file, (blocks = new Map<string, Promise<ArrayBuffer>>()));
  const name = `${split} ${from}`;
  const start = set[split].rows[onlyView]!.at + from * size;
  const block = blocks.get(name) ?? file.slice(start, start + count * size).arrayBuffer();
  blocks.delete(name);
  blocks.set(name, block);
  // A failed read is not cached, so that it can be retried.
  block.catch(() => blocks.delete(name));
  if (blocks.size > blocksKept) blocks.delete(blocks.keys().next().value!);
  return new Uint8Array(await block);
}
