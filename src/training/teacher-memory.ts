/**
 * Cache of a frozen teacher's traces, per image of the student's pool. Filled as images come; holds only the parts that
 * the hints read.
 */
import type { TraceShapes } from '../distill/about';
import type { Hint, TracePart } from '../distill/hints/hint';
import { liveTensor, type LiveTensor } from '../engine/capture/capture';
import { canPickRows, recall, remember } from '../engine/device-rows';
import { tf, type Tensor1D } from '../engine/tf';
import type { Trace } from '../nn/network';
import { GatheredParts, sizeOf } from './gathered-parts';
import { partOf, traceOfParts } from './trace-parts';
import type { TraceTable } from './trace-tables';
import type { RecordedPart } from './teachers/recorded-teacher';

/** A part with the shape that it has for one image. */
interface Remembered {
  part: TracePart;
  shape: readonly number[];
}

export interface MemoryPlan {
  parts: readonly Remembered[];
  /** Images of the pool. */
  images: number;
  /** Of all parts of all images. */
  bytes: number;
}

/**
 * Larger memories are not begun: on the device beside weights, activations and data set (a graphics card shared with
 * others may have 2 GB in all), elsewhere in the worker's own memory, where a phone allows a tab a few hundred MB.
 */
export const largestMemory = { device: 256 * 2 ** 20, processor: 128 * 2 ** 20 };

/** The plan of a cache for these hints, or a sentence on why there is none. */
export function planMemory(
  hints: readonly Pick<Hint, 'parts'>[],
  shapes: TraceShapes,
  classes: number,
  images: number,
  visits: number,
): MemoryPlan | string {
  if (visits <= images)
    return 'The teacher runs at each step: the run is too short to use an instance twice.';
  const parts = partsFor(hints, shapes, classes);
  const numbers = parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const bytes = 4 * numbers * images;
  const most = canPickRows() ? largestMemory.device : largestMemory.processor;
  if (bytes <= most) return { parts, images, bytes };
  return `The teacher is computed at each step: keeping what the losses read of it would take ${megabytes(bytes)}, more than ${megabytes(most)}.`;
}

/** A sentence for the page. */
export function describeMemory({ images, bytes }: MemoryPlan): string {
  return `The teacher’s outputs for each of the ${images.toLocaleString('en-GB')} instances are kept (${megabytes(bytes)}), so it is computed once.`;
}

function megabytes(bytes: number): string {
  if (bytes < 2 ** 20) return `${Math.ceil(bytes / 2 ** 10).toLocaleString('en-GB')} kB`;
  const million = bytes / 2 ** 20;
  return `${million.toLocaleString('en-GB', { maximumFractionDigits: million < 10 ? 1 : 0 })} MB`;
}

/** All parts that some hint reads; the outputs are always among them. */
function partsFor(
  hints: readonly Pick<Hint, 'parts'>[],
  { stem, stages, embedding, more = {} }: TraceShapes,
  classes: number,
): Remembered[] {
  const known: Remembered[] = [
    { part: 'logits', shape: [classes] },
    { part: 'embedding', shape: embedding },
    { part: 'stem', shape: stem },
    ...stages.map((shape, k): Remembered => ({ part: `stages/${k}`, shape })),
    ...stages.map((shape, k): Remembered => ({ part: `preActivations/${k}`, shape })),
    ...Object.entries(more).map(([name, shape]): Remembered => ({ part: `more/${name}`, shape })),
  ];
  const wanted = new Set<TracePart>(['logits']);
  for (const { parts } of hints) parts.forEach((part) => wanted.add(part));
  return known.filter(({ part }) => wanted.has(part));
}

/** The plan for a teacher whose trace is recorded: whatever the run is, its steps read the table. */
export function planRecorded(
  hints: readonly Pick<Hint, 'parts'>[],
  shapes: TraceShapes,
  classes: number,
  images: number,
): MemoryPlan {
  const parts = partsFor(hints, shapes, classes);
  return { parts, images, bytes: 4 * images * parts.reduce((sum, { shape }) => sum + sizeOf(shape), 0) };
}

export interface TeacherMemory {
  readonly plan: MemoryPlan;
  /** What a recorded step reads and writes. */
  readonly inputs: LiveTensor[];
  /** Whether the teacher is asked before a step, so that every step reads the cache. */
  readonly asksAhead: boolean;
  /** Empties the cache, after a change of the teacher. */
  forget(): void;
  /**
   * Before a step on these rows of the pool. Returns whether the step reads them from the cache; else the step runs the
   * teacher and caches its trace.
   * @param look what the teacher says of the batch [B,...]; called in a tidy, if at all
   */
  prepare(rows: Int32Array, look: () => Trace): Promise<boolean>;
  /** Inside a step: the cached trace of these rows. Parts that are not cached are [B,1] zeros. */
  recall(rows: Tensor1D): Trace;
  /** Inside a step that ran the teacher. */
  remember(rows: Tensor1D, trace: Trace): void;
  dispose(): void;
}

/** A table that other runs of the teacher share. */
export interface SharedTable {
  /** Null where there is none. */
  open: () => Promise<TraceTable | null>;
  /** [images] rows of the table that the pool's images are */
  rows: Int32Array;
}

/**
 * A memory on the active backend.
 * @param batch rows per step
 * @param shared taken up where the memory is on the processor; else it is empty
 */
export function teacherMemory(plan: MemoryPlan, batch: number, shared: SharedTable | null): TeacherMemory {
  return canPickRows() ? new DeviceMemory(plan) : new ProcessorMemory(plan, batch, shared);
}

/** Rows of a recorded teacher's table that stand for the images of a pool. */
export interface RecordedRows {
  recorded: readonly RecordedPart[];
  /** [images] numbers of the pool's rows in the table */
  rows: Int32Array;
}

/** A recorded trace is its own memory: the rows of a batch are gathered before its step. */
export class RecordedMemory implements TeacherMemory {
  readonly asksAhead = true;
  readonly plan: MemoryPlan;
  private readonly tables: Float32Array[];
  private readonly places: Int32Array;
  private readonly batch: GatheredParts;

  /** @param batch rows per step */
  constructor(plan: MemoryPlan, batch: number, { recorded, rows }: RecordedRows) {
    this.plan = plan;
    this.places = rows;
    this.tables = plan.parts.map(({ part }) => recorded.find((known) => known.part === part)!.values);
    this.batch = new GatheredParts(plan.parts, batch);
  }

  get inputs(): LiveTensor[] {
    return this.batch.tensors;
  }

  forget(): void {
    // The table does not change.
  }

  prepare(rows: Int32Array): Promise<boolean> {
    this.batch.write(
      this.tables,
      rows.map((row) => this.places[row]!),
    );
    return Promise.resolve(true);
  }

  recall(): Trace {
    return this.batch.trace();
  }

  remember(): void {
    throw new Error('A recorded trace is not written to.');
  }

  dispose(): void {
    this.batch.dispose();
  }
}

/** Tables on the device; steps read and write their rows. */
class DeviceMemory implements TeacherMemory {
  readonly asksAhead = false;
  readonly plan: MemoryPlan;
  private readonly tables: LiveTensor[];
  private readonly known: Uint8Array;

  constructor(plan: MemoryPlan) {
    this.plan = plan;
    this.tables = plan.parts.map(({ shape }) => liveTensor([plan.images, ...shape]));
    this.known = new Uint8Array(plan.images);
  }

  get inputs(): LiveTensor[] {
    return this.tables;
  }

  forget(): void {
    this.known.fill(0);
  }

  prepare(rows: Int32Array): Promise<boolean> {
    const known = rows.every((row) => this.known[row] === 1);
    // The next step caches them.
    rows.forEach((row) => (this.known[row] = 1));
    return Promise.resolve(known);
  }

  recall(rows: Tensor1D): Trace {
    return traceOfParts(
      this.plan.parts,
      recall(
        rows,
        this.tables.map(({ tensor }) => tensor),
      ),
    );
  }

  remember(rows: Tensor1D, trace: Trace): void {
    const parts = this.plan.parts.map(({ part }) => partOf(trace, part));
    const tables = this.tables.map(({ tensor }) => tensor);
    remember(rows, parts, tables);
  }

  dispose(): void {
    this.tables.forEach((table) => table.dispose());
  }
}

/** Plain arrays; a batch is gathered before its step. The teacher also runs before the step, so that all steps read the cache. */
class ProcessorMemory implements TeacherMemory {
  readonly asksAhead = true;
  readonly plan: MemoryPlan;
  private shared: SharedTable | null;
  /** Null before the first step. */
  private table: TraceTable | null = null;
  private readonly batch: GatheredParts;

  constructor(plan: MemoryPlan, batch: number, shared: SharedTable | null) {
    this.plan = plan;
    this.shared = shared;
    this.batch = new GatheredParts(plan.parts, batch);
  }

  get inputs(): LiveTensor[] {
    return this.batch.tensors;
  }

  forget(): void {
    // What others share is of the teacher as it was.
    this.shared = null;
    this.table = this.emptyTable();
  }

  async prepare(poolRows: Int32Array, look: () => Trace): Promise<boolean> {
    const table = (this.table ??= await this.open());
    const { shared } = this;
    const rows = shared ? poolRows.map((row) => shared.rows[row]!) : poolRows;
    if (!rows.every((row) => table.known[row] === 1)) await this.ask(table, rows, look);
    this.batch.write(table.parts, rows);
    return true;
  }

  recall(): Trace {
    return this.batch.trace();
  }

  remember(): void {
    throw new Error('This cache is filled before the step.');
  }

  dispose(): void {
    this.batch.dispose();
  }

  private async open(): Promise<TraceTable> {
    const table = (await this.shared?.open()) ?? null;
    if (!table) this.shared = null;
    return table ?? this.emptyTable();
  }

  /** By rows of the pool. */
  private emptyTable(): TraceTable {
    const { images, parts } = this.plan;
    return {
      parts: parts.map(({ shape }) => new Float32Array(images * sizeOf(shape))),
      known: new Uint8Array(images),
    };
  }

  private async ask({ parts, known }: TraceTable, rows: Int32Array, look: () => Trace): Promise<void> {
    const said = tf.tidy(() => {
      const trace = look();
      return this.plan.parts.map(({ part }) => partOf(trace, part).clone());
    });
    const values = await Promise.all(said.map((tensor) => tensor.data<'float32'>()));
    tf.dispose(said);
    values.forEach((part, p) => {
      const size = part.length / rows.length;
      rows.forEach((row, i) => parts[p]!.set(part.subarray(i * size, (i + 1) * size), row * size));
    });
    rows.forEach((row) => (known[row] = 1));
  }
}
