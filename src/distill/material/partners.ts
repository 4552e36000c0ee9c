/** Partners joined by class: in place of an instance, another one of its class. */
import { RandomStream } from '../../random/streams';

/**
 * For each row one of the rows of its class, drawn anew each time that it comes by, and so anew in each epoch. A row without
 * a class, and one that is alone in its class, is its own partner.
 */
export class Partners {
  /** Rows that may be partners, by class. */
  private readonly ofClass = new Map<number, Int32Array>();
  private readonly classes: ArrayLike<number>;
  private random: RandomStream;

  /** @param classes of each row, below zero for none @param candidates rows that may be partners */
  constructor(classes: ArrayLike<number>, candidates: Int32Array, random: RandomStream) {
    this.classes = classes;
    this.random = random;
    for (const label of new Set(Array.from(candidates, (row) => classes[row]!)))
      if (label >= 0)
        this.ofClass.set(
          label,
          candidates.filter((row) => classes[row] === label),
        );
  }

  /** [B] a partner of each row. */
  of(rows: Int32Array): Int32Array {
    return rows.map((row) => {
      const mates = this.ofClass.get(this.classes[row]!);
      const place = mates?.indexOf(row) ?? -1;
      const others = (mates?.length ?? 0) - (place < 0 ? 0 : 1);
      if (!mates || others === 0) return row;
      const drawn = this.random.below(others);
      return mates[place >= 0 && drawn >= place ? drawn + 1 : drawn]!;
    });
  }

  state(): readonly number[] {
    return this.random.state();
  }

  restore(state: readonly number[]): void {
    this.random = RandomStream.restore(state);
  }
}
