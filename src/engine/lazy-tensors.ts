/**
 * Tensors that are not computed yet. A kernel whose result often meets a small op next (a convolution and its bias, a
 * sum and its ReLU) is put off until somebody looks at the result; the small op then becomes a step at the end of that
 * kernel and costs neither a dispatch nor a trip through memory. What nobody looks at is never computed: networks may
 * expose what few hints want.
 */
import type { tf } from './tf';
import type { RawKernel } from './webgpu-backend';

/** What is done to each number of a kernel's result before it is stored; its own tensors in brackets. */
export type Step =
  /** max(v, 0) */
  | 'relu'
  /** v + other [same shape] */
  | 'plus'
  /** v where other is positive, else 0 [same shape] */
  | 'mask'
  /** v * factor [one number] */
  | 'times'
  /** v / divisor [one number] */
  | 'over'
  /** v + bias [C] */
  | 'bias'
  /** Batch normalisation with given numbers: scale, offset, mean, variance [each C] */
  | 'normalise';

/** @param place of the first result, if it is `placeable`: then it goes there */
type Kernel = (steps: readonly Step[], place?: Place) => RawKernel;

/** A vector's place as a column of a matrix: its numbers are so many apart, the first one at `column`. */
export interface Place {
  column: number;
  columns: number;
}

export interface LazyTensor {
  /** The kernel's tensors in binding order. Kept alive until it is computed or dropped, as are those of the steps. */
  inputs: readonly tf.TensorInfo[];
  steps: readonly { step: Step; tensors: readonly tf.TensorInfo[] }[];
  /** Its last axis, as the kernel sees it. */
  channels: number;
  /** The kernel adds up so many parts of its only input, which whoever looks may do himself if there are no steps. */
  partials?: number;
  /** The kernel's results are the columns of its only input, which whoever looks may read there. */
  columns?: boolean;
  /** The kernel with these steps at its end. */
  kernel: Kernel;
  /** The kernel can store its first result as a column of something larger. */
  placeable?: boolean;
  /** It is a sum of terms, to which those of another sum with the same key may be added. */
  sum?: { key: unknown; terms: readonly unknown[]; of: (terms: readonly unknown[]) => LazyTensor };
  /**
   * A kernel that computes another pending tensor on the way (with whatever comes out beside that), and writes its
   * numbers after the own ones: used if that one is still to be computed.
   */
  ahead?: Pick<LazyTensor, 'inputs' | 'kernel'> & { of: tf.TensorInfo };
}

/** Buffers that the larger of its kernels binds. */
export function buffersOf({ inputs, steps, ahead }: LazyTensor): number {
  const own = steps.reduce((sum, { tensors }) => sum + tensors.length, 0);
  // Nothing comes out beside another tensor in more than two pieces.
  return own + Math.max(inputs.length + 1, ahead ? ahead.inputs.length + 4 : 0);
}

/** The part of the backend that computes. */
interface Computer {
  incRef(id: object): void;
  disposeData(id: object): boolean;
  runRaw(
    kernel: RawKernel,
    tensors: readonly { tensor: tf.TensorInfo; access: 'read' | 'read_write' }[],
    outputs: readonly (tf.TensorInfo | readonly number[])[],
  ): tf.TensorInfo[];
}

interface Entry {
  into: tf.TensorInfo;
  pending: LazyTensor;
  /** What comes out beside it. */
  others: readonly tf.TensorInfo[];
}

export class LazyTensors {
  private readonly entries = new Map<object, Entry>();
  /** What comes out beside others, and beside which; each holds that other one. */
  private readonly leaders = new Map<object, tf.TensorInfo>();
  private readonly backend: Computer;
  private readonly forget: (id: object) => void;

  /** @param forget closes the engine's books on data whose last holder was a pending tensor */
  constructor(backend: Computer, forget: (id: object) => void) {
    this.backend = backend;
    this.forget = forget;
  }

  has(id: object): boolean {
    return this.entries.has(id) || this.leaders.has(id);
  }

  get(id: object): LazyTensor | undefined {
    return this.entries.get(id)?.pending;
  }

  /** @param into has no buffer yet, as have the `others`, which its kernel writes after it */
  add(into: tf.TensorInfo, pending: LazyTensor, others: readonly tf.TensorInfo[] = []): void {
    const settled = {
      ...pending,
      inputs: pending.inputs.map(settle),
      steps: pending.steps.map(({ step, tensors }) => ({ step, tensors: tensors.map(settle) })),
      ...(pending.ahead && { ahead: { ...pending.ahead, inputs: pending.ahead.inputs.map(settle) } }),
    };
    for (const { dataId } of heldBy(settled)) this.backend.incRef(dataId);
    this.entries.set(into.dataId, { into, pending: settled, others });
    for (const { dataId } of others) {
      this.leaders.set(dataId, into);
      this.backend.incRef(into.dataId);
    }
  }

  /** Computes it now, if it is one. */
  compute(id: object): void {
    const entry = this.take(this.leaders.get(id)?.dataId ?? id);
    if (!entry) return;
    const { inputs, kernel, ahead } = entry.pending;
    const { names, extra } = this.stepsOf(entry.pending);
    const first = ahead && this.take(ahead.of.dataId);
    if (first) this.run(ahead!.kernel(names), [...ahead!.inputs, ...extra], [entry, first]);
    else this.run(kernel(names), [...inputs, ...extra], [entry]);
  }

  /** Where its numbers are, if it is a column that nobody has looked at yet. */
  columnOf(id: object): (Place & { of: tf.TensorInfo }) | undefined {
    const leader = this.leaders.get(id)?.dataId ?? id;
    const entry = this.entries.get(leader);
    if (!entry?.pending.columns) return undefined;
    const all = [entry.into, ...entry.others].map(({ dataId }) => dataId);
    return { of: entry.pending.inputs[0]!, column: all.indexOf(id), columns: all.length };
  }

  /**
   * Computes it into a column of `target`, if it is one that can be. It itself is still to be computed then, for others
   * who look.
   */
  place(id: object, target: tf.TensorInfo, place: Place): boolean {
    const entry = this.entries.get(id);
    if (!entry?.pending.placeable) return false;
    const { inputs, kernel, ahead } = entry.pending;
    const { names, extra } = this.stepsOf(entry.pending);
    const first = ahead && this.take(ahead.of.dataId);
    const [run, of] = first ? [ahead.kernel, ahead.inputs] : [kernel, inputs];
    this.run(run(names, place), [...of, ...extra], first ? [first] : [], target);
    return true;
  }

  /** It is gone without having been looked at. */
  drop(id: object): void {
    const leader = this.leaders.get(id);
    this.leaders.delete(id);
    if (leader) this.release([leader]);
    const entry = this.take(id);
    if (entry) this.release(heldBy(entry.pending));
  }

  /** Computes what reads this data, which is about to change. */
  computeReadersOf(id: object): void {
    for (const [reader, { pending }] of [...this.entries])
      if (heldBy(pending).some(({ dataId }) => dataId === id)) this.compute(reader);
  }

  computeAll(): void {
    for (const id of [...this.entries.keys()]) this.compute(id);
  }

  /** Names and tensors of the steps; they are computed where they might come of what is computed ahead. */
  private stepsOf({ steps, ahead }: LazyTensor): { names: Step[]; extra: tf.TensorInfo[] } {
    const extra = steps.flatMap(({ tensors }) => tensors);
    // As in a batch norm plus a convolution of it.
    if (ahead) for (const { dataId } of extra) this.compute(dataId);
    return { names: steps.map(({ step }) => step), extra };
  }

  private take(id: object): Entry | undefined {
    const entry = this.entries.get(id);
    this.entries.delete(id);
    return entry;
  }

  /** @param target is written in place, before what is made */
  private run(
    kernel: RawKernel,
    inputs: readonly tf.TensorInfo[],
    made: readonly Entry[],
    target?: tf.TensorInfo,
  ): void {
    const outputs = made.flatMap(({ into, others }) => [into, ...others]);
    const followers = outputs.filter(({ dataId }) => this.leaders.has(dataId));
    // What nobody holds any more is computed all the same, since the kernel writes it.
    const leaders = made.map(({ into }) => into);
    const wanted = (output: tf.TensorInfo) => leaders.includes(output) || followers.includes(output);
    const held = followers.map(({ dataId }) => this.leaders.get(dataId)!);
    for (const { dataId } of followers) this.leaders.delete(dataId);
    const results = this.backend.runRaw(
      kernel,
      [
        ...inputs.map((tensor) => ({ tensor, access: 'read' as const })),
        ...(target ? [{ tensor: target, access: 'read_write' as const }] : []),
      ],
      outputs.map((output) => (wanted(output) ? output : output.shape)),
    );
    this.release(results.filter((_, n) => !wanted(outputs[n]!)));
    this.release([...held, ...made.flatMap(({ pending }) => heldBy(pending))]);
  }

  private release(tensors: readonly tf.TensorInfo[]): void {
    for (const { dataId } of tensors) if (this.backend.disposeData(dataId)) this.forget(dataId);
  }
}

function heldBy({ inputs, steps, ahead }: LazyTensor): tf.TensorInfo[] {
  return [...inputs, ...(ahead?.inputs ?? []), ...steps.flatMap(({ tensors }) => tensors)];
}

/** The data behind a tensor now: a variable stands for other data after its next assignment. */
export function settle({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  return { dataId, shape, dtype };
}
