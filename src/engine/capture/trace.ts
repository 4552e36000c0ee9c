/**
 * Runs a step once without executing it: the backend's encoders, device, queue and buffer pool are replaced by
 * stand-ins that record their calls. The first replay is the first execution.
 */
import { tf } from '../tf';
import { Arena } from './arena';
import { bindAll, releaseBindings, type Binding } from './bindings';
import { CannotCapture } from './cannot-capture';
import { interpose, type Listener, type Real } from './interpose';
import {
  engineInternals,
  flush,
  isWhole,
  stored,
  unpinData,
  webgpuInternals,
  type Internals,
} from './internals';
import { Recording, type Copy } from './recording';
import { isRecording, whileRecording } from './recording-state';

/** A constant of a graph that is large enough to be suspicious. */
export interface Suspect {
  shape: number[];
  bytes: number;
  /** Created from numbers by the step, or read by it without being a live tensor or a variable. */
  origin: 'made inside' | 'made before';
}

export interface TracedOutput {
  name: string;
  buffer: GPUBuffer;
  bytes: number;
  /** Stored as 32-bit integers, whatever the tensor's type. */
  whole: boolean;
}

/** The result of recording a step. */
export interface Trace {
  backend: Internals;
  arena: Arena;
  recording: Recording;
  outputs: TracedOutput[];
  /** Copies from the buffers that variables were assigned to their own; done after the outputs have been copied. */
  assignments: Copy[];
  /** Variables that the step reads or writes. */
  bindings: Binding[];
  /** Other data that the step reads; pinned. */
  pinned: object[];
  suspects: Suspect[];
}

/** Larger constants are reported: they may be unseeded noise, or a batch that is not a live tensor. */
const suspiciousBytes = 256;

/**
 * @param live data ids of the live tensors
 * @throws CannotCapture, with the state unchanged
 */
export function trace(step: () => Record<string, tf.Tensor>, live: ReadonlySet<object>): Trace {
  if (isRecording()) throw new CannotCapture('A step that is recorded cannot record another one.');
  const backend = webgpuInternals();
  if (backend.isLost) throw new Error('The graphics device was lost.');
  // Lazy tensors must not be computed into a graph's buffers.
  backend.computeLazy();
  flush(backend);
  const bindings = bindAll(backend);
  flush(backend);
  return whileRecording(() => new Tracer(backend, bindings, live).run(step));
}

class Tracer implements Listener {
  private readonly backend: Internals;
  private readonly arena: Arena;
  private readonly recording: Recording;
  private readonly all: readonly Binding[];
  private readonly bound: ReadonlyMap<object, Binding>;
  private readonly known: ReadonlySet<tf.Tensor>;
  private readonly live: ReadonlySet<object>;
  private readonly used = new Set<Binding>();
  private readonly pinned = new Set<object>();
  private readonly suspects: Suspect[] = [];
  private readonly madeIds = new Set<object>();
  private readonly tensors = new Set<tf.Tensor>();
  private refusal: CannotCapture | null = null;

  constructor(backend: Internals, bindings: readonly Binding[], live: ReadonlySet<object>) {
    this.backend = backend;
    this.live = live;
    this.arena = new Arena(backend.device);
    this.recording = new Recording(this.arena);
    this.all = bindings;
    this.bound = new Map(bindings.map((binding) => [binding.dataId, binding]));
    this.known = new Set(Object.values(engineInternals().registeredVariables));
  }

  run(step: () => Record<string, tf.Tensor>): Trace {
    const { backend, arena, recording, suspects } = this;
    const leave = interpose(backend, arena, recording, this);
    let results: Pick<Trace, 'outputs' | 'assignments'> | null = null;
    try {
      tf.tidy(() => {
        const outputs = step();
        if (this.refusal) throw this.refusal;
        // Before tidy releases the tensors' buffers.
        results = this.results(outputs);
      });
      // Tensors that the step keeps; other steps may read them, whose commands must not change how they are stored.
      backend.computeLazy();
      for (const id of this.madeIds) if (backend.tensorMap.has(id)) backend.expand(id);
      this.giveAwaySurvivors();
    } catch (error) {
      results = null;
      this.clear();
      // An op may have replaced the refusal by another error.
      throw this.refusal ?? error;
    } finally {
      leave();
      this.release(results !== null);
    }
    const { outputs, assignments } = results!;
    const [bindings, pinned] = [[...this.used], [...this.pinned]];
    return { backend, arena, recording, outputs, assignments, bindings, pinned, suspects };
  }

  made(id: object): void {
    this.madeIds.add(id);
  }

  tracked(tensor: tf.Tensor): void {
    this.tensors.add(tensor);
  }

  uses(id: object): void {
    if (this.madeIds.has(id) || this.pinned.has(id)) return;
    const binding = this.bound.get(id);
    if (binding) {
      this.used.add(binding);
      return;
    }
    this.backend.pin(id);
    this.pinned.add(id);
    const { shape, resource } = this.backend.tensorMap.get(id);
    const bytes = resource?.size ?? 0;
    if (!this.live.has(id) && bytes > suspiciousBytes)
      this.suspects.push({ shape, bytes, origin: 'made before' });
  }

  upload(id: object, real: Real): boolean {
    // In an eager step its buffer is not reused yet, and may still hold the numbers.
    if (!this.backend.tensorMap.has(id)) throw this.refuse('The step reads a tensor after it was disposed.');
    const data = this.backend.tensorMap.get(id);
    if (data.resource || !data.values) return false;
    const numbers = stored(data.values as ArrayLike<number>, data.dtype);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const { buffer: memory, byteOffset, byteLength } = numbers;
    if (!this.madeIds.has(id)) {
      // It may outlive the graph, so its buffer comes from the pool; it is filled before any replay.
      data.resource = real.pool.acquireBuffer(byteLength, usage);
      real.queue.writeBuffer(data.resource, 0, numbers);
      data.values = null;
      return true;
    }
    const buffer = this.arena.acquirePinned(byteLength, usage, true);
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(memory, byteOffset, byteLength));
    buffer.unmap();
    this.recording.content(buffer, memory, byteOffset, byteLength);
    data.resource = buffer;
    // Ones and zeros are the seeds of gradients.
    const isUniform = numbers.every((number) => number === numbers[0]);
    if (byteLength > suspiciousBytes && !isUniform)
      this.suspects.push({ shape: data.shape, bytes: byteLength, origin: 'made inside' });
    return true;
  }

  refusedRead(id: object): CannotCapture | null {
    const { values, resource } = this.backend.tensorMap.get(id);
    const isConstant = values != null && (this.madeIds.has(id) || !resource) && !this.bound.has(id);
    if (isConstant) return null;
    return this.refuse('The step reads numbers back, and a replay would not know them yet.');
  }

  /** Records the first reason, which an op may replace by another error. */
  private refuse(why: string): CannotCapture {
    return (this.refusal ??= new CannotCapture(why));
  }

  private results(outputs: unknown): Pick<Trace, 'outputs' | 'assignments'> {
    if (outputs instanceof Promise)
      throw new CannotCapture(
        'The step is asynchronous: it waits for something that a replay does not have.',
      );
    this.refuseChangedVariables();
    const traced = Object.entries(outputs as Record<string, tf.Tensor>).map(([name, tensor]) =>
      this.output(name, tensor),
    );
    const assignments = this.assignments();
    this.all.forEach((binding) => binding.restore());
    return { outputs: traced, assignments };
  }

  private output(name: string, tensor: tf.Tensor): TracedOutput {
    if (tensor.dtype === 'string' || tensor.dtype === 'complex64')
      throw new CannotCapture(`The step's output "${name}" holds no plain numbers.`);
    const { buffer, whole } = this.sourceOf(tensor.dataId);
    this.recording.signature.add(`output ${name} ${this.recording.nameOf(buffer)} ${tensor.shape.join()}`);
    return { name, buffer, bytes: tensor.size * 4, whole };
  }

  /** Copies for assigned variables; a copy whose source another copy overwrites comes first. */
  private assignments(): Copy[] {
    const changed = this.all.filter(({ variable, dataId }) => variable.dataId !== dataId);
    const targets = new Set(changed.map(({ dataId }) => dataId));
    const [saves, copies]: [Copy[], Copy[]] = [[], []];
    for (const binding of changed) {
      const { variable, buffer: target } = binding;
      const { buffer, whole } = this.sourceOf(variable.dataId);
      if (whole !== isWhole(variable.dtype))
        throw new CannotCapture(
          `The variable "${variable.name}" is assigned whole numbers by a mere cast; multiply them by 1 first.`,
        );
      this.used.add(binding);
      const plain = { sourceOffset: 0, targetOffset: 0, bytes: target.size };
      let source = buffer;
      if (targets.has(variable.dataId)) {
        source = this.arena.acquire(target.size, target.usage);
        saves.push({ ...plain, source: buffer, target: source });
      }
      copies.push({ ...plain, source, target });
    }
    const { recording } = this;
    for (const { source, target } of [...saves, ...copies])
      recording.signature.add(`assign ${recording.nameOf(source)} ${recording.nameOf(target)}`);
    return [...saves, ...copies];
  }

  private sourceOf(id: object): { buffer: GPUBuffer; whole: boolean } {
    this.backend.uploadToGPU(id);
    this.uses(id);
    const { resource, dtype } = this.backend.tensorMap.get(id);
    return { buffer: resource!, whole: isWhole(dtype) };
  }

  private refuseChangedVariables(): void {
    const { registeredVariables } = engineInternals();
    const made = Object.values(registeredVariables).find((variable) => !this.known.has(variable));
    if (made)
      throw new CannotCapture(`The step makes a variable ("${made.name}"); make it before the first step.`);
    const gone = this.all.find(({ variable }) => registeredVariables[variable.name] !== variable);
    if (gone) throw new CannotCapture(`The step disposes the variable "${gone.variable.name}".`);
  }

  /** Tensors that the step keeps are valid as long as the graph; their buffers are not the pool's. */
  private giveAwaySurvivors(): void {
    for (const id of this.madeIds)
      if (this.backend.tensorMap.has(id)) this.backend.tensorMap.get(id).external = true;
  }

  /** After a failure: restores variables and releases everything that the step made. */
  private clear(): void {
    const { backend } = this;
    const engine = engineInternals();
    this.all.forEach((binding) => binding.restore());
    for (const tensor of this.tensors) if (!this.known.has(tensor) && !tensor.isDisposed) tensor.dispose();
    for (const id of this.madeIds) {
      if (!backend.tensorMap.has(id)) continue;
      backend.disposeData(id, true);
      engine.removeDataId(id, backend);
    }
  }

  private release(succeeded: boolean): void {
    const { backend } = this;
    releaseBindings(
      backend,
      this.all.filter((binding) => !succeeded || !this.used.has(binding)),
    );
    if (succeeded) return;
    for (const id of this.pinned) unpinData(backend, id);
    this.arena.destroy();
  }
}
