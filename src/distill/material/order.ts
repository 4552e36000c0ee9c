import { RandomStream } from '../../random/streams';

/** State of an order. */
export interface OrderState {
  rows: Int32Array;
  cursor: number;
  random: readonly number[];
}

/** Where the rows of a batch come from. */
export interface Order {
  /** Rows of a batch. */
  readonly batch: number;
  /** The next [batch] rows. */
  next(): Int32Array;
  state(): OrderState;
  restore(state: OrderState): void;
}

/** Rows in a shuffled order, epoch after epoch; an epoch's remainder that fills no batch is dropped. */
export class BatchOrder implements Order {
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

/** Rows drawn one by one with given shares, each draw independent of those before. */
export class WeightedOrder implements Order {
  readonly batch: number;
  private readonly rows: Int32Array;
  private readonly shares: () => Float64Array;
  private random: RandomStream;
  /** The shares that `sums` are the running sums of. */
  private summed: Float64Array | null = null;
  private sums = new Float64Array();

  /** @param shares [rows] as they are now; a new array where they have changed */
  constructor(rows: Int32Array, batch: number, shares: () => Float64Array, random: RandomStream) {
    this.rows = rows;
    this.batch = Math.min(batch, rows.length);
    this.shares = shares;
    this.random = random;
  }

  state(): OrderState {
    return { rows: new Int32Array(), cursor: 0, random: this.random.state() };
  }

  restore({ random }: OrderState): void {
    this.random = RandomStream.restore(random);
  }

  next(): Int32Array {
    this.sumUp();
    return Int32Array.from({ length: this.batch }, () => this.rows[this.drawn()]!);
  }

  private sumUp(): void {
    const shares = this.shares();
    if (shares === this.summed) return;
    this.summed = shares;
    let sum = 0;
    this.sums = shares.map((share) => (sum += share));
  }

  /** By bisection: the first place whose running sum is above a number drawn from 0 to the total. */
  private drawn(): number {
    const wanted = this.random.uniform() * this.sums.at(-1)!;
    let [low, high] = [0, this.sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sums[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
