/**
 * A large set of images on its way to the training worker, in parts. Copied at once, a hundred megabytes would keep the
 * page from answering for a fifth of a second.
 */
import type { Dataset, Split } from '../data/dataset';

/** Sets up to this size go with their call. */
const small = 4 * 1024 * 1024;
const pieceBytes = 512 * 1024;

/** First the set without its images, then these. */
export type DatasetPiece =
  | { type: 'dataset'; dataset: Dataset; room: { train: number; test: number } }
  | { type: 'images'; split: 'train' | 'test'; at: number; bytes: Uint8Array<ArrayBuffer> };

export function isLarge({ train, test }: Dataset): boolean {
  return train.images.length + test.images.length > small;
}

/** The parts of a set. They are copies, made one at a time. */
export function* partsOf(dataset: Dataset): Generator<{ part: DatasetPiece; transfer?: Transferable[] }> {
  const { train, test } = dataset;
  const without = (split: Split): Split => ({ ...split, images: new Uint8Array(0) });
  const room = { train: train.images.length, test: test.images.length };
  yield {
    part: { type: 'dataset', dataset: { ...dataset, train: without(train), test: without(test) }, room },
  };
  for (const split of ['train', 'test'] as const) {
    const { images } = dataset[split];
    for (let at = 0; at < images.length; at += pieceBytes) {
      const bytes = images.slice(at, at + pieceBytes);
      yield { part: { type: 'images', split, at, bytes }, transfer: [bytes.buffer] };
    }
  }
}

/** Puts the parts together on the other side. */
export function withPart(known: Dataset | null, part: DatasetPiece): Dataset {
  if (part.type === 'dataset') {
    const { dataset, room } = part;
    const withRoom = (split: Split, bytes: number): Split => ({ ...split, images: new Uint8Array(bytes) });
    return {
      ...dataset,
      train: withRoom(dataset.train, room.train),
      test: withRoom(dataset.test, room.test),
    };
  }
  if (!known) throw new Error('Images came before the set that they belong to.');
  known[part.split].images.set(part.bytes, part.at);
  return known;
}
