/**
 * The WebGPU backend of TensorFlow.js on our own device, extended by dispatches that its programs cannot express:
 * several outputs, no uniforms, tensors written in place. All stock kernels run on it unchanged.
 */
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
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
  private readonly pending = new LazyTensors(this, (id) => tf.engine().removeDataId(id, this));

  /** Creates a backend on a new device with the raised limits. */
  static async create(adapter: GPUAdapter): Promise<RetortBackend> {
    const requiredLimits = Object.fromEntries(raisedLimits.map((name) => [name, adapter.limits[name]]));
    return new RetortBackend(await adapter.requestDevice({ requiredLimits }), adapter.info);
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
      this.uploadToGPU(tensor.dataId);
      if (access === 'read') continue;
      this.computeReadersOf(tensor);
      if (this.isShared(tensor))
        throw new Error(`${kernel.name} would change a buffer that several tensors share.`);
      // Discards the CPU copy of earlier reads, which would be outdated.
      this.dataOf(tensor).values = null as never;
    }
    const results = outputs.map((output) =>
      'dataId' in output ? output : this.makeTensorInfo([...output], 'float32'),
    );
    for (const result of results) this.uploadToGPU(result.dataId);

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
    this.encode(this.pipelineOf(kernel, layout), bindGroup, kernel.workgroups);
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
    const infos = shapes.map((shape) => this.makeTensorInfo([...shape], 'float32'));
    this.pending.add(infos[0]!, pending, infos.slice(1));
    return infos;
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

  override uploadToGPU(id: object): void {
    this.pending.compute(id);
    super.uploadToGPU(id);
  }

  override async read(id: object): Promise<tf.BackendValues> {
    this.pending.compute(id);
    return super.read(id);
  }

  override readSync(id: object): tf.BackendValues {
    this.pending.compute(id);
    return super.readSync(id) as tf.BackendValues;
  }

  override readToGPU(id: object): tf.GPUData {
    this.pending.compute(id);
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
