import { defineKnobs, type Knob, type Knobs, type KnobValues } from '../knobs';
import { generatedKnobs } from './generated/about';

const ofImages = { inputs: ['image'] } as const;
const ofClasses = { targets: ['class'] } as const;

const hasSecondDomain = (values: KnobValues) =>
  Number(values['unlabelled']) > 0 && values['unlabelledFrom'] === 'second-domain';

/** Whether the second domain is drawn on images of the set itself. */
const drawsDomain = (values: KnobValues) => hasSecondDomain(values) && values['secondDomain'] !== 'own';

const drawsStimuli = (values: KnobValues) =>
  Number(values['unlabelled']) > 0 && values['unlabelledFrom'] === 'stimuli';

/** Noise, blur and contrast of the training or of the test images. */
const disturbance = <Which extends string>(which: Which) =>
  ({
    noise: {
      kind: 'number',
      label: `Pixel noise, ${which} images`,
      for: ofImages,
      unit: '% of the range',
      help: `Deviation of normal noise on each pixel of the ${which} images, drawn once for each image.`,
      min: 0,
      max: 100,
      step: 1,
      default: 0,
      advanced: true,
    },
    blur: {
      kind: 'number',
      label: `Blur, ${which} images`,
      for: ofImages,
      unit: 'px',
      help: `Each pixel of the ${which} images becomes the mean of the square of so many pixels to each side.`,
      min: 0,
      max: 4,
      step: 1,
      integer: true,
      default: 0,
      advanced: true,
    },
    contrast: {
      kind: 'number',
      label: `Contrast, ${which} images`,
      for: ofImages,
      unit: '%',
      help: `Below 100 the values of the ${which} images move towards the middle grey, above 100 away from it.`,
      min: 5,
      max: 300,
      step: 5,
      default: 100,
      advanced: true,
    },
  }) as const satisfies Knobs;

const ofTraining = disturbance('training');
const ofTest = disturbance('test');

const disturbances = {
  trainNoise: ofTraining.noise,
  trainBlur: ofTraining.blur,
  trainContrast: ofTraining.contrast,
  testNoise: ofTest.noise,
  testBlur: ofTest.blur,
  testContrast: ofTest.contrast,
};

/** The first knob under which images are disturbed; null where they stay as they are. */
export function disturbingKnob(values: KnobValues): Knob | null {
  return turnedOf(disturbances, values);
}

/** The first of these knobs that is not at its default. */
function turnedOf(knobs: Knobs, values: KnobValues): Knob | null {
  return Object.entries(knobs).find(([name, knob]) => values[name] !== knob.default)?.[1] ?? null;
}

/** How images are moved anew in each batch. */
const moves = {
  shift: {
    kind: 'number',
    label: 'Random crop (shift)',
    for: ofImages,
    unit: 'px',
    help: 'Each training image is moved by up to this many pixels, anew for every batch.',
    min: 0,
    max: 8,
    step: 1,
    integer: true,
    default: 0,
  },
  flip: {
    kind: 'switch',
    label: 'Horizontal flip',
    for: ofImages,
    help: 'Each training image is mirrored left to right half of the time. Wrong for digits and letters.',
    default: false,
  },
} as const satisfies Knobs;

/** The first knob under which they are; null where they are shown as they are. */
export const movingKnob = (values: KnobValues): Knob | null => turnedOf(moves, values);

/** Whether images are studied that are not those of the set: disturbed ones, or others beside them. */
export function changesImages(values: KnobValues): boolean {
  const adds = Number(values['unlabelled']) > 0 && values['unlabelledFrom'] !== 'rest';
  return adds || disturbingKnob(values) !== null;
}

/** What the student studies. The data set itself is `material.dataset`. */
export const materialKnobs = defineKnobs({
  dataset: {
    kind: 'text',
    label: 'Data set',
    help: 'A bundled set, or your own data. They stay on this machine.',
    default: 'digits-8x8',
    suggestions: [
      { value: 'digits-8x8', label: 'Digits, 8×8' },
      { value: 'fashion-mnist-small', label: 'Fashion, 2,000 images' },
      { value: 'fashion-mnist', label: 'Fashion-MNIST, complete (30 MB)' },
      { value: 'penguins', label: 'Penguins, three species' },
      { value: 'hand', label: 'Clock hand, angle in degrees' },
      { value: 'two-digits', label: 'Two digits, 16×8' },
      { value: 'blobs', label: 'Blobs in a plane' },
      { value: 'moons', label: 'Two moons' },
      { value: 'spirals', label: 'Three spirals' },
      { value: 'upload', label: 'My own data' },
    ],
    problem: (text) => (/^[a-z0-9-]{1,64}$/.test(text) ? null : 'is not the name of a data set'),
  },
  halve: {
    kind: 'switch',
    label: 'Downsample 2×',
    for: ofImages,
    help: 'Averages each 2×2 block of pixels: 28×28 becomes 14×14, four times less work.',
    default: false,
  },
  labelsPerClass: {
    kind: 'number',
    label: 'Labels per class',
    help: 'How many training instances of each class keep their label. 0 keeps them all.',
    byTarget: {
      number: {
        label: 'Values per tenth',
        help: 'Instances are sorted by their value and divided into ten equal parts. So many of each part keep their value. 0 keeps them all.',
      },
      labels: {
        label: 'Labelled, per first label',
        help: 'So many of the training instances with the same first label keep their labels. 0 keeps them all.',
      },
    },
    // From very few to all.
    sweep: [5, 20, 100, 0],
    min: 0,
    max: 100_000,
    step: 1,
    integer: true,
    default: 0,
  },
  unnamedClass: {
    kind: 'number',
    label: 'Class with no labels',
    for: ofClasses,
    help: 'No instance of this class keeps its label (in a recipe file classes count from 0, and −1 is none).',
    of: 'classes',
    min: -1,
    max: 999,
    step: 1,
    integer: true,
    default: -1,
  },
  unlabelled: {
    kind: 'number',
    label: 'Unlabelled instances',
    help: 'Use up to this many of the remaining training instances without their labels (of stimuli or generated pictures: make so many): only the teacher can say something about them. 0 leaves them out.',
    min: 0,
    max: 100_000,
    step: 1,
    integer: true,
    default: 0,
  },
  realShare: {
    kind: 'number',
    label: 'Labelled share of a batch',
    unit: '%',
    help: 'How much of each batch is instances with a label; the rest has none. At 0 none has one: the student learns from the teacher alone, and there is no baseline.',
    min: 0,
    max: 100,
    step: 5,
    default: 50,
    when: (values) => Number(values['unlabelled']) > 0,
  },
  unlabelledFrom: {
    kind: 'choice',
    label: 'Unlabelled instances come from',
    for: ofImages,
    help: 'From the training images that keep no label; from stimuli, pictures that belong to no class of the set; from a second domain: a part of the images in another appearance, without their labels, on which the scores are measured too; or from a generator, a network that learns to make images of each class.',
    options: [
      { value: 'rest', label: 'The rest of the set' },
      { value: 'stimuli', label: 'Stimuli' },
      { value: 'second-domain', label: 'A second domain' },
      { value: 'generated', label: 'A generator' },
    ],
    default: 'rest',
    advanced: true,
    when: (values) => Number(values['unlabelled']) > 0,
  },
  stimuli: {
    kind: 'choice',
    label: 'Stimuli',
    for: ofImages,
    help: 'What takes the place of unlabelled instances: drawn gratings, smooth fields, one shape, pen strokes or plain noise; or the training images of another set, resized: one of the page, or one of your own.',
    options: [
      { value: 'textures', label: 'Textures' },
      { value: 'smooth', label: 'Smooth fields' },
      { value: 'shapes', label: 'Shapes' },
      { value: 'strokes', label: 'Strokes' },
      { value: 'uniform', label: 'Noise' },
      { value: 'fashion-mnist-small', label: 'Fashion, resized' },
      { value: 'digits-8x8', label: 'Digits, resized' },
      { value: 'hand', label: 'Clock hands, resized' },
      { value: 'own', label: 'A set of my own, resized' },
    ],
    default: 'textures',
    when: drawsStimuli,
  },
  stimulusScale: {
    kind: 'choice',
    label: 'Brightness of stimuli',
    for: ofImages,
    help: 'Brought to the mean and deviation of the training images, which a teacher needs to answer with more than one class, or left as they are drawn.',
    options: [
      { value: 'matched', label: 'As the training images' },
      { value: 'drawn', label: 'As drawn' },
    ],
    default: 'matched',
    advanced: true,
    when: drawsStimuli,
  },
  balance: {
    kind: 'switch',
    label: 'Balance the stimuli',
    for: { inputs: ['image'], targets: ['class'] },
    help: 'Draws stimuli so that each class that the teacher sees in them comes up equally often. Otherwise a few classes crowd out the others.',
    default: false,
    when: drawsStimuli,
  },
  secondDomain: {
    kind: 'choice',
    label: 'Second domain',
    for: ofImages,
    help: 'How the images of the second domain differ: inverted, faint, with noise, before a smooth background, mixed with it (as in MNIST-M), or in two colours. Or it is another set of your own with the same classes by name: its training images without their labels, and its test images for the scores.',
    options: [
      { value: 'inverted', label: 'Inverted' },
      { value: 'faint', label: 'Faint' },
      { value: 'noisy', label: 'Noisy' },
      { value: 'background', label: 'Before a background' },
      { value: 'difference', label: 'Mixed with a background' },
      { value: 'colour', label: 'Coloured' },
      { value: 'own', label: 'A set of my own' },
    ],
    default: 'background',
    when: hasSecondDomain,
  },
  secondDomainShare: {
    kind: 'number',
    label: 'Share in the second domain',
    for: ofImages,
    unit: '% of training',
    help: 'So many of the training images are moved to the second domain and lose their labels. No image is in both.',
    min: 10,
    max: 90,
    step: 5,
    default: 50,
    advanced: true,
    when: drawsDomain,
  },
  ownSet: {
    kind: 'text',
    of: 'own sets',
    label: 'Set of my own',
    for: ofImages,
    help: 'Another set that you imported and that is kept in this browser. Its images are brought to the size and the colours of these.',
    default: '',
    suggestions: [],
    problem: (text) => (/^([0-9a-f]{64})?$/.test(text) ? null : 'is not the digest of a data set'),
    when: (values) =>
      (drawsStimuli(values) && values['stimuli'] === 'own') ||
      (hasSecondDomain(values) && values['secondDomain'] === 'own'),
  },
  ...generatedKnobs,
  labelNoise: {
    kind: 'number',
    label: 'Label noise',
    unit: '% of labels',
    help: 'Share of the labels that are made wrong before the student sees them.',
    byTarget: {
      number: {
        label: 'Target noise',
        unit: '% of values',
        help: 'Share of the instances whose values are exchanged among each other before the student sees them.',
      },
      labels: {
        unit: '% of instances',
        help: 'Share of the instances of which one label, drawn for each, is turned from present to absent or back before the student sees them.',
      },
    },
    min: 0,
    max: 100,
    step: 1,
    default: 0,
  },
  noiseKind: {
    kind: 'choice',
    label: 'Noise type',
    for: ofClasses,
    help: 'Moved to the next class (systematic, the hardest case) or to any other class at random.',
    options: [
      { value: 'next', label: 'Asymmetric (next class)' },
      { value: 'uniform', label: 'Symmetric' },
    ],
    default: 'next',
    when: (values) => Number(values['labelNoise']) > 0,
  },
  ...moves,
  partner: {
    kind: 'choice',
    label: 'Teacher looks at',
    for: ofClasses,
    help: 'The instance that the student looks at, or another one with the same label, drawn anew each time. Then what the teacher says is about the class alone, and the gain shows how much of it needs the instance. Instances without a label are looked at themselves, and so are the test and the tracked samples.',
    options: [
      { value: 'none', label: 'The same instance' },
      { value: 'class', label: 'A partner of its class' },
    ],
    default: 'none',
    advanced: true,
  },
  validation: {
    kind: 'number',
    label: 'Validation split',
    unit: '% of training',
    help: 'Kept apart to measure the scores while training. At 0 the test instances are used for the live curve too.',
    min: 0,
    max: 50,
    step: 1,
    default: 0,
  },
  ...disturbances,
  teacherView: {
    kind: 'choice',
    label: 'Teacher sees',
    for: ofImages,
    help: 'The disturbed images, as the student does, or the images before noise, blur and contrast. Then the teacher knows more than the student can see (privileged input), and the gain shows what that is worth.',
    options: [
      { value: 'same', label: 'The disturbed images' },
      { value: 'undisturbed', label: 'The images before' },
    ],
    default: 'same',
    advanced: true,
    when: (values) => disturbingKnob(values) !== null,
  },
});
