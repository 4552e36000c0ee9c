/** The network of fused students: common students side by side, and a module that fuses their last maps. */
import type { JoinOps, Ops, TraceOf } from '../../../engine/ops';
import type { JoinedDefinition, NetworkDefinition } from '../../../nn/networks/define-network';
import { prefixed } from '../../../nn/prefixed';

export interface Fused<T> {
  /** [B,H,W,C] before and after the last ReLU */
  preActivation: T;
  map: T;
  /** [B,C] */
  embedding: T;
  /** [B,K] */
  logits: T;
}

const fusionPrefix = 'fusion.';
const studentPrefix = (student: number) => `student${student + 1}.`;

/** The common students' traces, the parameters of each under a prefix. */
export function commonStudents<T>(
  ops: Ops<T>,
  images: T,
  network: NetworkDefinition,
  students: number,
): TraceOf<T>[] {
  return Array.from({ length: students }, (_, i) => network(prefixed(ops, studentPrefix(i)), images));
}

/**
 * Depthwise 3x3, BN, ReLU, 1x1 to C, BN, ReLU, global average, dense. Source: Li et al. 2022, the authors' code.
 * @param maps the students' last maps, [B,H,W,C] each @param prefix of the parameters' names
 */
export function fuseMaps<T>(
  ops: Ops<T>,
  maps: readonly T[],
  classes: number,
  prefix = fusionPrefix,
): Fused<T> {
  const named = prefixed(ops, prefix);
  const channels = ops.shapeOf(maps[0]!)[2]!;
  const preActivation = named.batchNorm(mixChannels(named, ops.concat(maps), channels), 'bn2');
  const map = ops.relu(preActivation);
  const embedding = ops.globalAveragePool(map);
  return { preActivation, map, embedding, logits: named.dense(embedding, { name: 'fc', units: classes }) };
}

/** Depthwise 3x3, BN, ReLU, 1x1 to so many channels. */
export function mixChannels<T>(ops: Ops<T>, map: T, channels: number): T {
  const spread = ops.depthwiseConv(map, { name: 'depthwise', kernel: 3, padding: 1 });
  return ops.conv(ops.batchNormRelu(spread, 'bn1'), { name: 'pointwise', filters: channels, kernel: 1 });
}

/**
 * All in one: logits and last stage are the fusion's, what lies before that is the first student's; `more` has the last
 * maps of all students side by side (`concat`) and the logits of each (`peer1`, `peer2`, ...).
 */
export function fusedStudents(
  network: NetworkDefinition,
  students: number,
  classes: number,
): JoinedDefinition {
  return <T>(ops: JoinOps<T>, images: T): TraceOf<T> => {
    const traces = commonStudents(ops, images, network, students);
    const maps = traces.map(({ stages }) => stages.at(-1)!);
    const { preActivation, map, embedding, logits } = fuseMaps(ops, maps, classes);
    const first = traces[0]!;
    return {
      ...first,
      logits,
      embedding,
      stages: [...first.stages.slice(0, -1), map],
      preActivations: [...first.preActivations.slice(0, -1), preActivation],
      more: {
        concat: ops.concat(maps),
        ...Object.fromEntries(traces.map((trace, i) => [`peer${i + 1}`, trace.logits])),
      },
    };
  };
}
