/** The generator as a source of pictures: its knobs, and the generators that ship with the page. No tensor. */
import { defineKnobs, type KnobValues } from '../../knobs';

const ofImages = { inputs: ['image'] } as const;

/** What pictures can be generated for. */
export const generatedTargets = ['class', 'number'] as const;

/** Most pictures of a run. */
export const mostGenerated = 20_000;

/** Whether the recipe's unlabelled half comes from a generator. */
export const generates = (values: KnobValues) =>
  Number(values['unlabelled']) > 0 && values['unlabelledFrom'] === 'generated';

const trains = (values: KnobValues) => generates(values) && values['generator'] === 'train';
const withRatio = (values: KnobValues) => generates(values) && values['useRatio'] === true;

/** Generators that ship with the page, in public/generators. `teacher`: the one whose features their density ratio knows. */
export const bundledGenerators = {
  'digits-8x8': {
    label: 'Bundled: digits 8×8',
    input: [8, 8, 1],
    classes: 10,
    noise: 32,
    teacher: 'digits-8x8-cnn-16-32-64',
  },
} as const;
export type BundledGeneratorId = keyof typeof bundledGenerators;

export const generatedKnobs = defineKnobs({
  generator: {
    kind: 'choice',
    label: 'Generator',
    for: ofImages,
    help: 'Trained here before the student, or one that ships with the page. The bundled one has learned from all training images of the digits and their labels.',
    options: [
      { value: 'train', label: 'Train it here' },
      { value: 'digits-8x8', label: bundledGenerators['digits-8x8'].label },
    ],
    default: 'train',
    when: generates,
  },
  generatorData: {
    kind: 'choice',
    label: 'Generator learns from',
    for: ofImages,
    help: 'All training images with their labels, or only those whose labels the student has. A generator of the student’s own few images has little to tell it.',
    options: [
      { value: 'all', label: 'All training images' },
      { value: 'student', label: 'The student’s labelled images' },
    ],
    default: 'all',
    when: trains,
  },
  ganSteps: {
    kind: 'number',
    label: 'Generator steps',
    unit: 'steps',
    for: ofImages,
    help: 'Steps of the generator; each comes after some steps of the discriminator. Few steps give pictures that the teacher does not recognise.',
    min: 200,
    max: 10_000,
    step: 50,
    integer: true,
    default: 1500,
    when: trains,
  },
  dSteps: {
    kind: 'number',
    label: 'Discriminator steps',
    unit: 'per generator step',
    for: ofImages,
    help: 'Steps of the discriminator before each step of the generator; 4 were published.',
    min: 1,
    max: 4,
    step: 1,
    integer: true,
    default: 2,
    advanced: true,
    when: trains,
  },
  ganNoise: {
    kind: 'number',
    label: 'Noise of the generator',
    unit: 'numbers',
    for: ofImages,
    help: 'Random numbers that a picture is made from, beside its class or value.',
    min: 4,
    max: 128,
    step: 4,
    integer: true,
    default: 32,
    advanced: true,
    when: trains,
  },
  ganRate: {
    kind: 'number',
    label: 'Generator learning rate',
    for: ofImages,
    help: 'Of generator and discriminator, with Adam (0.5, 0.999). 0.0002 was published, for large networks and long runs.',
    min: 1e-5,
    max: 0.01,
    step: 1e-5,
    scale: 'log',
    default: 1e-3,
    live: true,
    when: trains,
  },
  ganEma: {
    kind: 'number',
    label: 'Averaging of the generator',
    for: ofImages,
    help: 'Pictures come from a running average of the generator’s weights: the share of the average that each step keeps.',
    min: 0,
    max: 0.9999,
    step: 0.001,
    default: 0.99,
    advanced: true,
    when: trains,
  },
  useRatio: {
    kind: 'switch',
    label: 'Sample by density ratio',
    for: ofImages,
    help: 'A small network learns, on the teacher’s features, how much more probable a picture is among the real ones than among the generated. Pictures are kept with a chance that grows with it.',
    default: true,
    when: generates,
  },
  ratioSteps: {
    kind: 'number',
    label: 'Density ratio steps',
    unit: 'steps',
    for: ofImages,
    help: 'Steps of the density ratio, with Adam at a rate of 0.001, 64 real and 64 generated pictures each. Not asked for where the bundled ratio knows the teacher.',
    min: 50,
    max: 5000,
    step: 50,
    integer: true,
    default: 300,
    advanced: true,
    when: withRatio,
  },
  ratioLambda: {
    kind: 'number',
    label: 'Density ratio penalty (λ)',
    for: ofImages,
    help: 'Holds the mean ratio of generated pictures near 1.',
    min: 0,
    max: 1,
    step: 0.01,
    default: 0.01,
    advanced: true,
    when: withRatio,
  },
  mostDraws: {
    kind: 'number',
    label: 'Most draws per picture',
    for: ofImages,
    help: 'Generating ends after so many draws for each wanted picture, even if fewer were kept.',
    min: 1,
    max: 100,
    step: 1,
    integer: true,
    default: 10,
    advanced: true,
    when: withRatio,
  },
  useFilter: {
    kind: 'switch',
    label: 'Filter by the teacher',
    for: ofImages,
    help: 'Leaves out the pictures with which the teacher agrees least: of each class those with the highest cross-entropy, of numbers those with the largest error.',
    default: true,
    when: generates,
  },
  rho: {
    kind: 'number',
    label: 'Share kept by the filter (ρ)',
    for: ofImages,
    help: 'The cut lies where this share of the pictures is below it.',
    min: 0.5,
    max: 1,
    step: 0.05,
    default: 0.9,
    when: (values) => generates(values) && values['useFilter'] === true,
  },
  relabel: {
    kind: 'switch',
    label: 'Label the generated pictures',
    for: ofImages,
    help: 'Each gets a label that the student learns from as from a real one: what the teacher sees in it if pictures are filtered, else what it was made for. Without, only the distillation losses learn from generated pictures. The baseline never sees them.',
    default: true,
    when: generates,
  },
});
