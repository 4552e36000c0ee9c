/** Knobs of networks that learn from labels here before they teach, shared by the kinds of teachers. */
import { networkProblem, networkSuggestions } from '../../nn/network-names';
import { defineKnobs, type Knobs, type KnobValues } from '../knobs';

export const trainedKnobs = defineKnobs({
  network: {
    kind: 'text',
    label: 'Teacher network',
    help: 'Usually wider or deeper than the student.',
    default: 'cnn2-16-32-64',
    suggestions: networkSuggestions,
    problem: networkProblem,
  },
  epochs: {
    kind: 'number',
    label: 'Teacher epochs',
    help: 'How often the teacher sees the training instances, with all of their labels.',
    min: 1,
    max: 200,
    step: 1,
    integer: true,
    default: 15,
  },
  learningRate: {
    kind: 'number',
    label: 'Teacher learning rate',
    help: 'Peak of a one-cycle curve with Adam.',
    min: 1e-5,
    max: 0.1,
    step: 1e-5,
    scale: 'log',
    default: 0.003,
    live: true,
  },
  batch: {
    kind: 'number',
    label: 'Teacher batch size',
    unit: 'instances',
    help: 'Instances per step of the teacher’s training.',
    min: 2,
    max: 512,
    step: 1,
    integer: true,
    default: 64,
    advanced: true,
  },
  labels: {
    kind: 'choice',
    label: 'Teacher’s labels',
    help: 'Which labels a teacher trained here may learn from: the true labels of all training instances, or only those the student has.',
    options: [
      { value: 'all', label: 'All, correct' },
      { value: 'student', label: 'The student’s' },
    ],
    default: 'all',
  },
});

export const corruptionKnobs = defineKnobs({
  corruption: {
    kind: 'choice',
    label: 'Corrupt the teacher',
    help: 'A teaching device: make the teacher wrong on purpose and see which method notices. “Half of the classes” exchanges its answers among the upper half of the classes (three classes at least); its features stay right, so only losses on logits notice. “Another instance” shows for each instance what the teacher computes for another one: answers, features and all.',
    options: [
      { value: 'none', label: 'No' },
      { value: 'rotated', label: 'Wrong answers for half of the classes' },
      { value: 'other-images', label: 'Answers and features of another instance' },
    ],
    default: 'none',
  },
});

/** Act on what a finished teacher says. */
export const corruptionNames = Object.keys(corruptionKnobs) as (keyof typeof corruptionKnobs)[];

/** The same knobs, shown only where `when` holds. */
export function onlyWhen<K extends Knobs>(knobs: K, when: (values: KnobValues) => boolean): K {
  return Object.fromEntries(Object.entries(knobs).map(([name, knob]) => [name, { ...knob, when }])) as K;
}
