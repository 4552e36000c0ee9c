import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { describeModule } from '../../../nn/describe';
import { Module } from '../../../nn/module';
import { encode, type Granular } from '../../teachers/granular/heads';
import { codeLosses, type Temperatures } from '../../teachers/granular/losses';
import type { ValuesOf } from '../../knobs';
import type { HintFactory, MethodViewTensors } from '../hint';
import type { codesKnobs } from './about';

/** The two codes of a trace's `more`; only for a teacher that makes them (see `refuse`). */
function codesOf<T>(more: Readonly<Record<string, T>> | undefined): Granular<T> {
  const [abstract, detailed] = [more?.['abstractCode'], more?.['detailedCode']];
  if (!abstract || !detailed) throw new Error('This teacher makes no codes.');
  return { abstract, detailed };
}

/** MGD's code terms: the student carries both encoders on its embedding; its decoders are never used and left out. */
export const createCodes: HintFactory<typeof codesKnobs> = ({ pair, random, scope }) => {
  const shapes = codesOf(pair.teacher.more);
  const widths = { abstract: shapes.abstract[0]!, detailed: shapes.detailed[0]! };
  const { parameters } = describeModule(
    (ops, embedding) => encode(ops, embedding!, widths),
    [pair.student.embedding],
  );
  const module = Module.create(parameters, random, scope);
  return {
    module,
    parts: ['more/abstractCode', 'more/detailedCode'],
    losses: (student, teacher, { training, knobs, probe }) => {
      const own = encode(module.ops({ training }), student.embedding, widths);
      const losses = codeLosses(own, codesOf(teacher.more), temperaturesOf(knobs));
      probe?.('abstract', tf.mean(losses.abstract));
      probe?.('detailed', tf.mean(losses.detailed));
      return tf.add<Tensor1D>(losses.abstract, losses.detailed);
    },
    view: (student, teacher, { knobs }) => {
      const own = encode(module.ops({ training: false }), student.embedding, widths);
      return codesView(own, codesOf(teacher.more), temperaturesOf(knobs));
    },
    dispose: () => module.dispose(),
  };
};

const temperaturesOf = (knobs: ValuesOf<typeof codesKnobs>): Temperatures => ({
  abstract: knobs.lowTemperature,
  detailed: knobs.highTemperature,
});

/** Both codes as the loss compares them, each folded into a picture with a cell per number. */
function codesView(
  student: Granular<Tensor>,
  teacher: Granular<Tensor>,
  temperatures: Temperatures,
): MethodViewTensors {
  const panels = (label: string, of: keyof Granular<unknown>): MethodViewTensors['panels'] => [
    { label, who: 'teacher', kind: 'maps', values: folded(teacher[of], temperatures[of]) },
    { label, who: 'student', kind: 'maps', values: folded(student[of], temperatures[of]) },
  ];
  return {
    line: 'A cell per number of the code, in no order that means anything: what counts is that the student’s pattern comes to look like the teacher’s.',
    panels: [...panels('Abstract code', 'abstract'), ...panels('Detailed code', 'detailed')],
  };
}

/** Softmax of codes [N,k] at a temperature, in a square [N,s,s] that is filled up with zeros. */
function folded(codes: Tensor, temperature: number): Tensor {
  const [count, width] = codes.shape as [number, number];
  const side = Math.ceil(Math.sqrt(width));
  const shares = tf.softmax(tf.div(codes, temperature) as Tensor2D);
  const filled = tf.pad(shares, [
    [0, 0],
    [0, side * side - width],
  ]);
  return tf.reshape(filled, [count, side, side]);
}
