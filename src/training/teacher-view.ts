/** The teacher as the student sees it: corrupted if the recipe says so, with cached traces. */
import { rotateUpperHalf, shiftRows } from '../distill/teachers/corruption';
import { liveTensor, type LiveTensor } from '../engine/capture/capture';
import { temperatureKl } from '../engine/loss-ops';
import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../engine/tf';
import type { Trace } from '../nn/network';
import {
  RecordedMemory,
  teacherMemory,
  type MemoryPlan,
  type SharedTable,
  type TeacherMemory,
} from './teacher-memory';
import { FrozenTeacher } from './teachers/frozen-teacher';
import type { Teacher } from './teachers/teacher';
import { mapTrace } from './trace-parts';
import type { AskedOn, TraceTables } from './trace-tables';

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
  /** [B,M] 1 for the member whose turn it is in each row of a step; null where members do not take turns. */
  private readonly turn: LiveTensor<Tensor2D> | null;
  /** Version of the cached traces. */
  private version: number | null;

  /**
   * @param teacher stays owned by the caller
   * @param batch images per step
   * @param plan of the cache; null for no cache
   * @param pool rows of the training split that the pool's images are
   * @param kept tables of former runs, and on what this teacher is asked; null where it is asked anew
   */
  constructor(
    teacher: Teacher,
    corruption: Corruption,
    batch: number,
    plan: MemoryPlan | null = null,
    pool: Int32Array = new Int32Array(),
    kept: { tables: TraceTables; on: AskedOn } | null = null,
  ) {
    this.teacher = teacher;
    this.corruption = corruption;
    this.version = teacher.version;
    const shared =
      plan && kept && teacher instanceof FrozenTeacher
        ? { open: () => kept.tables.of(teacher, plan, kept.on), rows: pool }
        : null;
    this.memory = plan && this.version !== null ? memoryOf(teacher, plan, batch, { pool, shared }) : null;
    this.turn = teacher.turns ? liveTensor([batch, teacher.turns.members.length]) : null;
  }

  /** Live tensors that are written between steps. */
  get inputs(): LiveTensor[] {
    return [...(this.memory?.inputs ?? []), ...(this.turn ? [this.turn] : [])];
  }

  /** Before a step: whose turn it is. @param copies [B] the member of each row, where each has a copy of the data */
  takeTurns(step: number, copies: Int32Array): void {
    const { turns } = this.teacher;
    if (!turns || !this.turn) return;
    const count = turns.members.length;
    const chosen = new Float32Array(copies.length * count);
    const now = turns.copies ? 0 : turns.memberAt(step);
    copies.forEach((copy, row) => (chosen[row * count + (turns.copies ? copy : now)] = 1));
    this.turn.write(chosen);
  }

  /**
   * Of a step with members that take turns: whose it was, and how near the student is to each; in the step's tidy.
   * @param shown the trace of the step @param student its logits [B,C]
   */
  turnValues({ more = {} }: Trace, student: Tensor): Record<string, tf.Scalar> {
    const { turns } = this.teacher;
    if (!turns || !this.turn) return {};
    const top = tf.argMax(student, -1);
    const near = turns.members.flatMap((name, member): [string, tf.Scalar][] => [
      [`agreement/${member + 1}`, tf.mean(tf.cast(tf.equal(top, tf.argMax(more[name]!, -1)), 'float32'))],
      [`kl/${member + 1}`, tf.mean(temperatureKl(student, more[name]!, 1))],
    ]);
    const numbers = tf.range(1, turns.members.length + 1);
    const whose = tf.sum<tf.Scalar>(tf.mul(tf.mean(this.turn.tensor, 0), numbers));
    return { ...(turns.copies ? {} : { 'active/teacher': whose }), ...Object.fromEntries(near) };
  }

  /** Whether every step of the student's reads the trace from the cache. */
  get alwaysRecalls(): boolean {
    return this.memory?.asksAhead ?? false;
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
    const shown = (said: Trace) => this.corrupt(training ? this.ofTurn(said) : said);
    if (!memory || !known) return shown(teacher.trace(images, training));
    if (known.recalls) return shown(memory.recall(known.rows));
    const said = teacher.trace(images, training);
    memory.remember(known.rows, said);
    return shown(said);
  }

  /** Frees the cache; the teacher stays owned by the caller. */
  dispose(): void {
    this.memory?.dispose();
    this.turn?.dispose();
  }

  /** The outputs of the member whose turn it is in each row, in place of those of all together. */
  private ofTurn(said: Trace): Trace {
    const { turns } = this.teacher;
    if (!turns || !this.turn) return said;
    const own = turns.members.map((name) => tf.expandDims(said.more![name]!, 1));
    const logits = tf.sum(tf.mul(tf.concat(own, 1), tf.expandDims(this.turn.tensor, 2)), 1);
    return { ...said, logits };
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

function memoryOf(
  { recorded }: Teacher,
  plan: MemoryPlan,
  batch: number,
  { pool, shared }: { pool: Int32Array; shared: SharedTable | null },
): TeacherMemory {
  return recorded
    ? new RecordedMemory(plan, batch, { recorded, rows: pool })
    : teacherMemory(plan, batch, shared);
}

/** Each image gets the trace of another image of the batch. */
export function shiftTrace(trace: Trace): Trace {
  return mapTrace(trace, shiftRows);
}

/** A trace with logits only. */
export function logitsOnlyTrace(logits: Tensor): Trace {
  const nothing = tf.zeros([logits.shape[0]!, 1]);
  return { logits, embedding: nothing, stem: nothing, stages: [], preActivations: [] };
}
