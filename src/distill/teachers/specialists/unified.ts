/** Several specialists in one body: parallel branches, one softmax over all classes. */
import type { JoinOps, TraceOf } from '../../../engine/ops';
import type { NetworkDefinition } from '../../../nn/networks/define-network';
import { prefixed } from '../../../nn/prefixed';
import type { ClassSets } from './split';

/** Where a branch keeps its output for "none of mine", if it has one; it is cut off before the branches are joined. */
export type OtherOutput = 'none' | 'first' | 'last';

export interface Joining {
  /** The classes of each branch, in the order of its outputs. */
  sets: ClassSets;
  classes: number;
  /** What happens to a branch's outputs first: nothing, or a softmax (then the joined scores lie in 0..1). */
  activation: 'linear' | 'softmax';
  other: readonly OtherOutput[];
}

/**
 * The score of each class [B,C]: the mean of the outputs of the branches that know it.
 * @param heads [B,k] per branch, "other" outputs included
 * Source: Adamantios/NN-Train, ensemble.py of both layouts.
 */
export function joinHeads<T>(ops: JoinOps<T>, heads: readonly T[], joining: Joining): T {
  const active = joining.activation === 'softmax' ? heads.map((head) => ops.softmax(head)) : heads;
  return ops.blend(ops.concat(active), joiningMatrix(joining));
}

/** One row per output of the heads side by side, one column per class: 1/n where one of n branches answers for it. */
export function joiningMatrix({ sets, classes, other }: Joining): number[][] {
  const branches = new Array<number>(classes).fill(0);
  for (const c of sets.flat()) branches[c]!++;
  const nothing = () => new Array<number>(classes).fill(0);
  return sets.flatMap((set, b) => {
    const rows = set.map((c) => nothing().map((_, column) => (column === c ? 1 / branches[c]! : 0)));
    if (other[b] === 'first') rows.unshift(nothing());
    if (other[b] === 'last') rows.push(nothing());
    return rows;
  });
}

export interface UnifiedOptions {
  joining: Joining;
  /** One network per branch, made for the number of outputs it is given. */
  branches: readonly ((outputs: number) => NetworkDefinition)[];
  /** Filters of a convolution that all branches share; 0 for none, as published. */
  trunk: number;
}

/** How many outputs each branch has. */
export function outputsOf({ sets, other }: Joining): number[] {
  return sets.map((set, b) => set.length + (other[b] === 'none' ? 0 : 1));
}

/**
 * The unified network, a network like any other. Branch b's parameters are called `branch{b}.…`, the shared
 * convolution's `trunk.…`. Its logits are the joined scores; its embedding is the branches' embeddings side by side;
 * stage k (and stem, and pre-activations) are the channels of the branches' stage k side by side, from those branches
 * whose map is as large as the first one's. `more` holds the branches' own outputs: `branch0`, `branch1`, ...
 */
export function unified({ joining, branches, trunk }: UnifiedOptions) {
  const outputs = outputsOf(joining);
  return <T>(ops: JoinOps<T>, images: T): TraceOf<T> => {
    const shared = trunk > 0 ? sharedLayer(ops, images, trunk) : images;
    const traces = branches.map((branch, b) => branch(outputs[b]!)(prefixed(ops, `branch${b}.`), shared));
    const heads = traces.map((trace) => trace.logits);
    const depth = Math.min(...traces.map((trace) => trace.stages.length));
    const joined = (pick: (trace: TraceOf<T>) => T) => joinMaps(ops, traces.map(pick));
    return {
      logits: joinHeads(ops, heads, joining),
      embedding: ops.concat(traces.map((trace) => trace.embedding)),
      stem: trunk > 0 ? shared : joined((trace) => trace.stem),
      stages: Array.from({ length: depth }, (_, k) => joined((trace) => trace.stages[k]!)),
      preActivations: Array.from({ length: depth }, (_, k) => joined((trace) => trace.preActivations[k]!)),
      more: Object.fromEntries(heads.map((head, b) => [`branch${b}`, head])),
    };
  };
}

function sharedLayer<T>(ops: JoinOps<T>, images: T, filters: number): T {
  const map = ops.conv(images, { name: 'trunk.conv', filters, kernel: 3, padding: 1 });
  return ops.batchNormRelu(map, 'trunk.bn');
}

function joinMaps<T>(ops: JoinOps<T>, maps: readonly T[]): T {
  const sides = (map: T) => ops.shapeOf(map).slice(0, 2).join();
  return ops.concat(maps.filter((map) => sides(map) === sides(maps[0]!)));
}
