/** Numbers per step in growing typed arrays, outside React: a run may have a hundred thousand steps. */
export class SeriesTable {
  length = 0;
  private capacity = 256;
  private stepColumn = new Int32Array(this.capacity);
  private readonly values = new Map<string, Float32Array>();

  /** Adds a row. A run that continues from a checkpoint repeats steps: rows from that step on are replaced. */
  push(step: number, values: Record<string, number>): void {
    while (this.length > 0 && this.stepColumn[this.length - 1]! >= step) this.length -= 1;
    if (this.length === this.capacity) this.grow();
    this.stepColumn[this.length] = step;
    for (const column of this.values.values()) column[this.length] = Number.NaN;
    for (const key of Object.keys(values)) this.columnFor(key)[this.length] = values[key]!;
    this.length += 1;
  }

  get keys(): string[] {
    return [...this.values.keys()];
  }

  has(key: string): boolean {
    return this.values.has(key);
  }

  get steps(): Int32Array {
    return this.stepColumn.subarray(0, this.length);
  }

  /** Missing rows are NaN; an unknown key is all missing. */
  column(key: string): Float32Array {
    return this.columnFor(key, false).subarray(0, this.length);
  }

  /** Row of the last step that is not after `step`, or -1. */
  rowAt(step: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.stepColumn[middle]! <= step) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private columnFor(key: string, keep = true): Float32Array {
    const known = this.values.get(key);
    if (known) return known;
    const fresh = new Float32Array(this.capacity).fill(Number.NaN);
    if (keep) this.values.set(key, fresh);
    return fresh;
  }

  private grow(): void {
    this.capacity *= 2;
    const steps = new Int32Array(this.capacity);
    steps.set(this.stepColumn);
    this.stepColumn = steps;
    for (const [key, column] of this.values) {
      const wider = new Float32Array(this.capacity).fill(Number.NaN);
      wider.set(column);
      this.values.set(key, wider);
    }
  }
}
