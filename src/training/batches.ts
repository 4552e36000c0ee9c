/** Draws the student's batches from the training split. */
import type { Material } from '../distill/material/material';
import { batchSplit, poolOf } from '../distill/material/batch-split';
import { BatchOrder, WeightedOrder, type Order, type OrderState } from '../distill/material/order';
import { Partners } from '../distill/material/partners';
import { copyAt } from '../distill/teachers/ensemble/turns';
import { drawStrongChanges, strongViews } from '../distill/modalities/image/strong-view';
import {
  drawMoves,
  imageSourceOf,
  scaledMoves,
  type Augmentation,
} from '../distill/modalities/image/image-source';
import { tf, type Tensor } from '../engine/tf';
import { RandomStream } from '../random/streams';
import type { InputRows } from './batch-inputs';
import type { StoppedState } from './stopped-state';
import type { BatchArrays, SeenRows } from './step-inputs';

export interface BatchSetup {
  material: Material;
  /** Of the training split. */
  seen: SeenRows;
  batch: number;
  seed: number;
  shift: number;
  flip: boolean;
  /** Whether each image also gets a strongly augmented view. */
  strongView: boolean;
  /** Prefix of its random streams, for other batches than the student's own. */
  stream?: string;
  /**
   * Shares with which the unlabelled rows are drawn, as they are now; an epoch is then a number of draws. Left out, or
   * null: epoch after epoch.
   */
  shares?: () => Float64Array | null;
  /** Whether the teacher looks at partners of the labelled rows, of the same given class. */
  partners?: boolean;
  /** Times that each row occurs in an epoch, once for each member of the teacher; 1 where left out. */
  copies?: number;
}

/** Position of the batches in their random streams. Keys are stored. */
export interface BatchesState {
  labelled: OrderState;
  unlabelled: OrderState | null;
  augmentation: readonly number[] | null;
  strong: readonly number[] | null;
  /** Missing where the teacher looks at the student's own rows. */
  partners?: readonly number[];
}

/** The student's batches: a share labelled, the rest not, where there are unlabelled images; else all labelled. */
export class StudentBatches {
  /** Images of the pool: rows of per-image histories. */
  readonly pool: number;
  private readonly setup: BatchSetup;
  private readonly labelledOrder: Order;
  private readonly unlabelledOrder: Order | null;
  private readonly poolRow: Int32Array;
  private readonly augmentation: Augmentation | undefined;
  private strongRandom: RandomStream | null;
  private readonly partners: Partners | null;
  /** The next batch, if `ahead` has drawn it, and the state before that draw. */
  private drawn: { batch: BatchArrays; before: BatchesState } | null = null;
  private last: Int32Array = new Int32Array();

  constructor(setup: BatchSetup) {
    const { material, batch, seed, shift, flip, strongView, stream = '' } = setup;
    const fork = (name: string) => RandomStream.fork(seed, `${stream}${name}`);
    const split = batchSplit(material, batch);
    this.setup = setup;
    this.labelledOrder = this.orderOf(material.labelled, split.labelled, fork('order/labelled'), null);
    this.unlabelledOrder =
      material.unlabelled.length > 0
        ? this.orderOf(material.unlabelled, split.unlabelled, fork('order/unlabelled'), setup.shares ?? null)
        : null;
    const pool = poolOf(material);
    this.pool = pool.length;
    this.poolRow = new Int32Array(material.dataset.train.count).fill(-1);
    pool.forEach((row, i) => (this.poolRow[row] = i));
    this.augmentation = shift > 0 || flip ? { shift, flip, random: fork('augmentation') } : undefined;
    this.strongRandom = strongView ? fork('augmentation/strong') : null;
    this.partners = setup.partners
      ? new Partners(material.given.values, material.labelled, fork('partners'))
      : null;
  }

  get augmented(): boolean {
    return this.augmentation !== undefined;
  }

  /** Labelled images per batch: the first ones. */
  get labelledSize(): number {
    return this.labelledOrder.batch;
  }

  /** Images per batch that the student is given a label of: the first ones, or all where labels are made with the images. */
  get givenSize(): number {
    return this.setup.material.labelsMade ? this.size : this.labelledSize;
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

  /** The same, with places among the rows, or their copies, in place of rows. */
  leaves(): StoppedState['batches'] {
    const { labelled, unlabelled, augmentation, strong, partners = null } = this.state();
    const { material, copies = 1 } = this.setup;
    const placed = (order: OrderState, rows: Int32Array): OrderState =>
      copies === 1 ? { ...order, rows: placesAmong(rows, order.rows) } : order;
    return {
      labelled: placed(labelled, material.labelled),
      unlabelled: unlabelled && placed(unlabelled, material.unlabelled),
      augmentation,
      strong,
      partners,
    };
  }

  private present(): BatchesState {
    return {
      labelled: this.labelledOrder.state(),
      unlabelled: this.unlabelledOrder?.state() ?? null,
      augmentation: this.augmentation?.random.state() ?? null,
      strong: this.strongRandom?.state() ?? null,
      ...(this.partners ? { partners: this.partners.state() } : {}),
    };
  }

  restore({ labelled, unlabelled, augmentation, strong, partners }: BatchesState): void {
    this.drawn = null;
    this.labelledOrder.restore(labelled);
    if (unlabelled) this.unlabelledOrder?.restore(unlabelled);
    if (augmentation && this.augmentation) this.augmentation.random = RandomStream.restore(augmentation);
    if (strong && this.strongRandom) this.strongRandom = RandomStream.restore(strong);
    if (partners) this.partners?.restore(partners);
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

  /** An order over the rows, or over the places of all their copies (`rowsAt`). */
  private orderOf(
    rows: Int32Array,
    batch: number,
    random: RandomStream,
    shares: BatchSetup['shares'] | null,
  ): Order {
    const { copies = 1 } = this.setup;
    const places =
      copies === 1 ? rows : Int32Array.from({ length: copies * rows.length }, (_, place) => place);
    // The shares are known once the teacher is, which is before the first draw.
    return shares
      ? new WeightedOrder(places, batch, () => repeated(shares() ?? evenly(rows.length), copies), random)
      : new BatchOrder(places, batch, random);
  }

  /** What an order over copies of these rows has drawn. */
  private rowsAt(drawn: Int32Array, rows: Int32Array): { rows: Int32Array; members: Int32Array } {
    const { copies = 1 } = this.setup;
    if (copies === 1) return { rows: drawn, members: new Int32Array(drawn.length) };
    const places = Array.from(drawn, (place) => copyAt(place, rows.length));
    return {
      rows: Int32Array.from(places, ({ row }) => rows[row]!),
      members: Int32Array.from(places, ({ member }) => member),
    };
  }

  private draw(): BatchArrays {
    const { material } = this.setup;
    const labelled = this.rowsAt(this.labelledOrder.next(), material.labelled);
    const unlabelled = this.rowsAt(this.unlabelledOrder?.next() ?? new Int32Array(), material.unlabelled);
    const rows = joined(labelled.rows, unlabelled.rows);
    const seen = this.partners && joined(this.partners.of(labelled.rows), unlabelled.rows);
    const batch = {
      ...this.of(rows),
      ...(seen ? { shown: { trainRows: seen, rows: this.poolRows(seen) } } : {}),
      members: joined(labelled.members, unlabelled.members),
      moves: this.augmentation ? drawMoves(this.augmentation, rows.length) : null,
    };
    return this.strongRandom
      ? { ...batch, strong: this.strong(rows, seen ?? rows, this.strongRandom) }
      : batch;
  }

  private strong(
    rows: Int32Array,
    shown: Int32Array,
    random: RandomStream,
  ): NonNullable<BatchArrays['strong']> {
    const { student, teacher, ratio } = this.setup.seen;
    const changes = drawStrongChanges(imageSourceOf(student.source), rows.length, random);
    const seenBy = ({ source, split, normalisation }: InputRows, of: Int32Array, by: number) =>
      strongViews(imageSourceOf(source), split, of, normalisation, changes, by);
    const ofStudent = seenBy(student, rows, 1);
    return { student: ofStudent, teacher: this.sameView ? ofStudent : seenBy(teacher, shown, ratio) };
  }

  /** The given rows of the training split as a batch; rows outside the pool count as its first image. */
  of(trainRows: Int32Array): BatchArrays {
    const { material } = this.setup;
    return {
      trainRows,
      moves: null,
      targets: material.task.encode(material.given, trainRows),
      rows: this.poolRows(trainRows),
    };
  }

  private poolRows(trainRows: Int32Array): Int32Array {
    return trainRows.map((row) => Math.max(0, this.poolRow[row]!));
  }

  /** The images of a batch as the student sees them, a tensor [B,H,W,C], the caller's. */
  images({ trainRows, moves }: BatchArrays): Tensor {
    return tensorOf(this.setup.seen.student, trainRows, moves);
  }

  /** The same as the teacher sees them. */
  teacherImages({ trainRows, shown, moves }: BatchArrays): Tensor {
    const { teacher, ratio } = this.setup.seen;
    return tensorOf(teacher, shown?.trainRows ?? trainRows, moves && scaledMoves(moves, ratio));
  }

  /** Whether the student's batches are what the teacher sees too. */
  get sameView(): boolean {
    return !this.partners && this.setup.seen.student === this.setup.seen.teacher;
  }
}

function joined(first: Int32Array, second: Int32Array): Int32Array {
  const all = new Int32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Of each wanted row its place among rows, all of which differ. */
function placesAmong(rows: Int32Array, wanted: Int32Array): Int32Array {
  const places = new Map(Array.from(rows, (row, place) => [row, place]));
  return wanted.map((row) => places.get(row)!);
}

const evenly = (rows: number) => new Float64Array(rows).fill(1 / rows);

/** One after the other, so many times. */
function repeated(shares: Float64Array, times: number): Float64Array {
  return times === 1
    ? shares
    : Float64Array.from({ length: times * shares.length }, (_, i) => shares[i % shares.length]!);
}

function tensorOf(
  { source, split, normalisation }: InputRows,
  rows: Int32Array,
  moves: Int32Array | null,
): Tensor {
  return tf.tensor(source.batch(split, rows, normalisation, moves), [rows.length, ...source.shape]);
}
