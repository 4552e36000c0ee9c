import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { Network } from '../../../nn/network';
import { stageWeight } from '../ab/loss';
import type { HintFactory } from '../hint';
import { matchSides } from '../resample';
import { pairStages } from '../stages';
import { connectOfd } from './connector';
import { ofdStageLosses } from './loss';
import { marginOfBatch, marginOfNorm } from './margin';
import { normsBeforeStages } from './norms';

/** The overhaul of feature distillation: partial distance before the ReLU, with margins on the teacher's side. */
export const createOfd: HintFactory = ({ pair, knobs, random, scope, teacher: network }) => {
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
  const margins = network && knobs['margin'] === 'norm' ? marginsOf(network) : [];
  return {
    module,
    looksAt: 'trace',
    losses: (student, teacher, { images, training, observed }) => {
      const ops = module.ops({ training, ...(observed ? { observed } : {}) });
      const shown =
        network && training && knobs['teacherMode'] === 'training'
          ? network.forward(images, { training: true })
          : teacher;
      return stages
        .map((stage, i) => {
          const target = shown.preActivations[stage.teacher] as Tensor4D;
          const margin = margins[stage.teacher] ?? marginOfBatch(target);
          const [s, t] = matchSides(student.preActivations[stage.student] as Tensor4D, target);
          const connected = connectOfd<Tensor>(ops, s, stage.filters, stage.prefix);
          const losses = ofdStageLosses(connected, t, margin);
          return tf.mul<Tensor1D>(losses, stageWeight(i, stages.length));
        })
        .reduce((sum, losses) => tf.add(sum, losses));
    },
    dispose: () => {
      module.dispose();
      tf.dispose(margins.filter((margin) => margin !== null));
    },
  };
};

/** Margins [C] per stage of a network, null for stages without a batch norm before their ReLU; the caller's. */
function marginsOf({ name, input, classes, module }: Network): (Tensor1D | null)[] {
  return normsBeforeStages(name, input, classes).map((norm) => {
    const [gamma, beta] = ['weight', 'bias'].map((part) => module.trainable.get(`${norm}.${part}`));
    return gamma && beta ? tf.keep(marginOfNorm(gamma, beta)) : null;
  });
}
