import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import type { Ops } from '../../../engine/ops';
import { describeModule, type ParameterSpec } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { HintFactory } from '../hint';
import type { vidKnobs } from './about';
import { attentionView } from '../method-views';
import { matchSides } from '../resample';
import { pairStages } from '../stages';

/** Least variance. */
const leastVariance = 1e-5;
/** The log-scale whose softplus plus epsilon is `variance`. */
const logScaleOf = (variance: number) => Math.log(Math.expm1(variance - leastVariance));

/** Three 1x1 convolutions without bias, ReLU between: [B,H,W,C_s] -> [B,H,W,C_t]. */
export function vidMean<T>(ops: Ops<T>, map: T, prefix: string, filters: number): T {
  const layer = (x: T, i: number) => ops.conv(x, { name: `${prefix}conv${i}`, filters, kernel: 1 });
  return layer(ops.relu(layer(ops.relu(layer(map, 0)), 1)), 2);
}

/**
 * Negative Gaussian log-likelihood of the teacher's map, mean over places and channels, [B]; may be negative.
 * @param mean [B,H,W,C] read from the student
 * @param logScale [C] trained; the variance is softplus(logScale) + epsilon
 * Source: Ahn et al. 2019; equals RepDistiller.
 */
export function vidLosses(
  mean: Tensor,
  teacher: Tensor,
  logScale: Tensor,
  epsilon = leastVariance,
): Tensor1D {
  return tf.tidy(() => {
    const variance = tf.add(tf.softplus(logScale), epsilon);
    const terms = tf.add(tf.div(tf.squaredDifference(mean, teacher), variance), tf.log(variance));
    return tf.mul(tf.mean(terms, [1, 2, 3]), 0.5);
  });
}

export const createVid: HintFactory<typeof vidKnobs> = ({ pair, knobs, random, scope }) => {
  const stages = pairStages(pair.student.stages.length, pair.teacher.stages.length).map(([s, t], i) => ({
    student: s,
    teacher: t,
    prefix: `stage${i}.`,
    filters: pair.teacher.stages[t]![2]!,
  }));
  const specs = stages.flatMap(({ student, prefix, filters }): ParameterSpec[] => [
    ...describeModule((ops, map) => vidMean(ops, map!, prefix, filters), [pair.student.stages[student]!])
      .parameters,
    {
      name: `${prefix}logScale`,
      shape: [filters],
      init: { kind: 'constant', value: logScaleOf(knobs.firstVariance) },
      kind: 'weight',
    },
  ]);
  const module = Module.create(specs, random, scope);
  return {
    module,
    parts: stages.map(({ teacher }) => `stages/${teacher}` as const),
    losses: (student, teacher, { training, probe }) => {
      const ops = module.ops({ training });
      stages.forEach(({ prefix }, i) => {
        const variance = tf.add(tf.softplus(module.trainable.get(`${prefix}logScale`)!), leastVariance);
        probe?.(`mean variance/stage ${i + 1}`, tf.mean(variance));
      });
      return stages
        .map((stage) => {
          const [s, t] = matchSides(
            student.stages[stage.student] as Tensor4D,
            teacher.stages[stage.teacher] as Tensor4D,
          );
          const mean = vidMean<Tensor>(ops, s, stage.prefix, stage.filters);
          return vidLosses(mean, t, module.trainable.get(`${stage.prefix}logScale`)!);
        })
        .reduce((sum, losses) => tf.add(sum, losses));
    },
    view: (student, teacher) =>
      attentionView(
        student,
        teacher,
        stages.map((stage) => [stage.student, stage.teacher] as const),
      ),
    dispose: () => module.dispose(),
  };
};
