import { tf, type Tensor1D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import { encode, type Granular } from '../../teachers/granular/heads';
import { codeLosses } from '../../teachers/granular/losses';
import type { HintFactory } from '../hint';

/** The two codes of a trace's `more`; only for a teacher that makes them (see `refuse`). */
function codesOf<T>(more: Readonly<Record<string, T>> | undefined): Granular<T> {
  const [abstract, detailed] = [more?.['abstractCode'], more?.['detailedCode']];
  if (!abstract || !detailed) throw new Error('This teacher makes no codes.');
  return { abstract, detailed };
}

/** MGD's code terms: the student carries both encoders on its embedding; its decoders are never used and left out. */
export const createCodes: HintFactory = ({ pair, random, scope }) => {
  const shapes = codesOf(pair.teacher.more);
  const widths = { abstract: shapes.abstract[0]!, detailed: shapes.detailed[0]! };
  const { parameters } = describeModule(
    (ops, embedding) => encode(ops, embedding!, widths),
    [pair.student.embedding],
  );
  const module = Module.create(parameters, random, scope);
  return {
    module,
    looksAt: 'trace',
    losses: (student, teacher, { training, knobs, probe }) => {
      const own = encode(module.ops({ training }), student.embedding, widths);
      const losses = codeLosses(own, codesOf(teacher.more), {
        abstract: Number(knobs['lowTemperature']),
        detailed: Number(knobs['highTemperature']),
      });
      probe?.('abstract', tf.mean(losses.abstract));
      probe?.('detailed', tf.mean(losses.detailed));
      return tf.add<Tensor1D>(losses.abstract, losses.detailed);
    },
    dispose: () => module.dispose(),
  };
};
