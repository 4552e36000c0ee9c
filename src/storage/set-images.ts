/**
 * Reads images of a set, a few at a time. Images are numbered through both splits, training first. Recent blocks stay
 * in memory, so that several readers that go through a set side by side read it once.
 */
import type { ImageSet } from './image-set';

/** Approximate size of a read. */
const blockBytes = 256 * 1024;
/** Per set: 8 MiB. */
const blocksKept = 32;

type Shown = Pick<ImageSet, 'train' | 'test' | 'height' | 'width' | 'channels' | 'file' | 'at'>;

/** Blocks of each set, the most recently used last. */
const read = new WeakMap<Blob, Map<string, Promise<Uint8Array>>>();

/** Position of an image in its split. */
export function placeOf({ train }: Pick<Shown, 'train'>, image: number) {
  const forTest = image >= train.count;
  return {
    split: forTest ? ('test' as const) : ('train' as const),
    row: forTest ? image - train.count : image,
    forTest,
  };
}

/** Bytes of one image. */
export function imageBytes({
  height,
  width,
  channels,
}: Pick<Shown, 'height' | 'width' | 'channels'>): number {
  return height * width * channels;
}

/**
 * @returns [images.length * H*W*C] the images in the requested order
 * @throws DOMException (by rejection) when the file is missing
 */
export async function readImages(set: Shown, images: readonly number[]): Promise<Uint8Array> {
  const size = imageBytes(set);
  const found = new Uint8Array(images.length * size);
  await eachImage(set, images, (pixels, i) => found.set(pixels, i * size));
  return found;
}

/**
 * Calls `take` with each image [H*W*C], block by block in the requested order. The view is valid during the call
 * only.
 * @param signal aborts between two blocks
 */
export async function eachImage(
  set: Shown,
  images: readonly number[],
  take: (pixels: Uint8Array, i: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const size = imageBytes(set);
  const perBlock = Math.max(1, Math.floor(blockBytes / size));
  let from = 0;
  let known = '';
  let bytes: Uint8Array = new Uint8Array(0);
  for (const [i, image] of images.entries()) {
    const { split, row } = placeOf(set, image);
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

function blockOf(
  { file, at }: Shown,
  split: 'train' | 'test',
  from: number,
  count: number,
  size: number,
): Promise<Uint8Array> {
  let blocks = read.get(file);
  if (!blocks) read.set(file, (blocks = new Map<string, Promise<Uint8Array>>()));
  const name = `${split} ${from}`;
  const start = at[split] + from * size;
  const block =
    blocks.get(name) ??
    file
      .slice(start, start + count * size)
      .arrayBuffer()
      .then((buffer) => new Uint8Array(buffer));
  blocks.delete(name);
  blocks.set(name, block);
  // A failed read is not cached, so that it can be retried.
  block.catch(() => blocks.delete(name));
  if (blocks.size > blocksKept) blocks.delete(blocks.keys().next().value!);
  return block;
}
