/**
 * Lazily computed tensors. A kernel whose result is often followed by a small op (a convolution and its bias, a sum
 * and its ReLU) is postponed until the result is read. The small op then becomes a step at the end of that kernel and
 * needs neither a dispatch nor a memory round trip. Results that are never read are never computed, such as maps that
 * no hint uses.
 */
import type { tf } from './tf';
import type { RawKernel } from './webgpu-backend';

/** An elementwise step applied to a kernel's result before it is stored; operands in brackets. */
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
  /** Batch normalisation with given scale, offset, mean, variance [each C] */
  | 'normalise';

/** @param place where to store the first result, if the kernel is `placeable` */
type Kernel = (steps: readonly Step[], place?: Place) => RawKernel;

/** A vector as a column of a row-major matrix: stride `columns`, first number at `column`. */
export interface Place {
  column: number;
  columns: number;
}

export interface LazyTensor {
  /**
   * The kernel's tensors in binding order. They and those of the steps are kept alive until it is computed or
   * dropped.
   */
  inputs: readonly tf.TensorInfo[];
  steps: readonly { step: Step; tensors: readonly tf.TensorInfo[] }[];
  /** Size of its last axis, as the kernel sees it. */
  channels: number;
  /**
   * The kernel adds up this many partial sums of its only input. If there are no steps, a reader may add them itself.
   */
  partials?: number;
  /** The kernel's results are the columns of its only input; a reader may read them there. */
  columns?: boolean;
  /** It is what a layer puts out, and may lie in half precision: see `half-maps.ts`. */
  isMap?: boolean;
  /** Makes the kernel with these steps at its end. */
  kernel: Kernel;
  /** The kernel can store its first result as a column of a larger tensor. */
  placeable?: boolean;
  /** It is a sum of terms; the terms of another sum with the same key can be added to it. */
  sum?: { key: unknown; terms: readonly unknown[]; of: (terms: readonly unknown[]) => LazyTensor };
  /**
   * A kernel that also computes another lazy tensor (with that one's further outputs) and writes it after its own
   * results. Used if the other one is not computed yet.
   */
  ahead?: Pick<LazyTensor, 'inputs' | 'kernel'> & { of: tf.TensorInfo };
}

/** Number of buffers that the larger of its kernels binds. */
export function buffersOf({ inputs, steps, ahead }: LazyTensor): number {
  const own = steps.reduce((sum, { tensors }) => sum + tensors.length, 0);
  // A kernel with another lazy tensor writes at most two further outputs of it.
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
  /** Further outputs of the same kernel. */
  others: readonly tf.TensorInfo[];
}

export class LazyTensors {
  private readonly entries = new Map<object, Entry>();
  /** Maps further outputs to the first output of their kernel, to which each holds a reference. */
  private readonly leaders = new Map<object, tf.TensorInfo>();
  private readonly backend: Computer;
  private readonly forget: (id: object) => void;

  /** @param forget removes data from the engine's books when a lazy tensor held the last reference */
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

  /** @param into has no buffer yet; neither have the `others`, which its kernel writes after it */
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

  /** Computes the tensor now, if it is lazy. */
  compute(id: object): void {
    const entry = this.take(this.leaders.get(id)?.dataId ?? id);
    if (!entry) return;
    const { inputs, kernel, ahead } = entry.pending;
    const { names, extra } = this.stepsOf(entry.pending);
    const first = ahead && this.take(ahead.of.dataId);
    if (first) this.run(ahead!.kernel(names), [...ahead!.inputs, ...extra], [entry, first]);
    else this.run(kernel(names), [...inputs, ...extra], [entry]);
  }

  /** The matrix and column that hold its numbers, if it is a lazy column. */
  columnOf(id: object): (Place & { of: tf.TensorInfo }) | undefined {
    const leader = this.leaders.get(id)?.dataId ?? id;
    const entry = this.entries.get(leader);
    if (!entry?.pending.columns) return undefined;
    const all = [entry.into, ...entry.others].map(({ dataId }) => dataId);
    return { of: entry.pending.inputs[0]!, column: all.indexOf(id), columns: all.length };
  }

  /** Computes the tensor into a column of `target`, if possible. It stays lazy for other readers. */
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

  /** Removes a tensor that was disposed before it was computed. */
  drop(id: object): void {
    const leader = this.leaders.get(id);
    this.leaders.delete(id);
    if (leader) this.release([leader]);
    const entry = this.take(id);
    if (entry) this.release(heldBy(entry.pending));
  }

  /** Computes the lazy tensors that read this data, which is about to change. */
  computeReadersOf(id: object): void {
    for (const [reader, { pending }] of [...this.entries])
      if (heldBy(pending).some(({ dataId }) => dataId === id)) this.compute(reader);
  }

  computeAll(): void {
    for (const id of [...this.entries.keys()]) this.compute(id);
  }

  /** Names and tensors of the steps. Their tensors are computed first if they may depend on what `ahead` computes. */
  private stepsOf({ steps, ahead }: LazyTensor): { names: Step[]; extra: tf.TensorInfo[] } {
    const extra = steps.flatMap(({ tensors }) => tensors);
    // As in the sum of a batch norm and a convolution of it.
    if (ahead) for (const { dataId } of extra) this.compute(dataId);
    return { names: steps.map(({ step }) => step), extra };
  }

  private take(id: object): Entry | undefined {
    const entry = this.entries.get(id);
    this.entries.delete(id);
    return entry;
  }

  /** @param target is written in place, before the new tensors */
  private run(
    kernel: RawKernel,
    inputs: readonly tf.TensorInfo[],
    made: readonly Entry[],
    target?: tf.TensorInfo,
  ): void {
    const outputs = made.flatMap(({ into, others }) => [into, ...others]);
    const followers = outputs.filter(({ dataId }) => this.leaders.has(dataId));
    // Outputs without a reader are computed too, because the kernel writes them.
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

/** The data behind a tensor now; a variable refers to other data after its next assignment. */
export function settle({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
  return { dataId, shape, dtype };
}
