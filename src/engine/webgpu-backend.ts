/**
 * The WebGPU backend of TensorFlow.js on our own device, extended by dispatches that its programs cannot express:
 * several outputs, no uniforms, tensors written in place. All stock kernels run on it unchanged.
 */
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { expanding, inHalf } from './kernels/half-storage';
import { LazyTensors, type LazyTensor, type Place } from './lazy-tensors';
import { createLayout, createPipeline, type RawKernel, type RawTensor } from './raw-kernel';
import { tf } from './tf';

export type { RawKernel, RawTensor } from './raw-kernel';

type TensorData = WebGPUBackend['tensorMap'] extends { get(id: object): infer Data } ? Data : never;

/** Private fields of the stock backend that custom dispatches use too. */
interface StockInternals {
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<object>;
  dispatchCountInPass: number;
}

/**
 * Number of dispatches per submit. A training step of a small network has 40 to 120. The stock value of 15 costs
 * about a tenth of the step; very large values keep every buffer of the step alive.
 */
export const submitEvery = 128;

/** Limits for which a device gets less than the adapter offers unless they are requested. */
const raisedLimits = [
  'maxStorageBuffersPerShaderStage',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** What maps in half precision need; used where it is there. */
const halfFeature = ['shader-f16'] as const;

export class RetortBackend extends WebGPUBackend {
  /** Settles when the device is lost, for whatever reason. */
  readonly lost: Promise<GPUDeviceLostInfo>;
  /** Messages of errors that no error scope caught, the newest last. A correct program causes none. */
  readonly uncaptured: string[] = [];
  private gone = false;
  private submitted = 0;
  private readonly pipelines = new Map<string, GPUComputePipeline>();
  private readonly layouts = new Map<string, GPUBindGroupLayout>();
  private readonly pins = new WeakMap<object, number>();
  /** Data whose numbers lie in 16 bits each. */
  private readonly halves = new WeakSet<object>();
  private readonly halfKernels = new Map<string, RawKernel>();
  /** Whether maps that are made now lie in half precision: see `half-maps.ts`. */
  mapsInHalf = false;
  private readonly pending = new LazyTensors(this, (id) => tf.engine().removeDataId(id, this));

  /** Creates a backend on a new device with the raised limits. */
  static async create(adapter: GPUAdapter): Promise<RetortBackend> {
    const requiredLimits = Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]]));
    const requiredFeatures = halfFeature.filter((name) => adapter.features.has(name));
    return new RetortBackend(await adapter.requestDevice({ requiredLimits, requiredFeatures }), adapter.info);
  }

  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    super(device, info);
    this.lost = device.lost.then((loss) => {
      this.gone = true;
      return loss;
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      // A broken kernel reports at every dispatch; the first reports suffice.
      if (this.uncaptured.length >= 20) return;
      this.uncaptured.push(error.message);
      console.error(`WebGPU: ${error.message}`);
    });
  }

  /** Whether the device can hold numbers of 16 bits. */
  get canStoreHalf(): boolean {
    return halfFeature.every((name) => this.device.features.has(name));
  }

  get isLost(): boolean {
    return this.gone;
  }

  /** Number of dispatches so far, stock and custom. */
  get dispatches(): number {
    return this.submitted + this.internals.dispatchCountInPass;
  }

  override submitQueue(): void {
    this.submitted += this.internals.dispatchCountInPass;
    super.submitQueue();
  }

  /**
   * One dispatch, in order with the stock ones.
   * @param tensors bound first, in this order, stored as stated (see `storageType`)
   * @param outputs shapes of new float32 tensors, or tensors without a buffer; bound next, as read_write. The caller
   *   owns them
   * @throws Error when a tensor is stored as something else, or written while others share its buffer
   */
  runRaw(
    kernel: RawKernel,
    tensors: readonly RawTensor[],
    outputs: readonly (readonly number[] | tf.TensorInfo)[],
  ): tf.TensorInfo[] {
    for (const { tensor, access, stored = 'float32' } of tensors) {
      const type = this.storageType(tensor);
      if (type !== stored) throw new Error(`${kernel.name} was given a tensor stored as ${type}.`);
      if (access === 'read') {
        this.upload(tensor.dataId);
        continue;
      }
      this.uploadToGPU(tensor.dataId);
      this.computeReadersOf(tensor);
      if (this.isShared(tensor))
        throw new Error(`${kernel.name} would change a buffer that several tensors share.`);
      // Discards the CPU copy of earlier reads, which would be outdated.
      this.dataOf(tensor).values = null as never;
    }
    const results = outputs.map((output) =>
      'dataId' in output ? output : this.makeTensorInfo([...output], 'float32'),
    );
    for (const result of results) this.upload(result.dataId);

    const accesses = [...tensors.map(({ access }) => access), ...results.map(() => 'read_write' as const)];
    const bound = [...tensors.map(({ tensor }) => tensor), ...results];
    const layout = this.layoutOf(accesses);
    const bindGroup = this.device.createBindGroup({
      layout,
      entries: bound.map((tensor, binding) => ({
        binding,
        resource: { buffer: this.dataOf(tensor).resource as GPUBuffer },
      })),
    });
    const halves = bound.map(({ dataId }) => this.halves.has(dataId));
    const stored = halves.includes(true) ? this.halfKernel(kernel, halves) : kernel;
    this.encode(this.pipelineOf(stored, layout), bindGroup, kernel.workgroups);
    for (const { dataId } of bound) this.internals.commandQueueOwnedIds.add(dataId);
    if (this.internals.dispatchCountInPass >= submitEvery) {
      this.endComputePassEncoder();
      this.submitQueue();
    }
    return results;
  }

  /**
   * Lazy tensors, computed when one of them is read; the caller owns them.
   * @param shapes of the kernel's outputs; exactly one if the kernel takes steps
   */
  postpone(shapes: readonly (readonly number[])[], pending: LazyTensor): tf.TensorInfo[] {
    const infos = shapes.map((shape) =>
      pending.isMap ? this.makeMap(shape) : this.makeTensorInfo([...shape], 'float32'),
    );
    this.pending.add(infos[0]!, pending, infos.slice(1));
    return infos;
  }

  /** A tensor without a buffer for a map of a layer, in half precision where that is wanted now. The caller owns it. */
  makeMap(shape: readonly number[]): tf.TensorInfo {
    const info = this.makeTensorInfo([...shape], 'float32');
    // Buffers are bound in words of 32 bits.
    if (this.mapsInHalf && tf.util.sizeFromShape(info.shape) % 2 === 0) this.halves.add(info.dataId);
    return info;
  }

  /** Whether a tensor's numbers lie in half precision. */
  isHalf({ dataId }: tf.TensorInfo): boolean {
    return this.halves.has(dataId);
  }

  /** Has the numbers of a tensor lie in single precision from now on, if it has been computed. */
  expand(id: object): void {
    if (!this.halves.has(id)) return;
    const data: TensorData = this.tensorMap.get(id);
    const { shape } = data;
    const half = { dataId: id, shape, dtype: 'float32' as const };
    const [single] = this.runRaw(
      expanding(tf.util.sizeFromShape(shape)),
      [{ tensor: half, access: 'read' }],
      [shape],
    ) as [tf.TensorInfo];
    // The new tensor leaves with the old buffer, which waits there until no command reads it any more.
    const fresh = this.dataOf(single);
    [data.resource, fresh.resource] = [fresh.resource!, data.resource!];
    this.halves.delete(id);
    this.disposeData(single.dataId);
  }

  /** The description of a tensor that is not computed yet. */
  lazyOf({ dataId }: tf.TensorInfo): LazyTensor | undefined {
    return this.pending.get(dataId);
  }

  /** Matrix and column that hold a tensor's numbers, if it is a lazy column. */
  columnOf({ dataId }: tf.TensorInfo): (Place & { of: tf.TensorInfo }) | undefined {
    return this.pending.columnOf(dataId);
  }

  /** Computes a lazy vector into a column of `target`; false if that is not possible. */
  placeColumn({ dataId }: tf.TensorInfo, target: tf.TensorInfo, place: Place): boolean {
    return this.pending.place(dataId, target, place);
  }

  /** Must be called before a tensor's numbers change: computes the lazy tensors that read the old ones. */
  computeReadersOf({ dataId }: tf.TensorInfo): void {
    this.pending.computeReadersOf(dataId);
  }

  /** Computes all lazy tensors. */
  computeLazy(): void {
    this.pending.computeAll();
  }

  /** Stock kernels call it for what they read, in single precision. */
  override uploadToGPU(id: object): void {
    this.pending.compute(id);
    this.expand(id);
    super.uploadToGPU(id);
  }

  override async read(id: object): Promise<tf.BackendValues> {
    this.pending.compute(id);
    this.expand(id);
    return super.read(id);
  }

  override readSync(id: object): tf.BackendValues {
    this.pending.compute(id);
    this.expand(id);
    return super.readSync(id) as tf.BackendValues;
  }

  override readToGPU(id: object): tf.GPUData {
    this.pending.compute(id);
    this.expand(id);
    return super.readToGPU(id);
  }

  override disposeData(id: object, force?: boolean): boolean {
    const isGone = super.disposeData(id, force);
    if (isGone) this.pending.drop(id);
    return isGone;
  }

  /** Stock kernels compute on the CPU what has no buffer; lazy tensors have none and belong on the device. */
  override shouldExecuteOnCPU(inputs: tf.TensorInfo[], sizeThreshold?: number): boolean {
    return (
      !inputs.some(({ dataId }) => this.pending.has(dataId)) &&
      super.shouldExecuteOnCPU(inputs, sizeThreshold)
    );
  }

  /** The type of the numbers in a tensor's buffer: a cast from int32 or bool to float32 changes only the label. */
  storageType(tensor: tf.TensorInfo): tf.DataType {
    return this.dataOf(tensor).dtype;
  }

  /** Whether another tensor (a clone, or a variable assigned from this one) shares this one's buffer. */
  isShared({ dataId }: tf.TensorInfo): boolean {
    return this.refCount(dataId) - (this.pins.get(dataId) ?? 0) > 1;
  }

  /** Keeps a tensor's data alive without counting as sharing: for replayed command lists. */
  pin(dataId: object): void {
    this.incRef(dataId);
    this.pins.set(dataId, (this.pins.get(dataId) ?? 0) + 1);
  }

  /** Undoes one `pin`. */
  unpin(dataId: object): void {
    this.pins.set(dataId, this.pins.get(dataId)! - 1);
    this.disposeData(dataId);
  }

  /** Computes data and gives it a buffer, in the precision that it lies in. */
  private upload(id: object): void {
    if (!this.halves.has(id)) {
      this.uploadToGPU(id);
      return;
    }
    this.pending.compute(id);
    const data: TensorData = this.tensorMap.get(id);
    data.resource ??= this.bufferManager.acquireBuffer(
      2 * tf.util.sizeFromShape(data.shape),
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    );
  }

  /** The same kernel over buffers in half precision, at the bindings where `halves` says so. */
  private halfKernel(kernel: RawKernel, halves: readonly boolean[]): RawKernel {
    const key = `${halves.map(Number).join('')} ${kernel.wgsl}`;
    let made = this.halfKernels.get(key);
    if (!made) this.halfKernels.set(key, (made = inHalf(kernel, halves)));
    return made;
  }

  private dataOf({ dataId }: tf.TensorInfo): TensorData {
    return this.tensorMap.get(dataId);
  }

  private encode(
    pipeline: GPUComputePipeline,
    bindGroup: GPUBindGroup,
    workgroups: RawKernel['workgroups'],
  ): void {
    const { internals } = this;
    this.ensureCommandEncoderReady();
    internals.computePassEncoder ??= internals.commandEncoder!.beginComputePass();
    internals.computePassEncoder.setPipeline(pipeline);
    internals.computePassEncoder.setBindGroup(0, bindGroup);
    internals.computePassEncoder.dispatchWorkgroups(...workgroups);
    internals.dispatchCountInPass++;
  }

  private pipelineOf(kernel: RawKernel, layout: GPUBindGroupLayout): GPUComputePipeline {
    let pipeline = this.pipelines.get(kernel.wgsl);
    if (!pipeline) this.pipelines.set(kernel.wgsl, (pipeline = createPipeline(this.device, kernel, layout)));
    return pipeline;
  }

  private layoutOf(accesses: readonly RawTensor['access'][]): GPUBindGroupLayout {
    const key = accesses.join();
    let layout = this.layouts.get(key);
    if (!layout) this.layouts.set(key, (layout = createLayout(this.device, accesses)));
    return layout;
  }

  private get internals(): StockInternals {
    return this as unknown as StockInternals;
  }
}
