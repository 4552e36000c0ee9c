/**
 * The way of commands to the training worker: in their order, and a large set of images ahead of the command that needs
 * it, in pieces. Copied at once, a hundred megabytes would keep the page from answering for a fifth of a second.
 */
import type { Dataset, Split } from '../data/dataset';
import { Breather } from './breather';
import type { DatasetPiece, TrainingCommand } from './protocol';

/** Sets up to this size go with their command. */
const small = 4 * 1024 * 1024;
const pieceBytes = 512 * 1024;

export class Delivery {
  private readonly waiting: TrainingCommand[] = [];
  private readonly breather = new Breather();
  private busy = false;
  private stopped = false;
  /** The images that the worker was given last. */
  private sent: Dataset | null = null;

  constructor(private readonly worker: Pick<Worker, 'postMessage'>) {}

  /** Sends at once, unless images are still on their way. */
  send(command: TrainingCommand): void {
    this.waiting.push(command);
    if (!this.busy) void this.deliver();
  }

  /** What has not been sent never will be. */
  stop(): void {
    this.stopped = true;
    this.waiting.length = 0;
  }

  private async deliver(): Promise<void> {
    this.busy = true;
    for (let command = this.waiting.shift(); command; command = this.waiting.shift()) {
      const dataset = 'dataset' in command && command.dataset !== 'known' ? command.dataset : null;
      const isNew = dataset !== null && dataset !== this.sent;
      const isLarge = dataset !== null && bytesOf(dataset) > small;
      if (isNew && isLarge) await this.sendAhead(dataset);
      if (this.stopped) return;
      if (isNew) this.sent = dataset;
      const isThere = dataset !== null && (isLarge || !isNew);
      this.worker.postMessage(isThere ? { ...command, dataset: 'known' } : command);
    }
    this.busy = false;
  }

  private async sendAhead(dataset: Dataset): Promise<void> {
    for (const piece of piecesOf(dataset)) {
      this.worker.postMessage(piece, piece.type === 'images' ? [piece.bytes.buffer] : []);
      await this.breather.ifDue();
      if (this.stopped) return;
    }
  }
}

function bytesOf({ train, test }: Dataset): number {
  return train.images.length + test.images.length;
}

/** A set as messages: first all but the images, then these. The pieces are copies. */
export function* piecesOf(dataset: Dataset): Generator<DatasetPiece> {
  const { train, test } = dataset;
  const without = (split: Split): Split => ({ ...split, images: new Uint8Array(0) });
  const room = { train: train.images.length, test: test.images.length };
  yield { type: 'dataset', dataset: { ...dataset, train: without(train), test: without(test) }, room };
  for (const split of ['train', 'test'] as const) {
    const { images } = dataset[split];
    for (let at = 0; at < images.length; at += pieceBytes)
      yield { type: 'images', split, at, bytes: images.slice(at, at + pieceBytes) };
  }
}

/** Puts the pieces together on the other side. */
export function withPiece(known: Dataset | null, message: DatasetPiece): Dataset {
  if (message.type === 'dataset') {
    const { dataset, room } = message;
    const withRoom = (split: Split, bytes: number): Split => ({ ...split, images: new Uint8Array(bytes) });
    return {
      ...dataset,
      train: withRoom(dataset.train, room.train),
      test: withRoom(dataset.test, room.test),
    };
  }
  if (!known) throw new Error('Images came before the set that they belong to.');
  known[message.split].images.set(message.bytes, message.at);
  return known;
}
