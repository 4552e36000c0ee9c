/** Tensors whose numbers change between steps: batch, learning rate, temperature of a recorded step. */
import { tf } from '../tf';
import { CannotCapture } from './cannot-capture';
import { flush, stored, webgpuInternals } from './internals';
import { isRecording } from './recording-state';
import { recordsOnWasm } from './records';
import { changed, wasmBackend } from '../wasm/launch';

export interface LiveTensor<T extends tf.Tensor = tf.Tensor> {
  /** Read it in every step; a clone or reshape of it has the numbers of the latest `write` too. */
  readonly tensor: T;
  /** Replaces all numbers, in order with the steps around it. A single number is used for all. */
  write(values: ArrayLike<number> | number): void;
  dispose(): void;
}

/** A live tensor of zeros on the active backend. Outlives any tidy; its creator disposes it. */
export function liveTensor<T extends tf.Tensor = tf.Tensor>(
  shape: readonly number[],
  dtype: 'float32' | 'int32' = 'float32',
): LiveTensor<T> {
  const isRecordable = tf.getBackend() === 'webgpu' && 'pin' in tf.backend();
  return (isRecordable
    ? new OwnBuffer(shape, dtype)
    : recordsOnWasm()
      ? new OwnMemory(shape, dtype)
      : new Replaced(shape, dtype)) as unknown as LiveTensor<T>;
}

/** A live scalar with a first value. */
export function liveScalar(value: number): LiveTensor<tf.Scalar> {
  const scalar = liveTensor<tf.Scalar>([]);
  scalar.write(value);
  return scalar;
}

/** On WebGPU: one permanent buffer, which recorded steps use. */
class OwnBuffer implements LiveTensor {
  readonly tensor: tf.Tensor;
  private readonly buffer: GPUBuffer;
  private readonly backend = webgpuInternals();
  private readonly dtype: tf.DataType;

  constructor(shape: readonly number[], dtype: 'float32' | 'int32') {
    this.dtype = dtype;
    this.buffer = this.backend.device.createBuffer({
      size: Math.max(tf.util.sizeFromShape([...shape]) * 4, 4),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    });
    this.tensor = tf.keep(
      tf.tensor({ buffer: this.buffer, zeroCopy: true } as tf.WebGPUData, [...shape], dtype),
    );
  }

  write(values: ArrayLike<number> | number): void {
    refuseWhileRecording();
    const numbers = checked(values, this.tensor, this.dtype);
    // Eager ops that read the old numbers may be lazy, or encoded but not submitted; they must precede the write.
    this.backend.computeReadersOf(this.tensor);
    flush(this.backend);
    this.backend.queue.writeBuffer(this.buffer, 0, numbers);
    this.backend.tensorMap.get(this.tensor.dataId).values = null;
  }

  dispose(): void {
    if (this.tensor.isDisposed) return;
    flush(this.backend);
    this.tensor.dispose();
    this.buffer.destroy();
  }
}

/** On WebAssembly: one permanent place in memory, which recorded steps read. */
class OwnMemory implements LiveTensor {
  readonly tensor: tf.Tensor;
  private readonly backend = wasmBackend();
  private readonly dtype: 'float32' | 'int32';

  constructor(shape: readonly number[], dtype: 'float32' | 'int32') {
    this.dtype = dtype;
    this.tensor = tf.keep(tf.zeros([...shape], dtype));
  }

  write(values: ArrayLike<number> | number): void {
    refuseWhileRecording();
    const numbers = checked(values, this.tensor, this.dtype);
    const { memoryOffset } = this.backend.dataIdMap.get(this.tensor.dataId);
    const { buffer } = this.backend.wasm.asm.memory;
    const [Type, { size }] = [this.dtype === 'int32' ? Int32Array : Float32Array, this.tensor];
    new Type(buffer, memoryOffset, size).set(numbers);
    changed(this.backend, this.tensor);
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

/** On any other backend: a new tensor for each write. */
class Replaced implements LiveTensor {
  private current: tf.Tensor;
  private readonly dtype: 'float32' | 'int32';

  constructor(shape: readonly number[], dtype: 'float32' | 'int32') {
    this.dtype = dtype;
    this.current = tf.keep(tf.zeros([...shape], dtype));
  }

  get tensor(): tf.Tensor {
    return this.current;
  }

  write(values: ArrayLike<number> | number): void {
    // A copy, because the backend may keep the array while the caller reuses it.
    const numbers = checked(values, this.current, this.dtype).slice();
    const { shape } = this.current;
    this.current.dispose();
    this.current = tf.keep(tf.tensor(numbers, shape, this.dtype));
  }

  dispose(): void {
    this.current.dispose();
  }
}

function refuseWhileRecording(): void {
  if (isRecording())
    throw new CannotCapture('The step writes into a live tensor; write before the step instead.');
}

function checked(
  values: ArrayLike<number> | number,
  { size, shape }: tf.Tensor,
  dtype: tf.DataType,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  const numbers = stored(typeof values === 'number' ? [values] : values, dtype);
  if (numbers.length !== size)
    throw new Error(`A live tensor of shape [${shape.join(', ')}] was given ${numbers.length} numbers.`);
  return numbers;
}
