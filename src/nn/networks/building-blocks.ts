/** Parts that several networks share. */
import type { DenseOptions, Ops, TraceOf } from '../../engine/ops';
import { mapName } from '../map-groups';

export interface Stage<T> {
  /** Output of the stage before its last activation. */
  preActivation: T;
  /** Output of the stage. */
  stage: T;
  /** Its maps after each ReLU between blocks, the last of them `stage`; where the network shows them. */
  maps?: readonly T[];
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
 * @param from the first stage that is computed, on `first`
 */
export function reluStages<T>(
  ops: Ops<T>,
  first: T,
  blocks: readonly number[],
  block: (x: T, name: string, stage: number, isFirst: boolean) => T,
  from = 0,
): Stage<T>[] {
  let x = first;
  return blocks.slice(from).map((count, index) => {
    const stage = from + index;
    const maps: T[] = [];
    let preActivation = x;
    for (let i = 0; i < count; i++) {
      preActivation = block(x, `layer${stage + 1}.${i}`, stage, i === 0);
      x = ops.relu(preActivation);
      maps.push(x);
    }
    return { preActivation, stage: x, maps };
  });
}

/** Classifies an embedding [B,D] with one dense layer. */
export function traceWith<T>(
  ops: Ops<T>,
  { stem, stages, embedding }: { stem: T; stages: readonly Stage<T>[]; embedding: T },
  classifier: DenseOptions,
): TraceOf<T> {
  const groups = groupsOf(ops, stages);
  return {
    logits: ops.dense(embedding, classifier),
    embedding,
    stem,
    stages: stages.map(({ stage }) => stage),
    preActivations: stages.map(({ preActivation }) => preActivation),
    ...(groups.length > 0
      ? {
          more: Object.fromEntries(
            groups.flatMap((maps, g) => maps.map((map, j) => [mapName(g, j), map] as const)),
          ),
        }
      : {}),
  };
}

/** Maps after a ReLU, grouped by shape, in the order of the network. */
function groupsOf<T>(ops: Ops<T>, stages: readonly Stage<T>[]): T[][] {
  const groups: T[][] = [];
  for (const map of stages.flatMap(({ maps = [] }) => maps)) {
    const last = groups.at(-1)?.[0];
    if (last !== undefined && ops.shapeOf(last).join() === ops.shapeOf(map).join()) groups.at(-1)!.push(map);
    else groups.push([map]);
  }
  return groups;
}
