/** Parts that several networks share. */
import type { DenseOptions, Ops, TraceOf } from '../../engine/ops';

export interface Stage<T> {
  /** Output of the stage before its last activation. */
  preActivation: T;
  /** Output of the stage. */
  stage: T;
}

/** Square convolution without bias that keeps height and width at stride 1, with He's first values. */
export function heConv<T>(
  ops: Ops<T>,
  x: T,
  name: string,
  filters: number,
  kernel: number,
  stride: number,
): T {
  return ops.conv(x, { name, filters, kernel, stride, padding: (kernel - 1) / 2, init: 'he-fan-out' });
}

/**
 * Stages of blocks that each end in a ReLU.
 * @param blocks number of blocks per stage
 * @param block computes a block up to its last ReLU; its parameters are called `name`
 */
export function reluStages<T>(
  ops: Ops<T>,
  first: T,
  blocks: readonly number[],
  block: (x: T, name: string, stage: number, isFirst: boolean) => T,
): Stage<T>[] {
  let x = first;
  return blocks.map((count, stage) => {
    let preActivation = x;
    for (let i = 0; i < count; i++) {
      preActivation = block(x, `layer${stage + 1}.${i}`, stage, i === 0);
      x = ops.relu(preActivation);
    }
    return { preActivation, stage: x };
  });
}

/** Classifies an embedding [B,D] with one dense layer. */
export function traceWith<T>(
  ops: Ops<T>,
  { stem, stages, embedding }: { stem: T; stages: readonly Stage<T>[]; embedding: T },
  classifier: DenseOptions,
): TraceOf<T> {
  return {
    logits: ops.dense(embedding, classifier),
    embedding,
    stem,
    stages: stages.map(({ stage }) => stage),
    preActivations: stages.map(({ preActivation }) => preActivation),
  };
}
