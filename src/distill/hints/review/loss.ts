import { constantOf } from '../../../engine/constant';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { Module } from '../../../nn/module';
import type { Trace } from '../../../nn/network';
import type { TraceShapes } from '../../about';
import type { ValuesOf } from '../../knobs';
import type { HintContext, HintFactory } from '../hint';
import type { reviewKnobs } from './about';
import { kdLosses } from '../kd/loss';
import { pairStages } from '../stages';
import { fuse, levelParameters, type Fused, type Level } from './fusion';
import { hclParts } from './hcl';

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
export const createReview: HintFactory<typeof reviewKnobs> = ({ pair, knobs, random, scope }) => {
  const fusion = knobs.fusion;
  const levels = levelsOf(pair.student, pair.teacher, knobs.maxMidChannels);
  const module = Module.create(
    levels.flatMap((level) => levelParameters(level, fusion)),
    random,
    scope,
  );
  const stages = pairStages(pair.student.stages.length, pair.teacher.stages.length);
  const before = knobs.studentPreActivation;
  const asMap = (vector: Tensor) => tf.reshape(vector, [vector.shape[0]!, 1, 1, -1]) as Tensor4D;
  const mapsOf = (student: Trace, teacher: Trace): [Tensor4D, Tensor4D][] => {
    // The teacher is taken before the stage's last ReLU, the student after it, as in the authors' code.
    const own = before ? student.preActivations : student.stages;
    return [
      ...stages.map(([s, t]) => [own[s], teacher.preActivations[t]] as [Tensor4D, Tensor4D]),
      [asMap(student.embedding), asMap(teacher.embedding)],
    ];
  };
  /** The fused levels, shallow to deep, with the teacher's maps. */
  const reviewed = (student: Trace, teacher: Trace, { training, observed }: HintContext) => {
    const ops = module.ops({ training, ...(observed ? { observed } : {}) });
    const maps = mapsOf(student, teacher);
    let residual: Tensor4D | null = null;
    const path: { fused: Fused; target: Tensor4D }[] = [];
    for (let k = levels.length - 1; k >= 0; k--) {
      const [map, target] = maps[k]!;
      const fused: Fused = fuse(ops, map, residual, levels[k]!, fusion);
      residual = fused.residual;
      path.unshift({ fused, target });
    }
    return path;
  };

  return {
    module,
    parts: ['embedding', ...stages.map(([, t]) => `preActivations/${t}` as const)],
    losses: (student, teacher, context) => {
      const pools = poolsOf(context.knobs);
      const path = reviewed(student, teacher, context);
      const parts = path.map(({ fused, target }) => hclParts(fused.output, target, pools));
      const sumOf = (all: { losses: Tensor1D }[]) =>
        all.map(({ losses }) => losses).reduce((sum, part) => tf.add(sum, part));
      const { probe } = context;
      if (probe) {
        parts.forEach((level, k) => probe(`HCL/level ${k + 1}`, tf.mean(sumOf(level))));
        scalesOf(parts).forEach(([name, all]) => probe(`scale/${name}`, tf.mean(sumOf(all))));
        path.forEach(({ fused: { attention } }, k) => {
          if (attention)
            probe(
              `student’s share/level ${k + 1}`,
              constantOf(() => studentShare(attention)),
            );
        });
      }
      const hcl = sumOf(parts.flat());
      if (!context.knobs.useKd) return hcl;
      const temperature = context.knobs.temperature;
      const soft = kdLosses(student.logits, teacher.logits, temperature);
      return tf.add(hcl, tf.mul(soft, context.knobs.klWeight));
    },
    view: (student, teacher, context) => ({
      line: 'Student’s share: bright places come from the student’s own level, dark ones from the deeper levels. Under it, the mean of the teacher’s channels and what the student makes of it: they should come to look alike.',
      panels: reviewed(student, teacher, context).flatMap(({ fused, target }, k) => [
        ...(fused.attention
          ? [
              {
                label: `Student’s share, level ${k + 1}`,
                who: null,
                kind: 'maps' as const,
                values: shares(fused.attention),
              },
            ]
          : []),
        ...(target.shape[1] > 1
          ? [
              {
                label: `Level ${k + 1}`,
                who: 'teacher' as const,
                kind: 'maps' as const,
                values: tf.mean(target, -1),
              },
              {
                label: `Level ${k + 1}`,
                who: 'student' as const,
                kind: 'maps' as const,
                values: tf.mean(fused.output, -1),
              },
            ]
          : []),
      ]),
    }),
    dispose: () => module.dispose(),
  };
};

function poolsOf(knobs: ValuesOf<typeof reviewKnobs>): number[] {
  const text = knobs.poolSizes;
  return text === 'none' ? [] : text.split(',').map(Number);
}

/** The parts of all levels by what they compare: full size, or pooled to a side. */
function scalesOf<P extends { side: number }>(levels: readonly P[][]): [string, P[]][] {
  const byName = new Map<string, P[]>();
  for (const level of levels)
    level.forEach((part, k) => {
      const name = k === 0 ? 'full size' : `pooled to ${part.side}`;
      byName.set(name, [...(byName.get(name) ?? []), part]);
    });
  return [...byName];
}

/** The student's part in what is fused, a / (a + b), per place: [B,S,S,2] -> [B,S,S]. */
function shares(attention: Tensor4D): tf.Tensor3D {
  return tf.tidy(() => {
    const [a, b] = tf.unstack(attention, -1) as [tf.Tensor3D, tf.Tensor3D];
    return tf.div(a, tf.add(a, b));
  });
}

const studentShare = (attention: Tensor4D): tf.Scalar => tf.tidy(() => tf.mean(shares(attention)));
