/**
 * Connects variables with the memory that plans use for them. `assign` gives a variable another data id, and with it other
 * memory; a plan always reads and writes the same. Each variable that a plan uses has one binding, shared by all plans on it.
 */
import { engineInternals } from '../../capture/internals';
import { tf } from '../../tf';
import { changed, pin, pinsOf, unpin, type WasmBackend } from '../launch';

export class Binding {
  readonly variable: tf.Variable;
  /** Where its numbers are whenever a plan runs. */
  readonly pointer: number;
  /** Number of plans that use it. */
  holders = 0;
  private id: object;
  private readonly backend: WasmBackend;

  constructor(backend: WasmBackend, variable: tf.Variable) {
    this.backend = backend;
    this.variable = variable;
    this.id = variable.dataId;
    this.pointer = backend.dataIdMap.get(this.id).memoryOffset;
    pin(backend, this.id);
  }

  /** Data id of what lies at `pointer`; another one after others have kept the former (`settle`). */
  get dataId(): object {
    return this.id;
  }

  /** Copies what the variable was assigned since to where plans look for it. Call before each replay. */
  settle(): void {
    const { backend, variable } = this;
    const isHome = variable.dataId === this.id;
    if (backend.refCount(this.id) - pinsOf(this.id) > (isHome ? 1 : 0)) this.separate(isHome);
    if (!isHome && !variable.isDisposed) this.bringHome();
  }

  /** Points the variable home again, whatever was assigned while recording. */
  restore(): void {
    if (this.variable.dataId !== this.id && !this.variable.isDisposed) rebind(this.variable, this.id);
  }

  release(): void {
    unpin(this.backend, this.id);
  }

  /**
   * Other tensors share the data (a clone kept as snapshot, a variable assigned from this one) and must not see it change.
   * They keep the id, with a copy behind it; what lies at `pointer` gets a new id.
   */
  private separate(isHome: boolean): void {
    const { backend, variable, pointer } = this;
    const shared = backend.dataIdMap.get(this.id);
    const bytes = 4 * variable.size;
    const copy = backend.wasm._malloc(bytes) >>> 0;
    const heap = new Uint8Array(backend.wasm.asm.memory.buffer);
    heap.copyWithin(copy, pointer, pointer + bytes);
    shared.memoryOffset = copy;
    changed(backend, { dataId: this.id, shape: variable.shape, dtype: variable.dtype });
    const fresh = backend.makeOutput(variable.shape, variable.dtype as 'float32', pointer).dataId;
    const former = this.id;
    this.id = fresh;
    // The new id has one reference, which the pin replaces.
    pin(backend, fresh);
    backend.disposeData(fresh);
    if (isHome) rebind(variable, fresh);
    unpin(backend, former);
  }

  private bringHome(): void {
    const { backend, variable, pointer } = this;
    const { memoryOffset } = backend.dataIdMap.get(variable.dataId);
    const heap = new Uint8Array(backend.wasm.asm.memory.buffer);
    heap.copyWithin(pointer, memoryOffset, memoryOffset + 4 * variable.size);
    rebind(variable, this.id);
    changed(backend, variable);
  }
}

/** Makes a variable refer to other data, as `assign` does. */
function rebind(variable: tf.Variable, id: object): void {
  const engine = engineInternals();
  engine.disposeTensor(variable);
  variable.dataId = id;
  engine.incRef(variable, tf.backend());
}

const table = new Map<tf.Variable, Binding>();

/** Bindings of all variables on the backend, settled; each must be released by `releaseBindings`. */
export function bindAll(backend: WasmBackend): Binding[] {
  const engine = engineInternals();
  const here = Object.values(engine.registeredVariables).filter(
    ({ dataId, dtype }) =>
      engine.state.tensorInfo.get(dataId)?.backend === backend && (dtype === 'float32' || dtype === 'int32'),
  );
  return here.map((variable) => {
    let binding = table.get(variable);
    if (!binding) table.set(variable, (binding = new Binding(backend, variable)));
    binding.holders++;
    binding.settle();
    return binding;
  });
}

export function releaseBindings(bindings: readonly Binding[]): void {
  for (const binding of bindings) {
    if (--binding.holders > 0) continue;
    table.delete(binding.variable);
    binding.release();
  }
}
