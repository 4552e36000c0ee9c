import { networkProblem, networkSuggestions } from '../../../nn/network-names';
import type { TeacherAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const jointKnobs = defineKnobs({
  network: {
    kind: 'text',
    label: 'Teacher network',
    help: 'Usually wider or deeper than the student; for a student in low precision often the same network.',
    default: 'cnn-16-32-64',
    suggestions: networkSuggestions,
    problem: networkProblem,
  },
  labelWeight: {
    kind: 'number',
    label: 'Teacher’s cross-entropy weight',
    symbol: '\\alpha',
    help: 'Weight of the teacher’s loss on the labels. The student does not pull at the teacher.',
    min: 0,
    max: 2,
    step: 0.05,
    default: 1,
    live: true,
  },
});

export const joint = {
  id: 'joint',
  title: 'Trained alongside',
  line: 'A network that learns from the same batches and labels in the same steps as the student, and teaches as it is.',
  size: 'first',
  learnsBeside: true,
  knobs: jointKnobs,
} as const satisfies TeacherAbout<typeof jointKnobs>;
