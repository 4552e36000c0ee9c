import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { Module } from '../../../nn/module';
import type { Trace } from '../../../nn/network';
import type { TraceShapes } from '../../about';
import type { HintFactory } from '../hint';
import { adaptiveAveragePool } from '../resample';
import { pairStages } from '../stages';
import { fuse, levelParameters, type Fusion, type Level } from './fusion';

const poolSides = [4, 2, 1];

/**
 * Hierarchical context loss of one level, [B]: mean squared error at full size and pooled to sides 4, 2, 1 (those
 * smaller than the map), the pools weighted 1/2, 1/4, ... by their order, over the sum of weights.
 * @param student [B,H,W,C] @param teacher [B,H,W,C], constant
 * Source: dvlab-research/ReviewKD.
 */
export function hclLosses(student: Tensor4D, teacher: Tensor4D): Tensor1D {
  return tf.tidy(() => {
    const error = (a: Tensor, b: Tensor) => tf.mean<Tensor1D>(tf.squaredDifference(a, b), [1, 2, 3]);
    let sum = error(student, teacher);
    let weights = 1;
    let weight = 1;
    for (const side of poolSides.filter((pool) => pool < student.shape[1])) {
      weight /= 2;
      weights += weight;
      const pooled = [student, teacher].map((map) => adaptiveAveragePool(map, side, side)) as [
        Tensor4D,
        Tensor4D,
      ];
      sum = tf.add(sum, tf.mul(error(...pooled), weight));
    }
    return tf.div(sum, weights);
  });
}

/** The levels of a pair, shallow to deep: one per stage, and the pooled vector as a 1x1 map. */
export function levelsOf(student: TraceShapes, teacher: TraceShapes, maxMidChannels: number): Level[] {
  const middle = Math.min(maxMidChannels, student.embedding[0]!);
  const pairs = pairStages(student.stages.length, teacher.stages.length).map(
    ([s, t]) => [student.stages[s]!, teacher.stages[t]!] as const,
  );
  const vector = ({ embedding }: TraceShapes) => [1, 1, embedding[0]!];
  return [...pairs, [vector(student), vector(teacher)] as const].map(([s, t], k, all) => ({
    prefix: `level${k}.`,
    student: s,
    teacher: t,
    middle,
    fused: k < all.length - 1,
  }));
}

/** ReviewKD with its ABF modules and review path. Source: Chen et al. 2021, the authors' code. */
export const createReview: HintFactory = ({ pair, knobs, random, scope }) => {
  const fusion = knobs['fusion'] as Fusion;
  const levels = levelsOf(pair.student, pair.teacher, Number(knobs['maxMidChannels']));
  const module = Module.create(
    levels.flatMap((level) => levelParameters(level, fusion)),
    random,
    scope,
  );
  const stages = pairStages(pair.student.stages.length, pair.teacher.stages.length);
  const asMap = (vector: Tensor) => tf.reshape(vector, [vector.shape[0]!, 1, 1, -1]) as Tensor4D;
  const mapsOf = (student: Trace, teacher: Trace): [Tensor4D, Tensor4D][] => [
    // The teacher is taken before the stage's last ReLU, the student after it, as in the authors' code.
    ...stages.map(([s, t]) => [student.stages[s], teacher.preActivations[t]] as [Tensor4D, Tensor4D]),
    [asMap(student.embedding), asMap(teacher.embedding)],
  ];
  return {
    module,
    looksAt: 'trace',
    losses: (student, teacher, { training, observed }) => {
      const ops = module.ops({ training, ...(observed ? { observed } : {}) });
      const maps = mapsOf(student, teacher);
      let residual: Tensor4D | null = null;
      const losses: Tensor1D[] = [];
      for (let k = levels.length - 1; k >= 0; k--) {
        const [map, target] = maps[k]!;
        const fused = fuse(ops, map, residual, levels[k]!, fusion);
        residual = fused.residual;
        losses.push(hclLosses(fused.output, target));
      }
      return losses.reduce((sum, level) => tf.add(sum, level));
    },
    dispose: () => module.dispose(),
  };
};
