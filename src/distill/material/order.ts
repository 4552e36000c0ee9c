import { RandomStream } from '../../random/streams';

/** State of an order. */
export interface OrderState {
  rows: Int32Array;
  cursor: number;
  random: readonly number[];
}

/** Rows in a shuffled order, epoch after epoch; an epoch's remainder that fills no batch is dropped. */
export class BatchOrder {
  private readonly rows: Int32Array;
  private random: RandomStream;
  private cursor: number;
  readonly batch: number;

  /** @param batch is lowered to the number of rows when there are fewer. */
  constructor(rows: Int32Array, batch: number, random: RandomStream) {
    this.rows = rows.slice();
    this.batch = Math.min(batch, rows.length);
    this.random = random;
    this.cursor = rows.length;
  }

  state(): OrderState {
    return { rows: this.rows.slice(), cursor: this.cursor, random: this.random.state() };
  }

  restore({ rows, cursor, random }: OrderState): void {
    this.rows.set(rows);
    this.cursor = cursor;
    this.random = RandomStream.restore(random);
  }

  /** The next [batch] rows. */
  next(): Int32Array {
    if (this.cursor + this.batch > this.rows.length) {
      this.random.shuffle(this.rows);
      this.cursor = 0;
    }
    const rows = this.rows.slice(this.cursor, this.cursor + this.batch);
    this.cursor += this.batch;
    return rows;
  }
}
