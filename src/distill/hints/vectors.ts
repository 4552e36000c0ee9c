/** What stands for the images in a relation loss, taken from a trace in the space of its knob (space.ts). */
import type { Tensor, Tensor2D } from '../../engine/tf';
import type { Trace } from '../../nn/network';
import type { TraceShapes } from '../about';
import type { Space } from './space';

/** What stands for the images of a trace, [B,...]. @param inside the published choice */
export function inSpace(knobs: { space: Space }, trace: Trace, inside: (trace: Trace) => Tensor): Tensor {
  return knobs.space === 'logits' ? trace.logits : inside(trace);
}

/** Where the published choice is the embedding: vectors that stand for images, and what that needs. */
export function vectorsIn(knobs: { space: Space }): {
  title: string;
  /** [B,D] */
  of: (trace: Trace) => Tensor2D;
  /** Without the batch axis. */
  shapeOf: (shapes: TraceShapes, classes: number) => readonly number[];
} {
  const byLogits = knobs.space === 'logits';
  return {
    title: byLogits ? 'Logits' : 'Embeddings',
    of: (trace) => inSpace(knobs, trace, ({ embedding }) => embedding) as Tensor2D,
    shapeOf: ({ embedding }, classes) => (byLogits ? [classes] : embedding),
  };
}
