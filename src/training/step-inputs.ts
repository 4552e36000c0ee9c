/** Inputs of the student's step that change from step to step, as live tensors, so that the step can be recorded. */
import { scaledMoves } from '../distill/modalities/image/image-source';
import type { Split } from '../data/dataset';
import { liveScalar, liveTensor, type LiveTensor } from '../engine/capture/capture';
import type { tf, Tensor1D, Tensor2D, Tensor } from '../engine/tf';
import type { Feeds } from '../distill/modalities/input-source';
import { batchInputs, type BatchInputs, type InputRows } from './batch-inputs';

/** One batch in plain arrays. */
export interface BatchArrays {
  /** [B] rows of the training split: labelled ones first, then unlabelled. */
  trainRows: Int32Array;
  /** How each image is shifted and mirrored (see `drawMoves`); null for images as they are. */
  moves: Int32Array | null;
  /** [B*H*W*C] each under strong changes, where hints ask for it; as the student and as the teacher see it */
  strong?: { student: Float32Array; teacher: Float32Array };
  /** [B*C]; zeros without a label */
  targets: Float32Array;
  /** [B] rows in the student's pool */
  rows: Int32Array;
  /** Rows that the teacher looks at in place of these, of the training split and in the pool */
  shown?: { trainRows: Int32Array; rows: Int32Array };
  /** [B] the member of the teacher that each copy of an image belongs to; 0 where there are no copies */
  members?: Int32Array;
}

/** A batch of images and labels. */
export type PlainBatch = Pick<BatchArrays, 'trainRows' | 'moves' | 'targets'>;

/** Rows of a split as student and teacher see them. */
export function seenRows({ student, teacher }: Feeds, split: Split): SeenRows {
  const ofStudent = { ...student, split };
  if (teacher === student) return { student: ofStudent, teacher: ofStudent, ratio: 1 };
  const ratio = student.source.view.block / teacher.source.view.block;
  return { student: ofStudent, teacher: { ...teacher, split }, ratio };
}

export interface BatchShape {
  batch: number;
  /** Numbers per target. */
  width: number;
}

/** What student and teacher see of a batch: the same object where that is the same. */
export interface SeenRows {
  student: InputRows;
  teacher: InputRows;
  /** How many times longer the sides of the teacher's images are. */
  ratio: number;
}

/** Images with their labels, written before a step and read in it. */
export class LiveBatch {
  private readonly pictures: BatchInputs;
  private readonly labels: LiveTensor<Tensor2D>;

  constructor({ batch, width }: BatchShape, from: InputRows) {
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
  /** Null where the teacher sees what the student sees. */
  private readonly ofTeacher: BatchInputs | null;
  private readonly ratio: number;
  private readonly rowNumbers: LiveTensor<Tensor1D>;
  /** Null where the teacher looks at the student's own rows. */
  private readonly shownNumbers: LiveTensor<Tensor1D> | null;
  private readonly progressOfRun = liveScalar(0);
  private readonly rate = liveScalar(0);
  private readonly strongPixels: { student: LiveTensor<Tensor>; teacher: LiveTensor<Tensor> } | null;

  constructor(
    shape: BatchShape,
    { student, teacher, ratio }: SeenRows,
    { strongView = false, partners = false } = {},
  ) {
    const { batch } = shape;
    this.batch = new LiveBatch(shape, student);
    this.ofTeacher = teacher === student && !partners ? null : batchInputs(teacher, batch);
    this.ratio = ratio;
    this.rowNumbers = liveTensor([batch], 'int32');
    this.shownNumbers = partners ? liveTensor([batch], 'int32') : null;
    this.strongPixels = strongView ? strongTensors(batch, student, this.ofTeacher && teacher) : null;
  }

  /** The batch [B,H,W,C] in both views, in the step's tidy; call once per step. */
  images(): { student: Tensor; teacher: Tensor } {
    const student = this.batch.images();
    return { student, teacher: this.ofTeacher?.tensor() ?? student };
  }

  get rows(): Tensor1D {
    return this.rowNumbers.tensor;
  }
  /** [B] those that the teacher looks at. */
  get shownRows(): Tensor1D {
    return (this.shownNumbers ?? this.rowNumbers).tensor;
  }
  get progress(): tf.Scalar {
    return this.progressOfRun.tensor;
  }
  get learningRate(): tf.Scalar {
    return this.rate.tensor;
  }
  get strong(): { student: Tensor; teacher: Tensor } | null {
    if (!this.strongPixels) return null;
    const { student, teacher } = this.strongPixels;
    return { student: student.tensor, teacher: teacher.tensor };
  }

  get inputs(): LiveTensor[] {
    return [...this.batch.inputs, ...(this.ofTeacher?.inputs ?? []), ...this.own];
  }

  write(arrays: BatchArrays, progress: number, learningRate: number): void {
    this.batch.write(arrays);
    this.rowNumbers.write(arrays.rows);
    this.shownNumbers?.write(arrays.shown?.rows ?? arrays.rows);
    this.progressOfRun.write(progress);
    this.rate.write(learningRate);
    this.ofTeacher?.write(
      arrays.shown?.trainRows ?? arrays.trainRows,
      arrays.moves && scaledMoves(arrays.moves, this.ratio),
    );
    if (!arrays.strong || !this.strongPixels) return;
    const { student, teacher } = this.strongPixels;
    student.write(arrays.strong.student);
    if (teacher !== student) teacher.write(arrays.strong.teacher);
  }

  dispose(): void {
    this.batch.dispose();
    this.ofTeacher?.dispose();
    this.own.forEach((input) => input.dispose());
  }

  private get own(): LiveTensor[] {
    const { rowNumbers, shownNumbers, progressOfRun, rate, strongPixels } = this;
    const strong = strongPixels ? new Set([strongPixels.student, strongPixels.teacher]) : [];
    return [rowNumbers, ...(shownNumbers ? [shownNumbers] : []), progressOfRun, rate, ...strong];
  }
}

/** @param teacher null where it sees what the student sees */
function strongTensors(batch: number, student: InputRows, teacher: InputRows | null) {
  const ofStudent = liveTensor<Tensor>([batch, ...student.source.shape]);
  return {
    student: ofStudent,
    teacher: teacher ? liveTensor<Tensor>([batch, ...teacher.source.shape]) : ofStudent,
  };
}
