import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { Network, Trace } from '../../../nn/network';
import { stageWeight } from '../ab/loss';
import type { HintContext, HintFactory } from '../hint';
import type { ofdKnobs } from './about';
import { activityPanels } from '../method-views';
import { matchSides } from '../resample';
import { pairStages } from '../stages';
import { connectOfd } from './connector';
import { ofdStageLosses } from './loss';
import { marginOfBatch, marginOfNorm } from './margin';
import { normsBeforeStages } from './norms';

/** The overhaul of feature distillation: partial distance before the ReLU, with margins on the teacher's side. */
export const createOfd: HintFactory<typeof ofdKnobs> = ({ pair, knobs, random, scope, teacher: network }) => {
  const stages = pairStages(pair.student.stages.length, pair.teacher.stages.length).map(([s, t], i) => ({
    student: s,
    teacher: t,
    filters: pair.teacher.stages[t]![2]!,
    prefix: `connector${i}.`,
  }));
  const { parameters } = describeModule((ops) => {
    for (const { student, filters, prefix } of stages)
      connectOfd(ops, pair.student.stages[student]!, filters, prefix);
  }, []);
  const module = Module.create(parameters, random, scope);
  const margins = network && knobs.margin === 'norm' ? marginsOf(network) : [];
  /** Student and teacher before the ReLU, stage by stage, on the teacher's channels and in one size. */
  const connected = (student: Trace, teacher: Trace, { training, observed }: HintContext) => {
    const ops = module.ops({ training, ...(observed ? { observed } : {}) });
    return stages.map((stage): [Tensor4D, Tensor4D] => {
      const [map, target] = [student.preActivations[stage.student], teacher.preActivations[stage.teacher]];
      const [s, t] = matchSides(map as Tensor4D, target as Tensor4D);
      return [connectOfd<Tensor>(ops, s, stage.filters, stage.prefix) as Tensor4D, t];
    });
  };
  return {
    module,
    parts: stages.map(({ teacher }) => `preActivations/${teacher}` as const),
    losses: (student, teacher, context) => {
      const { teacherInputs: images, training } = context;
      const shown =
        network && training && knobs.teacherMode === 'training'
          ? network.forward(images, { training: true })
          : teacher;
      return connected(student, shown, context)
        .map(([s, t], i) => {
          const { teacher: index } = stages[i]!;
          const margin = margins[index] ?? marginOfBatch(shown.preActivations[index]!);
          return tf.mul<Tensor1D>(ofdStageLosses(s, t, margin), stageWeight(i, stages.length));
        })
        .reduce((sum, losses) => tf.add(sum, losses));
    },
    view: (student, teacher, context) => ({
      line: 'Bright is where a stage is excited by this image: the teacher’s, and the student’s on the teacher’s channels.',
      panels: connected(student, teacher, context).flatMap(([s, t], i) =>
        activityPanels(`Stage ${i + 1}`, tf.relu(s), tf.relu(t)),
      ),
    }),
    dispose: () => {
      module.dispose();
      tf.dispose(margins.filter((margin) => margin !== null));
    },
  };
};

/** Margins [C] per stage of a network, null for stages without a batch norm before their ReLU; the caller's. */
function marginsOf({ name, input, outputs: classes, module }: Network): (Tensor1D | null)[] {
  return normsBeforeStages(name, input, classes).map((norm) => {
    const [gamma, beta] = ['weight', 'bias'].map((part) => module.trainable.get(`${norm}.${part}`));
    return gamma && beta ? tf.keep(marginOfNorm(gamma, beta)) : null;
  });
}
