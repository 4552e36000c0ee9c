import { constantOf } from '../../../engine/constant';
import { attentionMaps } from '../../../engine/loss-ops';
import { tf, type Tensor, type Tensor4D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import { mixChannels } from '../../teachers/fusion/network';
import { leavingValuesOf } from '../leaving-values';
import type { HintFactory, MethodViewTensors } from '../hint';
import type { ffsdKnobs } from './about';
import { Converter } from './converter';
import { selfDistillationLosses } from './converters';
import { leaderLosses, warmUp } from './loss';

/** The leader of FFSD: what the student learns from the fusion of the common students. */
export const createFfsd: HintFactory<typeof ffsdKnobs> = ({ pair, random, scope }) => {
  const { stages } = pair.student;
  const [height, width, channels] = stages.at(-1) as [number, number, number];
  const all = pair.teacher.more!['concat']![2]!;
  const { parameters } = describeModule(
    (ops, map) => ops.batchNormRelu(mixChannels(ops, map!, all), 'bn2'),
    [[height, width, channels]],
  );
  const module = Module.create(parameters, random, scope);
  const converter = new Converter(stages, random, scope);

  return {
    module,
    memory: converter.variables,
    leaves: () => leavingValuesOf({ '': module, converter: converter.module }),
    leavingSlots: async () => ({ converter: await converter.slots() }),
    optimisers: [converter.optimiser],
    parts: ['logits', `stages/${stages.length - 1}`, 'more/concat'],
    prepare: ({ rate }) => converter.optimiser.prepare(Converter.rate * rate),
    losses: (student, teacher, { knobs, progress, training, observed, probe }) => {
      const ops = module.ops({ training, ...(observed ? { observed } : {}) });
      const map = student.stages.at(-1) as Tensor4D;
      const translated = ops.batchNormRelu(mixChannels(ops, map, all), 'bn2') as Tensor4D;
      const fused = {
        logits: teacher.logits,
        map: teacher.stages.at(-1) as Tensor4D,
        concat: teacher.more!['concat'] as Tensor4D,
      };
      const { answers, maps } = leaderLosses(
        { logits: student.logits, map, translated },
        fused,
        knobs.temperature,
      );
      const made = converter.make(fused.map, false);
      const self = selfDistillationLosses(student.stages, made);
      const share = tf.mul(warmUp(progress, knobs.warmup), knobs.lambdaFusion);
      if (probe) {
        const tell = (name: string, value: Tensor) =>
          probe(
            name,
            constantOf(() => tf.mean<tf.Scalar>(value)),
          );
        tell('leader/answers', answers);
        tell('leader/last map', tf.mul(maps, share));
        tell('leader/earlier maps', tf.mul(self, share));
      }
      return tf.add(answers, tf.mul(tf.add(maps, self), share));
    },
    afterStep: (student, _teacher, { knobs, progress }) =>
      converter.learn(student.stages, tf.mul(warmUp(progress, knobs.warmup), knobs.lambdaSelf)),
    view: (student, { stages: fused, more }) => {
      const students = tf.split(more!['concat'] as Tensor4D, all / channels, 3) as Tensor4D[];
      return viewOf([
        ...students.map((map, i) => ({ label: `Common student ${i + 1}`, who: null, map })),
        { label: 'Fusion and student', who: 'teacher', map: fused.at(-1)! },
        { label: 'Fusion and student', who: 'student', map: student.stages.at(-1)! },
      ]);
    },
    dispose: () => {
      converter.dispose();
      module.dispose();
    },
  };
};

function viewOf(
  maps: readonly { label: string; who: 'teacher' | 'student' | null; map: Tensor }[],
): MethodViewTensors {
  return {
    line: 'Bright is where the last map looks. The common students are to look at different places; the fusion gathers these, and the student follows the fusion.',
    panels: maps.map(({ label, who, map }) => {
      const [count, height, width] = map.shape as [number, number, number];
      return {
        label,
        who,
        kind: 'maps',
        values: tf.reshape(attentionMaps(map as Tensor4D, 2), [count, height, width]),
      };
    }),
  };
}
