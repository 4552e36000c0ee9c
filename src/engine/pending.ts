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
  /** v + bias [C] */
  | 'bias'
  /** Batch normalisation with given numbers: scale, offset, mean, variance [each C] */
  | 'normalise';

export interface Pending {
  /** The kernel's tensors in binding order, then those of the steps. Kept alive until it is computed or dropped. */
  inputs: readonly tf.TensorInfo[];
  steps: readonly Step[];
  /** Its last axis, as the kernel sees it. */
  channels: number;
  /** The kernel with these steps at its end. */
  kernel: (steps: readonly Step[]) => RawKernel;
}

/** The part of the backend that computes. */
interface Computer {
  incRef(id: object): void;
  disposeData(id: object): boolean;
  runRaw(
    kernel: RawKernel,
    tensors: readonly { tensor: tf.TensorInfo; access: 'read' }[],
    outputs: readonly tf.TensorInfo[],
  ): unknown;
}

export class PendingTensors {
  private readonly byId = new Map<object, { into: tf.TensorInfo; pending: Pending }>();
  private readonly backend: Computer;
  private readonly forget: (id: object) => void;

  /** @param forget closes the engine's books on data whose last holder was a pending tensor */
  constructor(backend: Computer, forget: (id: object) => void) {
    this.backend = backend;
    this.forget = forget;
  }

  get(id: object): Pending | undefined {
    return this.byId.get(id)?.pending;
  }

  /** @param into has no buffer yet */
  add(into: tf.TensorInfo, pending: Pending): void {
    for (const { dataId } of pending.inputs) this.backend.incRef(dataId);
    // A variable among the inputs stands for other data after the next assignment.
    const inputs = pending.inputs.map(({ dataId, shape, dtype }) => ({ dataId, shape, dtype }));
    this.byId.set(into.dataId, { into, pending: { ...pending, inputs } });
  }

  /** Computes it now, if it is one. */
  compute(id: object): void {
    const entry = this.byId.get(id);
    if (!entry) return;
    this.byId.delete(id);
    const { inputs, kernel, steps } = entry.pending;
    this.backend.runRaw(
      kernel(steps),
      inputs.map((tensor) => ({ tensor, access: 'read' })),
      [entry.into],
    );
    this.release(entry.pending);
  }

  /** It is gone without having been looked at. */
  drop(id: object): void {
    const entry = this.byId.get(id);
    if (!entry) return;
    this.byId.delete(id);
    this.release(entry.pending);
  }

  /** Computes what reads this data, which is about to change. */
  computeReadersOf(id: object): void {
    for (const [reader, { pending }] of [...this.byId])
      if (pending.inputs.some(({ dataId }) => dataId === id)) this.compute(reader);
  }

  computeAll(): void {
    for (const id of [...this.byId.keys()]) this.compute(id);
  }

  private release({ inputs }: Pending): void {
    for (const { dataId } of inputs) if (this.backend.disposeData(dataId)) this.forget(dataId);
  }
}
