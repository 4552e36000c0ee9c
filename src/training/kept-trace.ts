/** What a teacher says of the same instances at every evaluation. */
import { tf, type Tensor } from '../engine/tf';
import type { Trace } from '../nn/network';
import type { TeacherView } from './teacher-view';
import { mapTrace } from './trace-parts';

/** More bytes would rather be the run's own. */
const mostBytes = 32 * 2 ** 20;

/** A teacher's trace of fixed instances, computed once for each of its versions. Owns the tensors that it keeps. */
export class KeptTrace {
  private readonly teacher: TeacherView;
  private kept: { version: number; trace: Trace } | null = null;

  constructor(teacher: TeacherView) {
    this.teacher = teacher;
  }

  /** @param images [N,H,W,C] as `TeacherView.trace` takes them, the same each time @returns its trace, in the caller's tidy or kept */
  of(images: Tensor): Trace {
    const { version } = this.teacher.teacher;
    if (this.kept && this.kept.version === version) return this.kept.trace;
    this.dispose();
    const trace = this.teacher.trace(images, false);
    if (version !== null && bytesOf(trace) <= mostBytes)
      this.kept = { version, trace: mapTrace(trace, (part) => tf.keep(part.clone())) };
    return trace;
  }

  dispose(): void {
    if (this.kept) tf.dispose(this.kept.trace);
    this.kept = null;
  }
}

function bytesOf(trace: Trace): number {
  let numbers = 0;
  mapTrace(trace, (part) => {
    numbers += part.size;
    return part;
  });
  return numbers * Float32Array.BYTES_PER_ELEMENT;
}
