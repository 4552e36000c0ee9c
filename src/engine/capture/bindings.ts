/**
 * Variables and the buffers that graphs know them by. `assign` gives a variable another data id, and with it another
 * buffer; a recorded step reads and writes one buffer for ever. Each variable that some graph knows has one binding,
 * shared by all graphs on it.
 */
import { tf } from '../tf';
import { engineInternals, flush, isWhole, rebind, unpinData, type Internals } from './internals';

export class Binding {
  readonly variable: tf.Variable;
  /** Graphs that need it. */
  holders = 0;
  private id: object;
  private readonly backend: Internals;

  constructor(backend: Internals, variable: tf.Variable) {
    this.backend = backend;
    this.variable = variable;
    this.id = variable.dataId;
    backend.pin(this.id);
  }

  get dataId(): object {
    return this.id;
  }

  /** Of the variable's numbers; filled first if they were on the CPU alone. */
  get buffer(): GPUBuffer {
    this.backend.uploadToGPU(this.id);
    return this.backend.tensorMap.get(this.id).resource!;
  }

  /** Numbers read back earlier are cached on the CPU; after a replay they are old. */
  forgetValues(): void {
    const data = this.backend.tensorMap.get(this.id);
    if (data.resource) data.values = null;
  }

  /** What the variable was assigned since is made the content of its buffer. To be called before each replay. */
  settle(): void {
    const { backend, variable } = this;
    const isHome = variable.dataId === this.id;
    // One reference is the pin.
    if (backend.refCount(this.id) > (isHome ? 2 : 1)) this.separate(isHome);
    if (variable.dataId !== this.id && !variable.isDisposed) this.bringHome();
  }

  /** The variable stands for its buffer again, whatever was assigned while recording. */
  restore(): void {
    if (this.variable.dataId !== this.id && !this.variable.isDisposed)
      rebind(this.backend, this.variable, this.id);
  }

  release(): void {
    unpinData(this.backend, this.id);
  }

  /**
   * Others share the data (a clone kept as snapshot, a variable assigned from this one) and must not see it change:
   * they keep the id, with a copy behind it, and the buffer goes on under an id of its own.
   */
  private separate(isHome: boolean): void {
    const { backend, variable } = this;
    const { buffer, id } = this;
    const shared = backend.tensorMap.get(id);
    const fresh = backend.write(null as never, shared.shape, shared.dtype);
    backend.uploadToGPU(fresh);
    const data = backend.tensorMap.get(fresh);
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder!.copyBufferToBuffer(buffer, 0, data.resource!, 0, data.resource!.size);
    flush(backend);
    if (!shared.external) [shared.resource, data.resource] = [data.resource, shared.resource];
    this.id = fresh;
    // The id came with one reference, which becomes the pin.
    backend.pin(fresh);
    backend.decRef(fresh);
    if (isHome) rebind(backend, variable, fresh);
    unpinData(backend, id);
  }

  private bringHome(): void {
    const { backend, variable, buffer } = this;
    const home = backend.tensorMap.get(this.id);
    // Such a cast changes only the label, and the buffer's readers expect the other type.
    if (isWhole(backend.tensorMap.get(variable.dataId).dtype) !== isWhole(home.dtype))
      tf.tidy(() => variable.assign(tf.mul(variable, 1)));
    backend.uploadToGPU(variable.dataId);
    const source = backend.tensorMap.get(variable.dataId).resource!;
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder!.copyBufferToBuffer(source, 0, buffer, 0, buffer.size);
    rebind(backend, variable, this.id);
  }
}

const tables = new WeakMap<Internals, Map<tf.Variable, Binding>>();

function tableOf(backend: Internals): Map<tf.Variable, Binding> {
  let table = tables.get(backend);
  if (!table) tables.set(backend, (table = new Map<tf.Variable, Binding>()));
  return table;
}

/** Bindings of all variables whose data is on this backend, settled; each to be released by `releaseBindings`. */
export function bindAll(backend: Internals): Binding[] {
  const engine = engineInternals();
  const table = tableOf(backend);
  const here = Object.values(engine.registeredVariables).filter(
    ({ dataId }) => engine.state.tensorInfo.get(dataId)?.backend === backend,
  );
  return here.map((variable) => {
    let binding = table.get(variable);
    if (!binding) table.set(variable, (binding = new Binding(backend, variable)));
    binding.holders++;
    binding.settle();
    return binding;
  });
}

export function releaseBindings(backend: Internals, bindings: readonly Binding[]): void {
  for (const binding of bindings) {
    if (--binding.holders > 0) continue;
    tableOf(backend).delete(binding.variable);
    binding.release();
  }
}
