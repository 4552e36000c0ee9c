/** A recorded step on WebAssembly: a list of kernels with pointers, run without TensorFlow.js between them. */
import { engineInternals } from '../../capture/internals';
import type { Outputs, RecordedStep } from '../../capture/recorded-step';
import type { tf } from '../../tf';
import { changed, notePacked, unpin, type WasmBackend } from '../launch';
import { teamOf } from '../threads/teams';
import { releaseBindings } from './bindings';
import type { Trace, TracedOutput } from './entries';
import { forgetData } from './trace';

export class WasmPlan implements RecordedStep {
  readonly uncompiled = 0;
  readonly uncompiledShaders: string[] = [];
  readonly dispatches: number;
  readonly copies: number;
  readonly suspects: RecordedStep['suspects'];
  readonly shaders: ReadonlySet<string>;
  private readonly trace: Trace;
  private readonly hasStock: boolean;
  private isDisposed = false;

  constructor(trace: Trace) {
    const { entries, outputs, suspects } = trace;
    const names = entries.flatMap((entry) => ('name' in entry ? [entry.name] : []));
    const copies = names.filter((name) => name === 'copy').length;
    this.trace = trace;
    this.suspects = suspects;
    this.shaders = new Set(names);
    this.dispatches = names.length - copies;
    this.copies = copies + outputs.length;
    this.hasStock = entries.some((entry) => 'kernelFunc' in entry);
  }

  get bytes(): number {
    return this.trace.arena.bytes;
  }

  /** Nothing is to be compiled. */
  async prepare(): Promise<void> {}

  /** A step has ended when `replay` returns. */
  async room(): Promise<void> {}

  replay(): Promise<Outputs> {
    if (this.isDisposed) throw new Error('This recorded step was disposed.');
    const { backend, bindings, outputs } = this.trace;
    for (const binding of bindings) binding.settle();
    const results = this.hasStock ? new Results(backend) : null;
    try {
      this.runAll(results);
    } finally {
      results?.leave();
    }
    return Promise.resolve(
      Object.fromEntries(outputs.map((output) => [output.name, numbersOf(backend, output)])),
    );
  }

  sameAs(other: RecordedStep): boolean {
    if (!(other instanceof WasmPlan) || other.trace.backend !== this.trace.backend) return false;
    const [own, others] = [this.trace.signature, other.trace.signature];
    return own.length === others.length && own.every((line, n) => line === others[n]);
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    const { backend, bindings, pinned, made, arena } = this.trace;
    releaseBindings(bindings);
    for (const id of pinned) unpin(backend, id);
    for (const id of made) forgetData(backend, id);
    arena.destroy();
  }

  private runAll(results: Results | null): void {
    const { backend, entries } = this.trace;
    const team = teamOf(backend);
    for (const entry of entries) {
      if ('operands' in entry) {
        if (team && entry.job) team.run(entry.job);
        else entry.kernel(...entry.operands);
      } else if ('changed' in entry) changed(backend, entry.changed);
      else {
        for (const input of entry.packed) changed(backend, input);
        notePacked(backend, entry.packed);
        results!.next(entry.made);
        entry.kernelFunc(entry.call);
      }
    }
  }
}

/** Hands kernels of the backend's the results that they made while they were recorded, in place of new ones. */
class Results {
  private readonly backend: WasmBackend;
  private made: readonly tf.TensorInfo[] = [];
  private taken = 0;
  /** Own properties of the instance hide the methods of its class. */
  private readonly methods: Partial<WasmBackend>;

  constructor(backend: WasmBackend) {
    this.backend = backend;
    this.methods = {
      makeOutput: (_shape, _dtype, _offset, values) => {
        // A new one for each replay: some kernels change the shape of what they were given.
        const info = { ...this.made[this.taken++]! };
        if (values) {
          const given = values as Float32Array;
          const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
          const { memoryOffset } = backend.dataIdMap.get(info.dataId);
          new Uint8Array(backend.wasm.asm.memory.buffer).set(bytes, memoryOffset);
        }
        return info;
      },
      // What a kernel makes and disposes by the way stays for the next replay.
      disposeData: () => true,
      incRef: () => undefined,
    };
    Object.assign(backend, this.methods);
  }

  next(made: readonly tf.TensorInfo[]): void {
    this.made = made;
    this.taken = 0;
  }

  leave(): void {
    for (const name of Object.keys(this.methods))
      delete (this.backend as unknown as Record<string, unknown>)[name];
  }
}

function numbersOf(backend: WasmBackend, { pointer, size, dtype }: TracedOutput): Float32Array {
  const { buffer } = backend.wasm.asm.memory;
  if (dtype === 'int32') return Float32Array.from(new Int32Array(buffer, pointer, size));
  if (dtype === 'bool') return Float32Array.from(new Uint8Array(buffer, pointer, size));
  return new Float32Array(buffer, pointer, size).slice();
}

/** Names of internals of TensorFlow.js that differ from what recording expects; none with the pinned version. */
export function missingOnWasm(backend: WasmBackend): string[] {
  const engine = engineInternals();
  const checks: [string, boolean][] = [
    ...(['move', 'makeOutput', 'disposeData', 'incRef', 'read', 'readSync'] as const).map(
      (name): [string, boolean] => [name, typeof backend[name] === 'function'],
    ),
    ...(['trackTensor', 'disposeTensor', 'incRef', 'removeDataId'] as const).map(
      (name): [string, boolean] => [name, typeof engine[name] === 'function'],
    ),
    ['dataIdNextNumber', typeof backend.dataIdNextNumber === 'number'],
    ['dataIdMap', typeof backend.dataIdMap?.delete === 'function'],
    ['memory', backend.wasm?.asm?.memory instanceof WebAssembly.Memory],
    ['registeredVariables', typeof engine.registeredVariables === 'object'],
  ];
  return checks.filter(([, holds]) => !holds).map(([name]) => name);
}
