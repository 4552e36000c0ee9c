import type { TeacherAbout } from '../../about';
import { networkProblem } from '../../../nn/network-names';
import { defineKnobs, type KnobValues } from '../../knobs';
import { fileLineKnob } from '../file-line';
import { corruptionKnobs, corruptionNames, onlyWhen, trainedKnobs } from '../trained';

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

const trained = (values: KnobValues) => values['source'] === 'train';

/** Where one teacher comes from: trained here or beforehand. */
export const sourceKnobs = defineKnobs({
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
  ...onlyWhen(trainedKnobs, trained),
});

/** Stands for the network's name where the file holds a TensorFlow.js model, of which only the outputs can be used. */
export const foreignModel = 'tfjs-model';

/** Whether a recipe's teacher gives outputs alone. */
export function isForeignModel({
  kind,
  knobs,
}: {
  kind: string;
  knobs: { source?: string; fileNetwork?: string };
}): boolean {
  return kind === 'single' && knobs.source === 'file' && knobs.fileNetwork === foreignModel;
}

const fromFile = (values: KnobValues) => values['source'] === 'file';

/** What a file says of the teacher in it; its weights are not part of a recipe. Set by the file, not by the user. */
export const fileKnobs = defineKnobs({
  file: {
    kind: 'text',
    label: 'Teacher’s file',
    help: 'Which weights are meant: a checksum of the file they came in.',
    default: '',
    suggestions: [],
    problem: (text) => (/^[0-9a-f]{0,64}$/.test(text) ? null : 'must be a checksum'),
    when: fromFile,
  },
  fileNetwork: {
    kind: 'text',
    label: 'Network in the file',
    help: 'Recognised by the names and shapes of the weights.',
    default: 'resnet8',
    suggestions: [],
    problem: (text) => (text === foreignModel ? null : networkProblem(text)),
    when: fromFile,
  },
  fileAnswers: {
    kind: 'choice',
    label: 'What the file’s network gives',
    help: 'Logits, or probabilities, whose logarithms then count as logits.',
    options: [
      { value: 'logits', label: 'Logits' },
      { value: 'probabilities', label: 'Probabilities' },
    ],
    default: 'logits',
    when: fromFile,
  },
  fileClasses: {
    kind: 'number',
    label: 'Other classes it has learned',
    help: 'How many classes the file’s network tells apart, where they are not those of this set: then it teaches by its features alone. 0 for a network of these classes.',
    min: 0,
    max: 100_000,
    step: 1,
    integer: true,
    default: 0,
    when: fromFile,
  },
  fileMean: {
    kind: 'number',
    label: 'Mean of its images',
    help: 'What is taken off every pixel (0 to 1) before the teacher sees it.',
    min: -10,
    max: 10,
    step: 1e-9,
    default: 0.5,
    when: fromFile,
  },
  fileDeviation: {
    kind: 'number',
    label: 'Spread of its images',
    help: 'What every pixel is divided by before the teacher sees it.',
    min: 1e-6,
    max: 100,
    step: 1e-9,
    default: 0.5,
    when: fromFile,
  },
  fileLine: { ...fileLineKnob, when: fromFile },
});

export const singleTeacherKnobs = defineKnobs({
  ...sourceKnobs,
  source: {
    ...sourceKnobs.source,
    options: [...sourceKnobs.source.options, { value: 'file', label: 'From a file or an earlier run' }],
  },
  stopAfter: {
    kind: 'number',
    label: 'Stop it early, after',
    unit: 'epochs',
    help: 'The teacher keeps the rate curve of all its epochs, but teaches as it is after so many of them: a small student can follow an unfinished teacher more easily (ESKD). 0 lets it finish.',
    min: 0,
    max: 200,
    step: 1,
    integer: true,
    default: 0,
    when: trained,
  },
  ...fileKnobs,
  ...corruptionKnobs,
});

export const single = {
  id: 'single',
  title: 'One teacher',
  line: 'A network that has learned the task first, then frozen.',
  size: 'first',
  trainedBefore: ({ source }) => source === 'train',
  fromFiles: ({ source }) => source === 'file',
  answersAlone: (knobs) => isForeignModel({ kind: 'single', knobs }),
  shownBy: corruptionNames,
  knobs: singleTeacherKnobs,
} as const satisfies TeacherAbout<typeof singleTeacherKnobs>;
