/**
 * Images of a batch, picked by row. On WebGPU the data set's bytes are on the device once, and a step gathers its batch
 * from row numbers and augmentation moves; for a larger set each batch's bytes are sent. Other backends compute on the
 * processor, where batches are made in JavaScript.
 */
import type { Feed } from '../distill/modalities/input-source';
import {
  ImageSource,
  numbersPerMove,
  type ImageNormalisation,
} from '../distill/modalities/image/image-source';
import type { Split } from '../data/dataset';
import { isStored, StoredColumn } from '../data/stored-column';
import { liveTensor, type LiveTensor } from '../engine/capture/capture';
import { canPickRows, largestTable, pictures } from '../engine/device-rows';
import { tf, type Tensor } from '../engine/tf';

/** Source of the batches. */
export interface InputRows extends Feed {
  split: Split;
}

export interface BatchInputs {
  readonly inputs: LiveTensor[];
  /** A sentence for the page, or null. */
  readonly note: string | null;
  /** Before a step. @param moves from `drawMoves`, null for images as they are */
  write(rows: Int32Array, moves: Int32Array | null): void;
  /** [B,H,W,C] of the last written batch, inside a step and in its tidy. Costs a dispatch: call once per step. */
  tensor(): Tensor;
  dispose(): void;
}

/** Batches of one size on the active backend. */
export function batchInputs(from: InputRows, batch: number): BatchInputs {
  return canPickRows() && from.source instanceof ImageSource
    ? new PickedImages({ ...from, source: from.source }, batch)
    : new WrittenInputs(from, batch);
}

/** For the page. */
const streamNote =
  'The images are too many for the memory: those of each batch are read from where the set is stored.';

class WrittenInputs implements BatchInputs {
  readonly note: string | null;
  private readonly from: InputRows;
  private readonly values: LiveTensor<Tensor>;
  /** Of one batch after another. */
  private readonly numbers: Float32Array;

  constructor(from: InputRows, batch: number) {
    this.note = isStored(from.split) ? streamNote : null;
    this.from = from;
    this.numbers = new Float32Array(batch * from.source.size);
    this.values = liveTensor([batch, ...from.source.shape]);
  }

  get inputs(): LiveTensor[] {
    return [this.values];
  }

  write(rows: Int32Array, moves: Int32Array | null): void {
    const { source, split, normalisation } = this.from;
    this.values.write(source.batch(split, rows, normalisation, moves, this.numbers));
  }

  tensor(): Tensor {
    return this.values.tensor;
  }

  dispose(): void {
    this.values.dispose();
  }
}

/** Largest data set on the device, in bytes: a shared graphics card may have 2 GB in all. */
const largestOnDevice = 256 * 2 ** 20;

type ImageRows = InputRows & { source: ImageSource };

/** Numbers per image of a batch: its row, then its move. */
const numbersPerPick = 1 + numbersPerMove;

class PickedImages implements BatchInputs {
  private readonly from: ImageRows;
  private readonly batch: number;
  /** The whole set, shared; null where each batch's bytes are sent. */
  private readonly whole: SharedTable | null;
  private readonly sent: { table: LiveTensor; bytes: Uint8Array<ArrayBuffer> } | null;
  private readonly picks: LiveTensor;
  private readonly numbers: LiveTensor;

  constructor(from: ImageRows, batch: number) {
    const { source, split, normalisation } = from;
    this.from = from;
    this.batch = batch;
    const images = source.column(split);
    const fits =
      this.setBytes <= Math.min(largestOnDevice, largestTable()) && !(images instanceof StoredColumn);
    this.whole = fits ? shareTable(images.values as Uint8Array) : null;
    this.sent = fits ? null : emptyTable(batch * this.bytesPerImage);
    this.picks = liveTensor([batch, numbersPerPick], 'int32');
    const numbers = source.values(normalisation as ImageNormalisation);
    this.numbers = liveTensor([numbers.length]);
    this.numbers.write(numbers);
  }

  get inputs(): LiveTensor[] {
    return [this.table, this.picks, this.numbers];
  }

  get note(): string {
    const megabytes = (this.setBytes / 1e6).toLocaleString('en-GB', { maximumSignificantDigits: 2 });
    if (isStored(this.from.split)) return streamNote;
    return this.whole
      ? `The training images lie on the graphics card (${megabytes} MB), and batches are put together there.`
      : `The training images (${megabytes} MB) are too many to keep on the graphics card, so each batch is sent there.`;
  }

  write(rows: Int32Array, moves: Int32Array | null): void {
    const picks = new Int32Array(rows.length * numbersPerPick);
    rows.forEach((row, i) => {
      picks[i * numbersPerPick] = this.sent && row >= 0 ? i : row;
      if (moves)
        picks.set(moves.subarray(i * numbersPerMove, (i + 1) * numbersPerMove), i * numbersPerPick + 1);
    });
    if (this.sent) this.send(rows, this.sent);
    this.picks.write(picks);
  }

  tensor(): Tensor {
    const { height, width, channels, view } = this.from.source;
    const shape = { batch: this.batch, height, width, channels, block: view.block };
    return pictures(this.table.tensor, this.picks.tensor, this.numbers.tensor, shape);
  }

  dispose(): void {
    if (this.whole) this.whole.release();
    else this.sent!.table.dispose();
    this.picks.dispose();
    this.numbers.dispose();
  }

  private get table(): LiveTensor {
    return this.whole?.table ?? this.sent!.table;
  }

  /** In the data set, before blocks are averaged. */
  private get bytesPerImage(): number {
    const { size, view } = this.from.source;
    return size * view.block ** 2;
  }

  private get setBytes(): number {
    return this.from.split.count * this.bytesPerImage;
  }

  private send(rows: Int32Array, { table, bytes }: NonNullable<PickedImages['sent']>): void {
    const { source, split } = this.from;
    const size = this.bytesPerImage;
    rows.forEach((row, i) => {
      if (row >= 0) bytes.set(source.pixelsOf(split, row), i * size);
    });
    table.write(new Int32Array(bytes.buffer));
  }
}

/** A data set on the device, shared by reference count: by the run's batches, the meta set and the teacher. */
interface SharedTable {
  table: LiveTensor;
  release(): void;
}

const tables = new WeakMap<tf.KernelBackend, Map<Uint8Array, { table: LiveTensor; holders: number }>>();

function shareTable(images: Uint8Array): SharedTable {
  const backend = tf.backend();
  const known = tables.get(backend) ?? new Map<Uint8Array, { table: LiveTensor; holders: number }>();
  tables.set(backend, known);
  let entry = known.get(images);
  if (!entry) {
    const { table, bytes } = emptyTable(images.length);
    bytes.set(images);
    table.write(new Int32Array(bytes.buffer));
    known.set(images, (entry = { table, holders: 0 }));
  }
  const { table } = entry;
  entry.holders++;
  const release = () => {
    if (--entry.holders > 0) return;
    known.delete(images);
    table.dispose();
  };
  return { table, release };
}

/** An int32 table for so many bytes, four per number. */
function emptyTable(size: number): { table: LiveTensor; bytes: Uint8Array<ArrayBuffer> } {
  const numbers = Math.ceil(size / 4);
  return { table: liveTensor([numbers], 'int32'), bytes: new Uint8Array(4 * numbers) };
}
