import { constantOf } from '../../../engine/constant';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { Trace } from '../../../nn/network';
import { connect, regressorGeometry, type Geometry } from '../fitnet/regressor';
import type { HintContext, HintFactory } from '../hint';
import type { abKnobs } from './about';
import { prepareStudent, withoutPull } from '../prelude';
import { matchSides } from '../resample';
import { pairStages } from '../stages';
import { abStageLosses, abStageMeans, matchingSigns, stageWeight } from './loss';

interface Stage {
  student: number;
  teacher: number;
  /** Null where the student's map already has the teacher's shape. */
  connector: { geometry: Geometry; filters: number; prefix: string } | null;
}

/** Activation boundaries, with a connector (convolution and batch norm) where shapes differ. */
export const createAb: HintFactory<typeof abKnobs> = ({ pair, knobs, random, scope }) => {
  const pairs = pairStages(pair.student.stages.length, pair.teacher.stages.length);
  const stages = pairs.map(([s, t], i): Stage => {
    const [from, to] = [pair.student.stages[s]!, pair.teacher.stages[t]!];
    const connector = {
      geometry: regressorGeometry(from[0]!, to[0]!),
      filters: to[2]!,
      prefix: `connector${i}.`,
    };
    return { student: s, teacher: t, connector: from.join() === to.join() ? null : connector };
  });
  const { parameters } = describeModule((ops) => {
    for (const { student, connector } of stages)
      if (connector)
        connect(ops, pair.student.stages[student]!, connector.geometry, connector.filters, connector.prefix);
  }, []);
  const module = parameters.length > 0 ? Module.create(parameters, random, scope) : null;

  /** Student and teacher before the ReLU, stage by stage, in one shape. */
  const connected = (student: Trace, teacher: Trace, { training, observed }: HintContext) => {
    const ops = module?.ops({ training, ...(observed ? { observed } : {}) });
    return stages.map((stage) => {
      const map = student.preActivations[stage.student]!;
      const { connector } = stage;
      const own = connector
        ? connect<Tensor>(ops!, map, connector.geometry, connector.filters, connector.prefix)
        : map;
      return matchSides(own as Tensor4D, teacher.preActivations[stage.teacher] as Tensor4D);
    });
  };
  const losses = (student: Trace, teacher: Trace, context: HintContext<typeof abKnobs>): Tensor1D => {
    const margin = context.knobs.margin;
    const sums = context.knobs.reduction === 'sum';
    const matched = connected(student, teacher, context);
    context.probe?.(
      'matching signs',
      constantOf(() => {
        const shares = matched.map(([s, t]) => matchingSigns(s, t));
        return tf.mean(tf.stack(shares));
      }),
    );
    return matched
      .map(([s, t], i) =>
        sums
          ? tf.mul<Tensor1D>(abStageLosses(s, t, margin), stageWeight(i, stages.length))
          : tf.div<Tensor1D>(abStageMeans(s, t, margin), stages.length),
      )
      .reduce((sum, stage) => tf.add(sum, stage));
  };
  return {
    module,
    parts: pairs.map(([, t]) => `preActivations/${t}` as const),
    losses: (student, teacher, context) =>
      knobs.stages === 'two'
        ? withoutPull(student, context, () => losses(student, teacher, context))
        : losses(student, teacher, context),
    prelude: prepareStudent(
      'The student’s neurons learn to fire when the teacher’s do, before it learns the task.',
      module,
      losses,
    ),
    view: (student, teacher, context) => ({
      line: 'Bright is where the student’s neurons fire when the teacher’s do and keep silent with them, over all channels.',
      panels: connected(student, teacher, context).map(([s, t], i) => ({
        label: `Matching signs, stage ${i + 1}`,
        who: null,
        kind: 'maps',
        values: tf.sub(1, tf.mean(tf.abs(tf.sub(tf.step(s), tf.step(t))), -1)),
      })),
    }),
    dispose: () => module?.dispose(),
  };
};
