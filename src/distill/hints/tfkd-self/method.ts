import type { Recipe } from '../../recipe';
import { singleTeacherKnobs } from '../../teachers/single/about';
import { oneHint, trained, type MethodEntry } from '../../methods/method';

/**
 * The student's own training before its time: its network, labels, batches and rate, and about as many steps. (How many
 * classes there are is not known here; most data sets have ten.)
 */
function formerSelf({ student, material, schedule }: Recipe): Recipe['teacher'] {
  const { knobs } = trained(student.network, 'student');
  const { steps, batch, learningRate } = schedule;
  const epochs = Math.round((steps * batch) / (10 * material.labelsPerClass));
  return {
    kind: 'single',
    knobs: {
      ...knobs,
      batch,
      learningRate: Math.min(learningRate, singleTeacherKnobs.learningRate.max),
      ...(material.labelsPerClass > 0 ? { epochs: Math.min(Math.max(epochs, 1), 200) } : {}),
    },
  };
}

export const methods: readonly MethodEntry[] = [
  oneHint(
    'tfkd-self',
    [
      'A network like the student is trained first, from the same labels; then a fresh one learns from its softened answers.',
      'The teacher knows no more than the student could: what is gained comes from softness alone.',
    ],
    {
      ceWeight: 0.1,
      ownTeacher: 'training',
      teacher: formerSelf,
    },
  ),
];
