import type { Tensor, Tensor4D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import type { Trace } from '../../../nn/network';
import { leavingValuesOf } from '../leaving-values';
import type { HintContext, HintFactory } from '../hint';
import type { ftKnobs } from './about';
import { activityPanels } from '../method-views';
import { matchSides } from '../resample';
import { factorAttentionLosses, factorLosses, paraphraserLosses } from './loss';
import { decode, encode, factorChannels, leaky, translate } from './modules';

/** The benchmark trains the paraphraser five times more slowly for these students. */
const slowFor = /^(resnet|wrn)/;

/** Factor transfer: a paraphraser learned from the teacher first and then frozen, and a translator for the student. */
export const createFt: HintFactory<typeof ftKnobs> = ({ pair, knobs, random, scope }) => {
  const [from, to] = [pair.student.stages.at(-1)!, pair.teacher.stages.at(-1)!];
  const channels = factorChannels(to[2]!, knobs.rate);
  const asItIs = <T>(x: T): T => x;
  const own = describeModule((ops, map) => translate(ops, map!, channels, asItIs), [from]);
  const frozen = describeModule(
    (ops, map) => decode(ops, encode(ops, map!, channels, asItIs), to[2]!, asItIs),
    [to],
  );
  const module = Module.create(own.parameters, random, scope);
  const paraphraser = Module.create(frozen.parameters, random, `${scope}/paraphraser`);
  const paraphrased = ({ stages }: Trace) => {
    const ops = paraphraser.ops({ training: false });
    return { ops, factors: encode<Tensor>(ops, stages.at(-1)!, channels, leaky) };
  };
  /** The student's factors and the teacher's. */
  const factorsOf = (student: Trace, teacher: Trace, { training, observed }: HintContext) => {
    const ops = module.ops({ training, ...(observed ? { observed } : {}) });
    const own = translate<Tensor>(ops, student.stages.at(-1)!, channels, leaky);
    return [own, paraphrased(teacher).factors] as [Tensor4D, Tensor4D];
  };
  return {
    module,
    parts: [`stages/${pair.teacher.stages.length - 1}`],
    losses: (student, teacher, context) => {
      const [s, t] = factorsOf(student, teacher, context);
      const p2 = knobs.p2;
      return knobs.form === 'paper'
        ? factorLosses(s, t, p2)
        : factorAttentionLosses(s, t, { p1: knobs.p1, p2 });
    },
    view: (student, teacher, context) => ({
      line: 'Bright is where the factors are active for this image: the teacher’s shorthand, and the student’s.',
      panels: activityPanels('Factors', ...matchSides(...factorsOf(student, teacher, context))),
    }),
    memory: [...paraphraser.trainable.values()],
    leaves: () => leavingValuesOf({ '': module, paraphraser }),
    prelude: {
      text: 'A paraphraser learns to put the teacher’s last map in fewer channels.',
      variables: () => [...paraphraser.trainable.values()],
      learningRate: (highest) => (slowFor.test(pair.names.student) ? highest / 5 : highest),
      losses: (_student, teacher) => {
        const { ops, factors } = paraphrased(teacher);
        return paraphraserLosses(decode<Tensor>(ops, factors, to[2]!, leaky), teacher.stages.at(-1)!);
      },
    },
    dispose: () => {
      module.dispose();
      paraphraser.dispose();
    },
  };
};
