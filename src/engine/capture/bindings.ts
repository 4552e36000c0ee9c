/**
 * Connects variables with the buffers that graphs use for them. `assign` gives a variable another data id, and with
 * it another buffer; a recorded step always reads and writes the same buffer. Each variable that a graph uses has one
 * binding, shared by all graphs on it.
 */
import { tf } from '../tf';
import { engineInternals, flush, isWhole, rebind, unpinData, type Internals } from './internals';

export class Binding {
  readonly variable: tf.Variable;
  /** Number of graphs that use it. */
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

  /** Buffer of the variable's numbers; uploaded first if they were on the CPU only. */
  get buffer(): GPUBuffer {
    this.backend.uploadToGPU(this.id);
    return this.backend.tensorMap.get(this.id).resource!;
  }

  /** Discards the CPU copy of earlier reads, which a replay makes outdated. */
  forgetValues(): void {
    const data = this.backend.tensorMap.get(this.id);
    if (data.resource) data.values = null;
  }

  /** Copies what the variable was assigned since into its buffer. Call before each replay. */
  settle(): void {
    const { backend, variable } = this;
    const isHome = variable.dataId === this.id;
    // One reference is the pin.
    if (backend.refCount(this.id) > (isHome ? 2 : 1)) this.separate(isHome);
    if (variable.dataId !== this.id && !variable.isDisposed) this.bringHome();
  }

  /** Points the variable to its buffer again, whatever was assigned while recording. */
  restore(): void {
    if (this.variable.dataId !== this.id && !this.variable.isDisposed)
      rebind(this.backend, this.variable, this.id);
  }

  release(): void {
    unpinData(this.backend, this.id);
  }

  /**
   * Other tensors share the data (a clone kept as snapshot, a variable assigned from this one) and must not see it
   * change. They keep the id, with a copy behind it; the buffer gets a new id.
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
    // The new id has one reference, which the pin replaces.
    backend.pin(fresh);
    backend.decRef(fresh);
    if (isHome) rebind(backend, variable, fresh);
    unpinData(backend, id);
  }

  private bringHome(): void {
    const { backend, variable, buffer } = this;
    const home = backend.tensorMap.get(this.id);
    // A cast from int32 or bool changes only the label, and the buffer's readers expect the other type.
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

/** Bindings of all variables with data on this backend, settled; each must be released by `releaseBindings`. */
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
