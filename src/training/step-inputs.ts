/** What the student's step reads that differs from step to step: written before it, so that the step can be recorded. */
import { liveScalar, liveTensor, type LiveTensor } from '../engine/capture/capture';
import type { tf, Tensor1D, Tensor2D, Tensor4D } from '../engine/tf';

/** One batch in plain arrays. */
export interface BatchArrays {
  /** [B*H*W*C] normalised */
  images: Float32Array;
  /** [B*H*W*C] a strongly changed view of each, where hints ask for one */
  strong?: Float32Array;
  /** [B*C]; zeros without a label */
  oneHot: Float32Array;
  /** [B] rows in the student's pool */
  rows: Int32Array;
  /** Rows of the training split: labelled ones first, then unlabelled. */
  trainRows: Int32Array;
}

export interface InputShapes {
  batch: number;
  /** [H,W,C] */
  image: readonly [number, number, number];
  classes: number;
}

/** Images with their labels, as live tensors. */
export class LiveBatch {
  private readonly pixels: LiveTensor<Tensor4D>;
  private readonly labels: LiveTensor<Tensor2D>;

  constructor({ batch, image, classes }: InputShapes) {
    this.pixels = liveTensor([batch, ...image]);
    this.labels = liveTensor([batch, classes]);
  }

  get images(): Tensor4D {
    return this.pixels.tensor;
  }

  get oneHot(): Tensor2D {
    return this.labels.tensor;
  }

  get inputs(): LiveTensor[] {
    return [this.pixels, this.labels];
  }

  write({ images, oneHot }: Pick<BatchArrays, 'images' | 'oneHot'>): void {
    this.pixels.write(images);
    this.labels.write(oneHot);
  }

  dispose(): void {
    this.inputs.forEach((input) => input.dispose());
  }
}

export class StepInputs {
  readonly batch: LiveBatch;
  private readonly rowNumbers: LiveTensor<Tensor1D>;
  private readonly shareOfRun = liveScalar(0);
  private readonly rate = liveScalar(0);
  /** [B,C] remembered answers of the teacher, where they are remembered. */
  private readonly answersOfTeacher: LiveTensor<Tensor2D> | null;
  private readonly strongPixels: LiveTensor<Tensor4D> | null;

  constructor(shapes: InputShapes, { remembersAnswers = false, strongView = false } = {}) {
    this.batch = new LiveBatch(shapes);
    this.rowNumbers = liveTensor([shapes.batch], 'int32');
    this.answersOfTeacher = remembersAnswers ? liveTensor([shapes.batch, shapes.classes]) : null;
    this.strongPixels = strongView ? liveTensor([shapes.batch, ...shapes.image]) : null;
  }

  get rows(): Tensor1D {
    return this.rowNumbers.tensor;
  }
  get share(): tf.Scalar {
    return this.shareOfRun.tensor;
  }
  get learningRate(): tf.Scalar {
    return this.rate.tensor;
  }
  get answers(): Tensor2D | null {
    return this.answersOfTeacher?.tensor ?? null;
  }

  get strong(): Tensor4D | null {
    return this.strongPixels?.tensor ?? null;
  }

  get inputs(): LiveTensor[] {
    const { batch, rowNumbers, shareOfRun, rate, answersOfTeacher, strongPixels } = this;
    const optional = [answersOfTeacher, strongPixels].filter((input) => input !== null);
    return [...batch.inputs, rowNumbers, shareOfRun, rate, ...optional];
  }

  write(arrays: BatchArrays, answers: Float32Array | null, share: number, learningRate: number): void {
    this.batch.write(arrays);
    this.rowNumbers.write(arrays.rows);
    this.shareOfRun.write(share);
    this.rate.write(learningRate);
    if (answers) this.answersOfTeacher?.write(answers);
    if (arrays.strong) this.strongPixels?.write(arrays.strong);
  }

  dispose(): void {
    this.inputs.forEach((input) => input.dispose());
  }
}
