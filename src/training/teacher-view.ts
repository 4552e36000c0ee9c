/** The teacher as the student sees it: corrupted if the recipe says so, with cached traces. */
import { rotateUpperHalf, shiftRows } from '../distill/teachers/corruption';
import type { LiveTensor } from '../engine/capture/capture';
import { tf, type Tensor, type Tensor1D } from '../engine/tf';
import type { Trace } from '../nn/network';
import { teacherMemory, type MemoryPlan, type TeacherMemory } from './teacher-memory';
import type { Teacher } from './teachers/teacher';

export type Corruption = 'none' | 'rotated' | 'other-images';

/** Rows of a batch in the student's pool, for cached traces. */
export interface KnownBatch {
  /** [B] int32 */
  rows: Tensor1D;
  /** Result of `prepare`. */
  recalls: boolean;
}

/**
 * The teacher with the recipe's corruption. Its traces are cached per image where possible: without augmentation, and for a
 * teacher that does not learn beside the student.
 */
export class TeacherView {
  readonly teacher: Teacher;
  private readonly corruption: Corruption;
  private readonly memory: TeacherMemory | null;
  /** Version of the cached traces. */
  private version: number | null;

  /**
   * @param teacher stays owned by the caller
   * @param remembers plan of the cache and images per step; null for no cache
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

  /** Live tensors of the cache. */
  get inputs(): LiveTensor[] {
    return this.memory?.inputs ?? [];
  }

  /** Bytes of the cache, 0 without one. */
  get bytes(): number {
    return this.memory?.plan.bytes ?? 0;
  }

  /** Logits [B,C] for evaluation, with corruption of classes; "other images" does not apply there. */
  answers(images: Tensor): Tensor {
    return tf.tidy(() => {
      const { logits } = this.teacher.trace(images, false);
      return this.corruption === 'rotated' ? rotateUpperHalf(logits) : logits;
    });
  }

  /** What the student is asked to take for logits [B,C] of `answers`: those of another image, if the recipe says so. */
  shown(logits: Tensor): Tensor {
    return this.corruption === 'other-images' ? shiftRows(logits) : logits;
  }

  /**
   * Before a step: whether it reads the teacher's trace from the cache, or runs the teacher.
   * @param rows [B] of the student's pool
   * @param images makes [B,H,W,C], in a tidy; called only if needed
   */
  async prepare(rows: Int32Array, images: () => Tensor): Promise<boolean> {
    const { memory, teacher } = this;
    if (!memory) return false;
    if (this.version !== teacher.version) {
      memory.forget();
      this.version = teacher.version;
    }
    return memory.prepare(rows, () => teacher.trace(images(), false));
  }

  /**
   * The trace of a batch for the student, in the caller's tidy.
   * @param training whether the student is being trained on it
   * @param known rows of the batch in the cache, in a step after `prepare`; left out for other images
   */
  trace(images: Tensor, training: boolean, known: KnownBatch | null = null): Trace {
    const { memory, teacher } = this;
    if (!memory || !known) return this.corrupt(teacher.trace(images, training));
    if (known.recalls) return this.corrupt(memory.recall(known.rows));
    const said = teacher.trace(images, training);
    memory.remember(known.rows, said);
    return this.corrupt(said);
  }

  /** Frees the cache; the teacher stays owned by the caller. */
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

/** A trace with logits only. */
export function logitsOnlyTrace(logits: Tensor): Trace {
  const nothing = tf.zeros([logits.shape[0]!, 1]);
  return { logits, embedding: nothing, stem: nothing, stages: [], preActivations: [] };
}
