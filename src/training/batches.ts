/** Draws the student's batches from the training split. */
import type { Material } from '../distill/material/material';
import { BatchOrder, type OrderState } from '../distill/material/order';
import { strongViews } from '../distill/modalities/image/strong-view';
import { drawMoves, imageSourceOf, type Augmentation } from '../distill/modalities/image/image-source';
import { RandomStream } from '../random/streams';
import type { InputRows } from './batch-inputs';
import type { BatchArrays } from './step-inputs';

export interface BatchSetup {
  material: Material;
  /** Of the training split. */
  pictures: InputRows;
  batch: number;
  seed: number;
  shift: number;
  flip: boolean;
  /** Whether each image also gets a strongly augmented view. */
  strongView: boolean;
  /** Prefix of its random streams, for other batches than the student's own. */
  stream?: string;
}

/** Position of the batches in their random streams. Keys are stored. */
export interface BatchesState {
  labelled: OrderState;
  unlabelled: OrderState | null;
  augmentation: readonly number[] | null;
  strong: readonly number[] | null;
}

/** Rows of the training split that the student sees: labelled ones first. */
export function poolOf({ labelled, unlabelled }: Material): Int32Array {
  const rows = new Int32Array(labelled.length + unlabelled.length);
  rows.set(labelled);
  rows.set(unlabelled, labelled.length);
  return rows;
}

/** The student's batches: half labelled, half not, where there are unlabelled images; else all labelled. */
export class StudentBatches {
  /** Images of the pool: rows of per-image histories. */
  readonly pool: number;
  private readonly setup: BatchSetup;
  private readonly labelledOrder: BatchOrder;
  private readonly unlabelledOrder: BatchOrder | null;
  private readonly poolRow: Int32Array;
  private readonly augmentation: Augmentation | undefined;
  private strongRandom: RandomStream | null;
  /** The next batch, if `ahead` has drawn it, and the state before that draw. */
  private drawn: { batch: BatchArrays; before: BatchesState } | null = null;
  private last: Int32Array = new Int32Array();

  constructor(setup: BatchSetup) {
    const { material, batch, seed, shift, flip, strongView, stream = '' } = setup;
    const fork = (name: string) => RandomStream.fork(seed, `${stream}${name}`);
    const { labelled, unlabelled } = material;
    this.setup = setup;
    const half = unlabelled.length > 0 ? Math.floor(batch / 2) : batch;
    this.labelledOrder = new BatchOrder(labelled, half, fork('order/labelled'));
    this.unlabelledOrder =
      unlabelled.length > 0 ? new BatchOrder(unlabelled, batch - half, fork('order/unlabelled')) : null;
    const pool = poolOf(material);
    this.pool = pool.length;
    this.poolRow = new Int32Array(material.dataset.train.count).fill(-1);
    pool.forEach((row, i) => (this.poolRow[row] = i));
    this.augmentation = shift > 0 || flip ? { shift, flip, random: fork('augmentation') } : undefined;
    this.strongRandom = strongView ? fork('augmentation/strong') : null;
  }

  get augmented(): boolean {
    return this.augmentation !== undefined;
  }

  /** Labelled images per batch: the first ones. */
  get labelledSize(): number {
    return this.labelledOrder.batch;
  }

  /** Images per batch, the same for every batch of a run. */
  get size(): number {
    return this.labelledOrder.batch + (this.unlabelledOrder?.batch ?? 0);
  }

  /** Rows of the training split of the batch that `next` gave last. */
  get current(): Int32Array {
    return this.last;
  }

  /** A batch drawn by `ahead` counts as not drawn. */
  state(): BatchesState {
    return this.drawn?.before ?? this.present();
  }

  private present(): BatchesState {
    return {
      labelled: this.labelledOrder.state(),
      unlabelled: this.unlabelledOrder?.state() ?? null,
      augmentation: this.augmentation?.random.state() ?? null,
      strong: this.strongRandom?.state() ?? null,
    };
  }

  restore({ labelled, unlabelled, augmentation, strong }: BatchesState): void {
    this.drawn = null;
    this.labelledOrder.restore(labelled);
    if (unlabelled) this.unlabelledOrder?.restore(unlabelled);
    if (augmentation && this.augmentation) this.augmentation.random = RandomStream.restore(augmentation);
    if (strong && this.strongRandom) this.strongRandom = RandomStream.restore(strong);
  }

  next(): BatchArrays {
    const batch = this.drawn?.batch ?? this.draw();
    this.drawn = null;
    this.last = batch.trainRows;
    return batch;
  }

  /** The batch that `next` will return. */
  ahead(): BatchArrays {
    if (!this.drawn) {
      const before = this.present();
      this.drawn = { batch: this.draw(), before };
    }
    return this.drawn.batch;
  }

  private draw(): BatchArrays {
    const labelled = this.labelledOrder.next();
    const unlabelled = this.unlabelledOrder?.next() ?? new Int32Array();
    const rows = new Int32Array(labelled.length + unlabelled.length);
    rows.set(labelled);
    rows.set(unlabelled, labelled.length);
    const batch = {
      ...this.of(rows),
      moves: this.augmentation ? drawMoves(this.augmentation, rows.length) : null,
    };
    if (!this.strongRandom) return batch;
    const { source, split, normalisation } = this.setup.pictures;
    const strong = strongViews(imageSourceOf(source), split, rows, normalisation, this.strongRandom);
    return { ...batch, strong };
  }

  /** The given rows of the training split as a batch; rows outside the pool count as its first image. */
  of(trainRows: Int32Array): BatchArrays {
    const { material } = this.setup;
    return {
      trainRows,
      moves: null,
      targets: material.task.encode(material.given, trainRows),
      rows: trainRows.map((row) => Math.max(0, this.poolRow[row]!)),
    };
  }

  /** The images [B*H*W*C] of a batch, normalised. */
  values({ trainRows, moves }: BatchArrays): Float32Array {
    const { source, split, normalisation } = this.setup.pictures;
    return source.batch(split, trainRows, normalisation, moves);
  }
}
