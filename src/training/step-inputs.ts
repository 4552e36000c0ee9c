/** Inputs of the student's step that change from step to step, as live tensors, so that the step can be recorded. */
import type { InputShape } from '../nn/describe';
import { liveScalar, liveTensor, type LiveTensor } from '../engine/capture/capture';
import type { tf, Tensor1D, Tensor2D, Tensor } from '../engine/tf';
import { batchInputs, type BatchInputs, type InputRows } from './batch-inputs';

/** One batch in plain arrays. */
export interface BatchArrays {
  /** [B] rows of the training split: labelled ones first, then unlabelled. */
  trainRows: Int32Array;
  /** How each image is shifted and mirrored (see `drawMoves`); null for images as they are. */
  moves: Int32Array | null;
  /** [B*H*W*C] a strongly changed view of each, where hints ask for one */
  strong?: Float32Array;
  /** [B*C]; zeros without a label */
  targets: Float32Array;
  /** [B] rows in the student's pool */
  rows: Int32Array;
  /** [B] the member of the teacher that each copy of an image belongs to; 0 where there are no copies */
  members?: Int32Array;
}

/** A batch of images and labels. */
export type PlainBatch = Pick<BatchArrays, 'trainRows' | 'moves' | 'targets'>;

export interface InputShapes {
  batch: number;
  /** [H,W,C] */
  image: InputShape;
  width: number;
}

/** Images with their labels, written before a step and read in it. */
export class LiveBatch {
  private readonly pictures: BatchInputs;
  private readonly labels: LiveTensor<Tensor2D>;

  constructor({ batch, width }: Pick<InputShapes, 'batch' | 'width'>, from: InputRows) {
    this.pictures = batchInputs(from, batch);
    this.labels = liveTensor([batch, width]);
  }

  /** [B,H,W,C] in the step's tidy; call once per step. */
  images(): Tensor {
    return this.pictures.tensor();
  }

  get targets(): Tensor2D {
    return this.labels.tensor;
  }

  /** Sentences for the page: where batches are assembled. */
  get notes(): string[] {
    return this.pictures.note === null ? [] : [this.pictures.note];
  }

  get inputs(): LiveTensor[] {
    return [...this.pictures.inputs, this.labels];
  }

  write({ trainRows, moves, targets }: PlainBatch): void {
    this.pictures.write(trainRows, moves);
    this.labels.write(targets);
  }

  dispose(): void {
    this.pictures.dispose();
    this.labels.dispose();
  }
}

export class StepInputs {
  readonly batch: LiveBatch;
  private readonly rowNumbers: LiveTensor<Tensor1D>;
  private readonly progressOfRun = liveScalar(0);
  private readonly rate = liveScalar(0);
  private readonly strongPixels: LiveTensor<Tensor> | null;

  constructor(shapes: InputShapes, from: InputRows, strongView = false) {
    this.batch = new LiveBatch(shapes, from);
    this.rowNumbers = liveTensor([shapes.batch], 'int32');
    this.strongPixels = strongView ? liveTensor([shapes.batch, ...shapes.image]) : null;
  }

  get rows(): Tensor1D {
    return this.rowNumbers.tensor;
  }
  get progress(): tf.Scalar {
    return this.progressOfRun.tensor;
  }
  get learningRate(): tf.Scalar {
    return this.rate.tensor;
  }
  get strong(): Tensor | null {
    return this.strongPixels?.tensor ?? null;
  }

  get inputs(): LiveTensor[] {
    return [...this.batch.inputs, ...this.own];
  }

  write(arrays: BatchArrays, progress: number, learningRate: number): void {
    this.batch.write(arrays);
    this.rowNumbers.write(arrays.rows);
    this.progressOfRun.write(progress);
    this.rate.write(learningRate);
    if (arrays.strong) this.strongPixels?.write(arrays.strong);
  }

  dispose(): void {
    this.batch.dispose();
    this.own.forEach((input) => input.dispose());
  }

  private get own(): LiveTensor[] {
    const { rowNumbers, progressOfRun, rate, strongPixels } = this;
    return [rowNumbers, progressOfRun, rate, ...(strongPixels ? [strongPixels] : [])];
  }
}
