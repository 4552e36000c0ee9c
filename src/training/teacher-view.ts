/** How a teacher's answers reach the student. */
import { rotateUpperHalf, shiftRows } from '../distill/teachers/corruption';
import { tf, type Tensor, type Tensor4D } from '../engine/tf';
import type { Trace } from '../nn/network';
import type { Teacher } from './teachers/teacher';

export type Corruption = 'none' | 'rotated' | 'other-images';

/**
 * The teacher as the student is shown it: spoiled if the recipe says so, and remembered per image where that is
 * possible (logits only, images not augmented, a teacher that does not learn along).
 */
export class TeacherView {
  readonly teacher: Teacher;
  private readonly corruption: Corruption;
  private readonly cache: { logits: Float32Array; known: Uint8Array; edition: number | null } | null;

  /**
   * @param teacher stays the caller's
   * @param cacheRows rows of the training split to remember logits for; 0 when hints need maps or images change
   */
  constructor(teacher: Teacher, corruption: Corruption, cacheRows: number) {
    this.teacher = teacher;
    this.corruption = corruption;
    const { edition, classes } = teacher;
    this.cache =
      cacheRows > 0 && edition !== null
        ? { logits: new Float32Array(cacheRows * classes), known: new Uint8Array(cacheRows), edition }
        : null;
  }

  /** Logits [B,C] of images given directly, spoiled; for evaluation. Answers of other images make no sense there. */
  answers(images: Tensor4D): Tensor {
    return tf.tidy(() => {
      const { logits } = this.teacher.trace(images, false);
      return this.corruption === 'rotated' ? rotateUpperHalf(logits) : logits;
    });
  }

  /** Whether logits are remembered; else each batch goes through the teacher. */
  get remembers(): boolean {
    return this.cache !== null;
  }

  /**
   * The teacher's own logits [B*C] of a batch, computed for those rows that were not seen before; null where they are
   * not remembered.
   * @param rows of the training split
   * @param images makes [B,H,W,C]; called only when needed, and disposed here
   */
  async remembered(rows: Int32Array, images: () => Tensor4D): Promise<Float32Array | null> {
    const { cache, teacher } = this;
    if (!cache) return null;
    if (cache.edition !== teacher.edition) {
      cache.known.fill(0);
      cache.edition = teacher.edition;
    }
    const { logits, known } = cache;
    const { classes } = teacher;
    if (!rows.every((row) => known[row] === 1)) {
      const fresh = tf.tidy(() => teacher.trace(images(), false).logits.clone());
      const values = await fresh.data<'float32'>();
      fresh.dispose();
      rows.forEach((row, i) => {
        logits.set(values.subarray(i * classes, (i + 1) * classes), row * classes);
        known[row] = 1;
      });
    }
    const batch = new Float32Array(rows.length * classes);
    rows.forEach((row, i) => batch.set(logits.subarray(row * classes, (row + 1) * classes), i * classes));
    return batch;
  }

  /**
   * The trace of a batch as the student is shown it, in the caller's tidy.
   * @param answers remembered logits [B,C]
   * @param training whether the student is being trained on it
   */
  trace(images: Tensor4D, answers: Tensor | null, training: boolean): Trace {
    return this.spoil(answers ? answersOnly(answers) : this.teacher.trace(images, training));
  }

  private spoil(trace: Trace): Trace {
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

/** A trace that holds nothing but answers, for hints that look at logits alone. */
export function answersOnly(logits: Tensor): Trace {
  const nothing = tf.zeros([logits.shape[0]!, 1]);
  return { logits, embedding: nothing, stem: nothing, stages: [], preActivations: [] };
}
