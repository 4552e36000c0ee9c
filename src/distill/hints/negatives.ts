/** Draws, for every image of a batch, the images that it is contrasted with. Plain numbers. */
import type { RandomStream } from '../../random/streams';

export interface NegativesOptions {
  /** How many per image. */
  count: number;
  /** `exact`: an image belongs with itself; `relax`: with a random one of its class. */
  positive: 'exact' | 'relax';
}

/**
 * Images of other classes for any image of a pool. An image without a label is of no known class: its negatives are all
 * others, and it may be anybody's (the papers know no such images).
 */
export class Negatives {
  private readonly labels: Int32Array;
  private readonly options: NegativesOptions;
  /** Rows by label, without the unlabelled. */
  private readonly ofClass = new Map<number, Int32Array>();
  /** Rows of all other classes, by label; of -1 all rows. */
  private readonly others = new Map<number, Int32Array>();

  /** @param labels of the pool's rows, -1 for none */
  constructor(labels: Int32Array, options: NegativesOptions) {
    this.labels = labels;
    this.options = options;
    const rows = Int32Array.from(labels.keys());
    for (const label of new Set(labels)) {
      this.ofClass.set(
        label,
        rows.filter((row) => labels[row] === label),
      );
      this.others.set(label, label < 0 ? rows : rows.filter((row) => labels[row] !== label));
    }
  }

  /** How many can be had of each: fewer than asked for in a small pool, and at least one. */
  get count(): number {
    return Math.max(1, Math.min(this.options.count, this.labels.length - 1));
  }

  /**
   * [B, 1 + count] rows of the pool: what belongs with each image, then its negatives; these repeat themselves only
   * where there are too few.
   */
  draw(rows: ArrayLike<number>, random: RandomStream): Int32Array {
    const width = 1 + this.count;
    const picks = new Int32Array(rows.length * width);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const label = this.labels[row]!;
      const alike = this.ofClass.get(label)!;
      const relaxed = this.options.positive === 'relax' && label >= 0;
      picks[i * width] = relaxed ? alike[random.below(alike.length)]! : row;
      this.fill(picks.subarray(i * width + 1, (i + 1) * width), row, random);
    }
    return picks;
  }

  private fill(picks: Int32Array, row: number, random: RandomStream): void {
    const candidates = this.others.get(this.labels[row]!)!;
    // Only a pool of one class has no image of another.
    if (candidates.length === 0) picks.fill(row);
    else if (picks.length < candidates.length) drawDistinct(picks, candidates, row, random);
    else for (let k = 0; k < picks.length; k++) picks[k] = other(candidates, row, random);
  }
}

/** Without repetition: a shuffle that stops early and is undone afterwards, so that the same stream draws the same. */
function drawDistinct(picks: Int32Array, candidates: Int32Array, row: number, random: RandomStream): void {
  // The row itself may be met once.
  const swapped = new Int32Array(picks.length + 1);
  let from = 0;
  for (let k = 0; k < picks.length; from++) {
    const to = from + random.below(candidates.length - from);
    swap(candidates, from, to);
    swapped[from] = to;
    if (candidates[from] !== row) picks[k++] = candidates[from]!;
  }
  while (from-- > 0) swap(candidates, from, swapped[from]!);
}

/** One of the candidates that is not `row` itself, if there is any. */
function other(candidates: Int32Array, row: number, random: RandomStream): number {
  const pick = random.below(candidates.length);
  return candidates[pick] === row ? candidates[(pick + 1) % candidates.length]! : candidates[pick]!;
}

function swap(values: Int32Array, a: number, b: number): void {
  const held = values[a]!;
  values[a] = values[b]!;
  values[b] = held;
}
