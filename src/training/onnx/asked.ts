/** A model asked about rows of a set, some at a time. */
import type { Dataset, Split } from '../../data/dataset';
import type { Way } from './about';
import { Feeder, fixedBatch } from './feed';
import { OnnxProblem, type Port } from './model-file';
import type { OutputValues, Session } from './runtime';

/** Rows that are given at once, where the model takes any number; fewer of large inputs. */
const mostRows = 64;
const mostNumbers = 4 * 2 ** 20;

/** Some rows of a split. */
export interface SplitRows {
  split: Split;
  rows: ArrayLike<number>;
}

/** Rows of one output. */
export interface Rows {
  /** Of one row. */
  shape: readonly number[];
  /** [rows, ...shape] */
  values: Float32Array;
}

export class AskedModel {
  /** Rows that the model takes at once. */
  private batch: number;
  private readonly isFixed: boolean;
  private readonly feeder: Feeder;
  private readonly session: Session;

  constructor(session: Session, dataset: Dataset, port: Port, way: Way) {
    this.session = session;
    this.feeder = new Feeder(dataset, port, way);
    const fixed = fixedBatch(port);
    this.isFixed = fixed !== null;
    this.batch = fixed ?? Math.max(1, Math.min(mostRows, Math.floor(mostNumbers / this.feeder.size)));
  }

  /**
   * The outputs for some rows, those of each split after the other.
   * @param kept how rows of an output are kept, and where all of them go if not into an array of their own
   * @param each called with the rows done after each batch; may wait, and throw to end the work
   * @throws OnnxProblem
   */
  async answers(
    parts: readonly SplitRows[],
    outputs: readonly string[],
    kept: (name: string, said: Rows) => Rows & { into?: Float32Array | undefined } = (_, said) => said,
    each: (done: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<Record<string, Rows>> {
    const total = parts.reduce((sum, { rows }) => sum + rows.length, 0);
    const gathered: Record<string, Rows> = {};
    let done = 0;
    for (const { split, rows } of parts)
      for (let from = 0; from < rows.length;) {
        const some = Array.from(
          { length: Math.min(this.batch, rows.length - from) },
          (_, i) => rows[from + i]!,
        );
        const found = await this.ask(split, some, outputs);
        // The model may have turned out to take fewer rows at once.
        const count = Math.min(some.length, this.batch);
        for (const [name, { dims, values }] of Object.entries(found)) {
          const own = kept(name, { shape: dims.slice(1), values });
          const size = own.shape.reduce((product, side) => product * side, 1);
          gathered[name] ??= { shape: own.shape, values: own.into ?? new Float32Array(total * size) };
          gathered[name].values.set(own.values.subarray(0, count * size), done * size);
        }
        from += count;
        done += count;
        await each(done);
      }
    return gathered;
  }

  /** The outputs that have a row for each instance: what they are of one, without that axis. @throws OnnxProblem */
  async shapes(split: Split, outputs: readonly string[]): Promise<Record<string, readonly number[]>> {
    const looked = async (count: number) =>
      Object.fromEntries(
        Object.entries(await this.session.run(this.feeder.feed(split, [0], count), outputs)).flatMap(
          ([name, { dims }]) => (dims[0] === count ? [[name, dims.slice(1)]] : []),
        ),
      );
    if (this.isFixed) return looked(this.batch);
    // Of two instances an axis of one is not taken for the batch; some graphs take one alone.
    return looked(2).catch(() => looked(1));
  }

  private async ask(
    split: Split,
    rows: readonly number[],
    outputs: readonly string[],
  ): Promise<Record<string, OutputValues>> {
    const count = this.isFixed ? this.batch : rows.length;
    const isWhole = ({ dims }: OutputValues) => dims[0] === count;
    try {
      const found = await this.session.run(this.feeder.feed(split, rows, count), outputs);
      if (Object.values(found).every(isWhole)) return found;
      if (count === 1) return asRow(found);
    } catch (error) {
      if (this.isFixed || count === 1) throw error;
    }
    if (this.isFixed)
      throw new OnnxProblem(
        `This model reads ${count} instances at once and answers with another number of rows. Export it with a free batch axis, or with one of 1.`,
      );
    // The file leaves the number of rows free, and the graph does not.
    this.batch = 1;
    return this.ask(split, rows.slice(0, 1), outputs);
  }
}

/** Of a single instance an output may lack the axis of the batch. */
function asRow(found: Record<string, OutputValues>): Record<string, OutputValues> {
  return Object.fromEntries(
    Object.entries(found).map(([name, { dims, values }]) => [
      name,
      { dims: dims[0] === 1 ? dims : [1, ...dims], values },
    ]),
  );
}
