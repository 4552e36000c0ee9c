/** How a teacher's answers reach the student. */
import { rotateUpperHalf, shiftRows } from '../distill/teachers/corruption';
import type { LiveTensor } from '../engine/capture/capture';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../engine/tf';
import type { Trace } from '../nn/network';
import { teacherMemory, type MemoryPlan, type TeacherMemory } from './teacher-memory';
import type { Teacher } from './teachers/teacher';

export type Corruption = 'none' | 'rotated' | 'other-images';

/** A batch whose rows of the pool are known, for a teacher that remembers. */
export interface KnownBatch {
  /** [B] int32 */
  rows: Tensor1D;
  /** What `prepare` answered. */
  recalls: boolean;
}

/**
 * The teacher as the student is shown it: spoiled if the recipe says so, and remembered per image where that is
 * possible (images not augmented, a teacher that does not learn along).
 */
export class TeacherView {
  readonly teacher: Teacher;
  private readonly corruption: Corruption;
  private readonly memory: TeacherMemory | null;
  /** Of what is remembered. */
  private version: number | null;

  /**
   * @param teacher stays the caller's
   * @param remembers what to remember of it in steps of so many images; null to ask each time
   */
  constructor(
    teacher: Teacher,
    corruption: Corruption,
    remembers: { plan: MemoryPlan; batch: number } | null = null,
  ) {
    this.teacher = teacher;
    this.corruption = corruption;
    this.version = teacher.version;
    this.memory = remembers && this.version !== null ? teacherMemory(remembers.plan, remembers.batch) : null;
  }

  /** What a recorded step reads and writes of its memory. */
  get inputs(): LiveTensor[] {
    return this.memory?.inputs ?? [];
  }

  /** Bytes set aside for what is remembered; 0 where nothing is. */
  get bytes(): number {
    return this.memory?.plan.bytes ?? 0;
  }

  /** Logits [B,C] of images given directly, spoiled; for evaluation. Answers of other images make no sense there. */
  answers(images: Tensor4D): Tensor {
    return tf.tidy(() => {
      const { logits } = this.teacher.trace(images, false);
      return this.corruption === 'rotated' ? rotateUpperHalf(logits) : logits;
    });
  }

  /**
   * Before a step: whether it is to recall what the teacher said of these images, or to ask.
   * @param rows [B] of the student's pool
   * @param images makes [B,H,W,C], in a tidy; called only if needed
   */
  async prepare(rows: Int32Array, images: () => Tensor4D): Promise<boolean> {
    const { memory, teacher } = this;
    if (!memory) return false;
    if (this.version !== teacher.version) {
      memory.forget();
      this.version = teacher.version;
    }
    return memory.prepare(rows, () => teacher.trace(images(), false));
  }

  /**
   * The trace of a batch as the student is shown it, in the caller's tidy.
   * @param training whether the student is being trained on it
   * @param known the batch's place in the memory, in a step after `prepare`; left out for other images
   */
  trace(images: Tensor4D, training: boolean, known: KnownBatch | null = null): Trace {
    const { memory, teacher } = this;
    if (!memory || !known) return this.corrupt(teacher.trace(images, training));
    if (known.recalls) return this.corrupt(memory.recall(known.rows));
    const said = teacher.trace(images, training);
    memory.remember(known.rows, said);
    return this.corrupt(said);
  }

  /** Frees the memory; the teacher stays the caller's. */
  dispose(): void {
    this.memory?.dispose();
  }

  private corrupt(trace: Trace): Trace {
    switch (this.corruption) {
      case 'none':
        return trace;
      case 'rotated':
        return { ...trace, logits: rotateUpperHalf(trace.logits) };
      case 'other-images':
        return shiftTrace(trace);
    }
  }
}

/** Each image gets the trace of another image of the batch. */
export function shiftTrace(trace: Trace): Trace {
  return {
    logits: shiftRows(trace.logits),
    embedding: shiftRows(trace.embedding),
    stem: shiftRows(trace.stem),
    stages: trace.stages.map(shiftRows),
    preActivations: trace.preActivations.map(shiftRows),
    ...(trace.more
      ? { more: Object.fromEntries(Object.entries(trace.more).map(([name, x]) => [name, shiftRows(x)])) }
      : {}),
  };
}

/** A trace that holds nothing but answers. */
export function logitsOnlyTrace(logits: Tensor): Trace {
  const nothing = tf.zeros([logits.shape[0]!, 1]);
  return { logits, embedding: nothing, stem: nothing, stages: [], preActivations: [] };
}
