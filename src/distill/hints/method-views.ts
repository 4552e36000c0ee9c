/** What hints show of the watched images: maps side by side, similarities, softened answers. */
import { attentionMaps } from '../../engine/loss-ops';
import { tf, type Tensor, type Tensor2D, type Tensor4D } from '../../engine/tf';
import type { Trace } from '../../nn/network';
import type { MethodViewTensors } from './hint';
import { matchSides } from './resample';

type Panel = MethodViewTensors['panels'][number];

/**
 * Where maps are active, stage by stage, teacher and student side by side.
 * @param pairs indices of [student, teacher] stages
 */
export function attentionView(
  student: Trace,
  teacher: Trace,
  pairs: readonly (readonly [number, number])[],
  power = 2,
): MethodViewTensors {
  return {
    line: 'Bright is where a stage is active for this image. As the student learns, its maps should come to look like the teacher’s.',
    panels: pairs.flatMap(([s, t]): Panel[] => {
      const [ofStudent, ofTeacher] = matchSides(student.stages[s] as Tensor4D, teacher.stages[t] as Tensor4D);
      const label = s === t ? `Stage ${s + 1}` : `Student’s stage ${s + 1}, teacher’s ${t + 1}`;
      return activityPanels(label, ofStudent, ofTeacher, power);
    }),
  };
}

/** Where two maps [N,H,W,C] of the same images are active, side by side. */
export function activityPanels(label: string, student: Tensor4D, teacher: Tensor4D, power = 2): Panel[] {
  const map = (of: Tensor4D): Tensor => {
    const [count, height, width] = of.shape;
    return tf.reshape(attentionMaps(of, power), [count, height, width]);
  };
  return [
    { label, who: 'teacher', kind: 'maps', values: map(teacher) },
    { label, who: 'student', kind: 'maps', values: map(student) },
  ];
}

/**
 * Similarities of the watched images to each other, for both, and the difference.
 * @param similarity maps [N,...] features to [N,N]
 */
export function relationView(
  student: Tensor,
  teacher: Tensor,
  label: string,
  similarity: (features: Tensor) => Tensor = cosines,
): MethodViewTensors {
  const ofStudent = similarity(student);
  const ofTeacher = similarity(teacher);
  return {
    line: 'Each square compares two tracked samples, sorted by class. Blocks along the diagonal are classes seen as alike; the difference should fade.',
    panels: [
      { label, who: 'teacher', kind: 'matrix', values: ofTeacher },
      { label, who: 'student', kind: 'matrix', values: ofStudent },
      { label, who: 'difference', kind: 'matrix', values: tf.sub(ofStudent, ofTeacher) },
    ],
  };
}

const alike =
  'What the loss compares for this instance. As the student learns, its bars should come to look like the teacher’s.';

/**
 * The answers at a temperature, as the loss compares them. Logits [N,C].
 * @param line what to look for, where that is not simply that the two agree
 */
export function softenedView(
  student: Tensor,
  teacher: Tensor,
  temperature: number | Tensor,
  line = temperature === 1 ? alike : `${alike} A higher temperature lifts the small ones.`,
): MethodViewTensors {
  const soften = (logits: Tensor) => tf.softmax(tf.div(logits, temperature) as Tensor2D);
  const label =
    temperature === 1
      ? 'Class probabilities'
      : `Class probabilities at ${typeof temperature === 'number' ? `temperature ${temperature}` : 'the learned temperature'}`;
  return {
    line,
    panels: [
      { label, who: 'teacher', kind: 'bars', values: soften(teacher) },
      { label, who: 'student', kind: 'bars', values: soften(student) },
    ],
  };
}

/** Cosines between rows, [N,...] -> [N,N]. */
export function cosines(features: Tensor): Tensor {
  const flat = tf.reshape(features, [features.shape[0]!, -1]) as Tensor2D;
  const length = tf.sqrt(tf.maximum(tf.sum(tf.square(flat), -1, true), 1e-12));
  const unit = tf.div(flat, length) as Tensor2D;
  return tf.matMul(unit, unit, false, true);
}

/** The student's answers beside targets [N,C] that no network gave; rows without a label are empty. */
export function targetView(student: Tensor, targets: Tensor, line: string): MethodViewTensors {
  const label = 'Class probabilities';
  return {
    line,
    panels: [
      { label, who: 'teacher', kind: 'bars', values: targets },
      { label, who: 'student', kind: 'bars', values: tf.softmax(student as Tensor2D) },
    ],
  };
}
