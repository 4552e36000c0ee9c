import type { AxisAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { networkProblem, networkSuggestions } from '../../../nn/names';

/** Teachers trained by us and shipped with the page. They expect images normalised as they were trained. */
export const bundledTeachers = {
  'digits-8x8-cnn-16-32-64': {
    network: 'cnn2-16-32-64',
    dataset: 'digits-8x8',
    halve: false,
    input: [8, 8, 1],
    classes: 10,
    normalisation: { mean: 0.3059012, deviation: 0.376437 },
    accuracy: 0.9917,
  },
  'fashion-14x14-cnn-24-48-96': {
    network: 'cnn2-24-48-96',
    dataset: 'fashion-mnist',
    halve: true,
    input: [14, 14, 1],
    classes: 10,
    normalisation: { mean: 0.2860406, deviation: 0.3300731 },
    accuracy: 0.9092,
  },
  'fashion-28x28-resnet8': {
    network: 'resnet8',
    dataset: 'fashion-mnist',
    halve: false,
    input: [28, 28, 1],
    classes: 10,
    normalisation: { mean: 0.2860406, deviation: 0.3530242 },
    accuracy: 0.9229,
  },
  'fashion-28x28-resnet20': {
    network: 'resnet20',
    dataset: 'fashion-mnist',
    halve: false,
    input: [28, 28, 1],
    classes: 10,
    normalisation: { mean: 0.2860406, deviation: 0.3530242 },
    accuracy: 0.928,
  },
} as const;
export type BundledTeacherId = keyof typeof bundledTeachers;

export const singleTeacherKnobs = defineKnobs({
  source: {
    kind: 'choice',
    label: 'Teacher',
    help: 'Train one here first, or take one that was trained beforehand on all labels of its data set.',
    options: [
      { value: 'train', label: 'Train it here' },
      { value: 'digits-8x8-cnn-16-32-64', label: 'Digits CNN, 99.2 %' },
      { value: 'fashion-14x14-cnn-24-48-96', label: 'Fashion 14×14 CNN, 90.9 %' },
      { value: 'fashion-28x28-resnet8', label: 'Fashion ResNet-8, 92.3 %' },
      { value: 'fashion-28x28-resnet20', label: 'Fashion ResNet-20, 92.8 %' },
    ],
    default: 'digits-8x8-cnn-16-32-64',
  },
  network: {
    kind: 'text',
    label: 'Teacher network',
    help: 'Usually wider or deeper than the student.',
    default: 'cnn2-16-32-64',
    suggestions: networkSuggestions,
    problem: networkProblem,
    when: (values) => values['source'] === 'train',
  },
  epochs: {
    kind: 'number',
    label: 'Teacher epochs',
    help: 'How often the teacher sees the training images, with all of their labels.',
    min: 1,
    max: 200,
    step: 1,
    integer: true,
    default: 15,
    when: (values) => values['source'] === 'train',
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
    when: (values) => values['source'] === 'train',
  },
  batch: {
    kind: 'number',
    label: 'Teacher batch size',
    unit: 'images',
    help: 'Images per step of the teacher’s training.',
    min: 2,
    max: 256,
    step: 1,
    integer: true,
    default: 64,
    advanced: true,
    when: (values) => values['source'] === 'train',
  },
  labels: {
    kind: 'choice',
    label: 'Teacher’s labels',
    help: 'Which labels a teacher trained here may learn from: the true labels of all training images, or only those the student has.',
    options: [
      { value: 'all', label: 'All, correct' },
      { value: 'student', label: 'The student’s' },
    ],
    default: 'all',
    when: (values) => values['source'] === 'train',
  },
  corruption: {
    kind: 'choice',
    label: 'Spoil the teacher',
    help: 'A teaching device: make the teacher wrong on purpose and see which method notices. “Half wrong” rotates its answers among the upper half of the classes.',
    options: [
      { value: 'none', label: 'No' },
      { value: 'rotated', label: 'Half wrong' },
      { value: 'other-images', label: 'Answers of other images' },
    ],
    default: 'none',
  },
});

export const single = {
  id: 'single',
  title: 'One teacher',
  line: 'A network that has learned the task first, then frozen.',
  knobs: singleTeacherKnobs,
} as const satisfies AxisAbout<typeof singleTeacherKnobs>;
