/**
 * Runs a step once without executing it: what it would compute becomes a list of kernels with pointers. Our kernels are not
 * called; those of the backend lay out their results, with the functions of its binary kept still (`makeRecordable`).
 */
import { CannotCapture } from '../../capture/cannot-capture';
import { engineInternals } from '../../capture/internals';
import { whileRecording } from '../../capture/recording-state';
import { hashOf, hashWords } from '../../capture/signature';
import type { Suspect } from '../../capture/trace';
import { tf } from '../../tf';
import {
  kernelsOf,
  packs,
  pin,
  recordTo,
  unpin,
  type KernelName,
  type Operand,
  type WasmBackend,
} from '../launch';
import { Arena } from './arena';
import { bindAll, releaseBindings, type Binding } from './bindings';
import type { Call, Entry, OwnEntry, Trace, TracedOutput } from './entries';
import { layJobs } from './jobs';
import { fuseRelus, reluPair, type ReluPair } from './relu-fusion';

/** The backend reads parts too, which the core's type does not say. */
type ReadSync = (id: object, start?: number, end?: number) => tf.BackendValues;

/** Larger constants are reported: they may be unseeded noise, or a batch that is not a live tensor. */
const suspiciousBytes = 256;

/** Kernels whose results have shapes that depend on numbers. */
const ofNumbers = new Set([
  'SparseFillEmptyRows',
  'SparseReshape',
  'SparseSegmentMean',
  'SparseSegmentSum',
  'Unique',
]);

/** Names of data that is not a plan's own, equal in every recording. */
const names = new WeakMap<object, number>();
let named = 0;

/**
 * @param live data ids of the live tensors
 * @throws CannotCapture, with the state unchanged
 */
export function traceOnWasm(
  backend: WasmBackend,
  step: () => Record<string, tf.Tensor>,
  live: ReadonlySet<object>,
): Trace {
  return whileRecording(() => new Tracer(backend, live).run(step));
}

class Tracer {
  private readonly backend: WasmBackend;
  private readonly live: ReadonlySet<object>;
  private readonly arena: Arena;
  private readonly all: readonly Binding[];
  private readonly bound: ReadonlyMap<object, Binding>;
  private readonly known: ReadonlySet<tf.Tensor>;
  private readonly entries: Entry[] = [];
  private readonly signature: string[] = [];
  private readonly used = new Set<Binding>();
  private readonly pinned = new Set<object>();
  private readonly suspects: Suspect[] = [];
  /** Data of the step, and of it what was disposed and what holds a constant. */
  private readonly made = new Set<object>();
  private readonly dead = new Set<object>();
  private readonly constants = new Set<object>();
  private readonly tensors = new Set<tf.Tensor>();
  /** What the kernel that is running has made; null between kernels. */
  private making: tf.TensorInfo[] | null = null;
  /** Operands that stand for scratch memory, whose size is known at the end. */
  private readonly scratches: { operands: number[]; place: number }[] = [];
  private scratchBytes = 0;
  /** How many operands and outputs are of each of the step's data. */
  private readonly mentions = new Map<object, number>();
  private readonly relus: ReluPair[] = [];
  private refusal: CannotCapture | null = null;

  constructor(backend: WasmBackend, live: ReadonlySet<object>) {
    this.backend = backend;
    this.live = live;
    this.arena = new Arena(backend);
    this.all = bindAll(backend);
    this.bound = new Map(this.all.map((binding) => [binding.dataId, binding]));
    this.known = new Set(Object.values(engineInternals().registeredVariables));
  }

  run(step: () => Record<string, tf.Tensor>): Trace {
    const leave = this.interpose();
    let outputs: TracedOutput[] | null = null;
    try {
      tf.tidy(() => {
        const results = step();
        if (this.refusal) throw this.refusal;
        // Before tidy releases the tensors' memory.
        outputs = this.finish(results);
      });
      fuseRelus(
        this.entries,
        this.relus,
        (between) => this.dead.has(between) && this.mentions.get(between) === 2,
      );
      this.layScratch();
      layJobs(this.backend, this.arena, this.entries, this.scratchBytes);
      this.keepSurvivors();
    } catch (error) {
      outputs = null;
      this.clear();
      // An op may have replaced the refusal by another error.
      throw this.refusal ?? error;
    } finally {
      leave();
      releaseBindings(this.all.filter((binding) => outputs === null || !this.used.has(binding)));
    }
    const { backend, arena, entries, signature, suspects } = this;
    return {
      ...{ backend, arena, entries, signature, suspects },
      outputs: outputs!,
      bindings: [...this.used],
      pinned: [...this.pinned],
      made: [...this.dead],
    };
  }

  /** Enters recording mode; the returned function leaves it. */
  private interpose(): () => void {
    const { backend } = this;
    const engine = engineInternals();
    const trackTensor = engine.trackTensor.bind(engine);
    const makeOutput = backend.makeOutput.bind(backend);
    const disposeData = backend.disposeData.bind(backend);
    const read = backend.read.bind(backend);
    const readSync = (backend.readSync as ReadSync).bind(backend);
    /** Own properties of the instance hide the methods of its class. */
    const methods: Partial<WasmBackend> = {
      move: (id, values, shape, dtype, refCount) => this.take(id, values, shape, dtype, refCount),
      makeOutput: (shape, dtype, memoryOffset, values) => {
        if (memoryOffset != null) throw this.refuse('An op of it lays its result into memory by itself.');
        const info = makeOutput(shape, dtype, null, values);
        this.making?.push(info);
        return info;
      },
      disposeData: (id, force) => (this.made.has(id) ? this.drop(id, force) : disposeData(id, force)),
      readSync: (id, start?: number, end?: number) => {
        if (this.constants.has(id)) return readSync(id, start, end);
        // Kernels that move numbers do so in JavaScript; here there are none yet.
        if (this.making) return this.zeros(id, start, end);
        throw this.refuse('The step reads numbers back, and a replay would not know them yet.');
      },
      read: (id) => {
        if (this.constants.has(id)) return read(id);
        this.refuse('The step reads numbers back, and a replay would not know them yet.');
        // A refused read never settles: the capture fails anyway, and a rejection would be unhandled.
        return new Promise(() => undefined);
      },
    };
    Object.assign(backend, methods);
    engine.trackTensor = (tensor, on) => {
      trackTensor(tensor, on);
      this.tensors.add(tensor);
    };
    recordTo({
      launch: (kernel, operands) => this.launch(kernel, operands),
      run: (name, kernelFunc, call) => this.runKernel(name, kernelFunc, call),
      changed: (tensor) => this.change(tensor),
    });
    return () => {
      recordTo(null);
      delete (engine as Partial<typeof engine>).trackTensor;
      for (const name of Object.keys(methods)) delete (backend as unknown as Record<string, unknown>)[name];
    };
  }

  private zeros(id: object, start = 0, end?: number): tf.BackendValues {
    const { shape, dtype } = this.backend.dataIdMap.get(id);
    const size = (end ?? tf.util.sizeFromShape([...shape])) - start;
    return tf.util.getTypedArrayFromDType(dtype as 'float32', size) as tf.BackendValues;
  }

  private launch(kernel: KernelName, operands: readonly Operand[]): void {
    const numbers: number[] = [];
    const line: string[] = [kernel];
    for (const [place, operand] of operands.entries()) {
      if (typeof operand === 'number') {
        numbers.push(operand);
        line.push(`${operand}`);
      } else if ('scratch' in operand) {
        this.scratchBytes = Math.max(this.scratchBytes, operand.scratch);
        this.scratches.push({ operands: numbers, place });
        numbers.push(0);
        line.push('scratch');
      } else {
        const { pointer, name } = this.placeOf(operand.dataId);
        numbers.push(pointer);
        line.push(name);
      }
    }
    const before = this.entries.at(-1);
    const entry = this.own(kernel, numbers, line.join(' '));
    const first = operands[0];
    const pair =
      typeof first === 'object' && 'dataId' in first ? reluPair(before, entry, first.dataId) : null;
    if (pair) this.relus.push(pair);
  }

  private own(name: KernelName, operands: number[], line: string): OwnEntry {
    const entry = { name, kernel: kernelsOf(this.backend)[name], operands };
    this.entries.push(entry);
    this.signature.push(line);
    return entry;
  }

  private runKernel(name: string, kernelFunc: tf.KernelFunc, call: Call): ReturnType<tf.KernelFunc> {
    if (ofNumbers.has(name)) throw this.refuse(`The shapes of ${name} depend on numbers.`);
    // A kernel that calls ops is recorded as a whole.
    if (this.making) return kernelFunc(call);
    const before = this.entries.length;
    const made: tf.TensorInfo[] = (this.making = []);
    let result: ReturnType<tf.KernelFunc>;
    try {
      result = kernelFunc(call);
    } finally {
      this.making = null;
    }
    // Ours, which have told what they launch, or a new label for the same numbers.
    if (this.entries.length > before || made.length === 0) return result;
    const given = call.inputs as Record<string, tf.TensorInfo | null | undefined>;
    const all = Object.entries(given).flatMap(([input, info]) => (info ? [[input, info] as const] : []));
    const stable = all.map(([input, info]) => [input, this.current(info)] as const);
    const inputs = Array.isArray(given) ? stable.map(([, info]) => info) : Object.fromEntries(stable);
    this.entries.push({
      name,
      kernelFunc,
      call: { ...call, inputs: inputs as typeof call.inputs },
      made,
      packed: packs(name) ? stable.map(([, info]) => info) : [],
    });
    const names = [...all.map(([, info]) => info), ...made].map(
      ({ dataId, shape }) => `${this.placeOf(dataId).name}[${shape.join()}]`,
    );
    this.signature.push(`${name} ${JSON.stringify(call.attrs ?? null)} ${names.join(' ')}`);
    return result;
  }

  private change(tensor: tf.TensorInfo): void {
    this.placeOf(tensor.dataId);
    this.entries.push({ changed: this.current(tensor) });
  }

  /** The same tensor at the time of a replay: the data of a variable may have got another id by then. */
  private current({ dataId, shape, dtype }: tf.TensorInfo): tf.TensorInfo {
    const binding = this.bound.get(dataId);
    if (!binding) return { dataId, shape, dtype };
    return {
      get dataId() {
        return binding.dataId;
      },
      shape,
      dtype,
    };
  }

  private placeOf(id: object): { pointer: number; name: string } {
    const binding = this.bound.get(id);
    if (binding) {
      this.used.add(binding);
      return { pointer: binding.pointer, name: nameOfForeign(binding.variable) };
    }
    const { memoryOffset, shape, dtype } = this.backend.dataIdMap.get(id);
    this.mentions.set(id, (this.mentions.get(id) ?? 0) + 1);
    if (this.made.has(id)) return { pointer: memoryOffset, name: `b${this.arena.numberOf(memoryOffset)}` };
    if (!this.pinned.has(id)) {
      pin(this.backend, id);
      this.pinned.add(id);
      const bytes = tf.util.sizeFromShape([...shape]) * tf.util.bytesPerElement(dtype);
      if (!this.live.has(id) && bytes > suspiciousBytes)
        this.suspects.push({ shape: [...shape], bytes, origin: 'made before' });
    }
    return { pointer: memoryOffset, name: nameOfForeign(id) };
  }

  /** In place of the backend's `move`: memory for data. */
  private take(
    dataId: object,
    values: tf.BackendValues | null,
    shape: number[],
    dtype: tf.DataType,
    refCount: number,
  ): void {
    if (dtype === 'string' || dtype === 'complex64')
      throw this.refuse('The step makes other than plain numbers.');
    const { backend, arena } = this;
    const size = tf.util.sizeFromShape(shape);
    const bytes = size * tf.util.bytesPerElement(dtype);
    const isConstant = values !== null && this.making === null;
    const memoryOffset = arena.take(bytes, isConstant);
    const id = backend.dataIdNextNumber++;
    backend.dataIdMap.set(dataId, { id, memoryOffset, shape, dtype, refCount });
    backend.wasm.tfjs.registerTensor(id, size, memoryOffset);
    this.made.add(dataId);
    if (!isConstant) return;
    this.constants.add(dataId);
    const given = values as Float32Array;
    const numbers = new Uint8Array(given.buffer, given.byteOffset, bytes).slice();
    new Uint8Array(backend.wasm.asm.memory.buffer).set(numbers, memoryOffset);
    this.signature.push(`b${arena.numberOf(memoryOffset)} holds ${hashOf(hashWords(numbers.buffer))}`);
    // Ones and zeros are the seeds of gradients.
    if (bytes > suspiciousBytes && !given.every((value) => value === given[0]))
      this.suspects.push({ shape, bytes, origin: 'made inside' });
  }

  /** In place of the backend's `disposeData`: the memory is free for what comes later, the record stays for replays. */
  private drop(id: object, force = false): boolean {
    const data = this.backend.dataIdMap.get(id);
    data.refCount--;
    if (!force && data.refCount > 0) return false;
    if (this.dead.has(id)) return true;
    this.dead.add(id);
    this.arena.release(data.memoryOffset);
    return true;
  }

  private refuse(why: string): CannotCapture {
    return (this.refusal ??= new CannotCapture(why));
  }

  private finish(results: unknown): TracedOutput[] {
    if (results instanceof Promise)
      throw new CannotCapture(
        'The step is asynchronous: it waits for something that a replay does not have.',
      );
    this.refuseChangedVariables();
    const outputs = Object.entries(results as Record<string, tf.Tensor>).map(([name, tensor]) =>
      this.output(name, tensor),
    );
    this.assign();
    this.all.forEach((binding) => binding.restore());
    return outputs;
  }

  private output(name: string, { dataId, size, shape, dtype }: tf.Tensor): TracedOutput {
    const from = this.placeOf(dataId);
    let { pointer } = from;
    if (!this.made.has(dataId)) {
      // A variable may change after this.
      pointer = this.arena.take(4 * size, true);
      this.own('copy', [from.pointer, pointer, size], `copy ${from.name}`);
    }
    this.signature.push(`output ${name} ${from.name} ${shape.join()}`);
    return { name, pointer, size, dtype };
  }

  /** Copies for assigned variables; a copy whose source another copy overwrites comes first. */
  private assign(): void {
    const assigned = this.all.filter(({ variable, dataId }) => variable.dataId !== dataId);
    const targets = new Set(assigned.map(({ pointer }) => pointer));
    const copies = assigned.map((binding) => {
      const { size } = binding.variable;
      const source = this.placeOf(binding.variable.dataId);
      this.used.add(binding);
      if (!targets.has(source.pointer)) return { ...source, size, binding };
      const pointer = this.arena.take(4 * size, true);
      this.own('copy', [source.pointer, pointer, size], `save ${source.name}`);
      return { ...source, pointer, size, binding };
    });
    for (const { pointer, name, size, binding } of copies) {
      const { variable, dataId } = binding;
      const line = `assign ${name} ${nameOfForeign(variable)}`;
      this.own('copy', [pointer, binding.pointer, size], line);
      this.change({ dataId, shape: variable.shape, dtype: variable.dtype });
    }
  }

  private layScratch(): void {
    if (this.scratches.length === 0) return;
    // Never shared with a tensor: outputs are read after the last kernel.
    const pointer = this.arena.take(this.scratchBytes, true);
    for (const { operands, place } of this.scratches) operands[place] = pointer;
  }

  /** Tensors that the step keeps live on; the backend frees their memory when both they and the plan are gone. */
  private keepSurvivors(): void {
    for (const id of this.made) {
      if (this.dead.has(id)) continue;
      this.arena.giveAway(this.backend.dataIdMap.get(id).memoryOffset);
      pin(this.backend, id);
      this.pinned.add(id);
    }
  }

  private refuseChangedVariables(): void {
    const { registeredVariables } = engineInternals();
    const made = Object.values(registeredVariables).find((variable) => !this.known.has(variable));
    if (made)
      throw new CannotCapture(`The step makes a variable ("${made.name}"); make it before the first step.`);
    const gone = this.all.find(({ variable }) => registeredVariables[variable.name] !== variable);
    if (gone) throw new CannotCapture(`The step disposes the variable "${gone.variable.name}".`);
  }

  /** After a failure: restores variables and releases everything that the step made. */
  private clear(): void {
    const { backend, arena } = this;
    this.all.forEach((binding) => binding.restore());
    for (const tensor of this.tensors) if (!this.known.has(tensor) && !tensor.isDisposed) tensor.dispose();
    for (const id of this.made) forgetData(backend, id);
    for (const id of this.pinned) unpin(backend, id);
    arena.destroy();
  }
}

/** Forgets data whose memory has another owner. */
export function forgetData(backend: WasmBackend, id: object): void {
  engineInternals().removeDataId(id, backend);
  backend.wasm.tfjs.disposeData(backend.dataIdMap.get(id).id);
  backend.dataIdMap.delete(id);
}

function nameOfForeign(what: object): string {
  let name = names.get(what);
  if (name === undefined) names.set(what, (name = ++named));
  return `foreign ${name}`;
}
