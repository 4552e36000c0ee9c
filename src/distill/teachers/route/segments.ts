/** The student's way along the anchors: when each begins and how long it lasts. Plain numbers. */
import { anchorAtEpoch } from './anchors';

/** A stretch of the student's training with one anchor. */
export interface Segment {
  /** Steps of the student that are done when it begins. */
  from: number;
  steps: number;
}

/**
 * Stages of equal length, the last one with what is left over; with fewer steps than anchors the first anchors are
 * left out (segments of no steps).
 */
export function stages(anchors: number, steps: number): Segment[] {
  const each = Math.max(1, Math.floor(steps / anchors));
  const skipped = Math.max(0, anchors - steps);
  return Array.from({ length: anchors }, (_, k) => {
    const from = Math.max(0, k - skipped) * each;
    const to = k < skipped ? 0 : k === anchors - 1 ? steps : from + each;
    return { from, steps: to - from };
  });
}

/**
 * One run over all anchors: the student's steps are laid over the teacher's epochs, and the anchor changes every
 * `interval` of these (the rule of the public code, where both train equally long).
 * @param interval in epochs of the teacher, may be a fraction
 */
export function oneStage(anchors: number, steps: number, epochs: number, interval: number): Segment[] {
  const segments: Segment[] = Array.from({ length: anchors }, () => ({ from: 0, steps: 0 }));
  for (let step = 0; step < steps; step++) {
    const segment = segments[anchorAtEpoch(anchors, interval, (step / steps) * epochs)]!;
    if (segment.steps === 0) segment.from = step;
    segment.steps++;
  }
  return segments;
}
