/** Methods of the classical literature that need more than a hint with its weight: a protocol, another teacher, none. */
import type { Citation } from '../about';
import { hintAbouts } from '../hints/abouts';
import { defaultsOf } from '../knobs';
import { singleTeacherKnobs } from '../teachers/single/about';
import type { Recipe } from '../recipe';
import { fixedWeights, hint, oneHint, softTargets, teacherOf, type MethodAbout } from './method';

const dot: Citation = {
  authors: 'Zhao, Cui, Song, Liang',
  title: 'DOT: a distillation-oriented trainer',
  venue: 'ICCV',
  year: 2023,
  url: 'https://arxiv.org/abs/2307.08436',
};

const nobody = (): Recipe['teacher'] => ({ kind: 'none', knobs: {} });

/** A teacher that is trained here: a network of the given name, from the labels the student has or from all. */
const trained = (network: string, labels: 'all' | 'student'): Recipe['teacher'] => ({
  kind: 'single',
  knobs: { ...defaultsOf(singleTeacherKnobs), source: 'train', network, labels },
});

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

/** A deeper network with the same channels in every stage, by name; an MLP or an already deep one is its own twin. */
export function deeperTwin(name: string): string {
  return name
    .replace(/^cnn-/, 'cnn2-')
    .replace(/^resnet(8|14|20)(x\d)?$/, 'resnet32$2')
    .replace(/^wrn_(10|16)_/, 'wrn_28_')
    .replace(/^vgg(8|11)$/, 'vgg13');
}

/** Methods without a teacher. */
export const teacherlessMethods: readonly MethodAbout[] = [
  oneHint(
    'ls',
    'No teacher',
    [
      'The student learns from labels that leave a little probability to the other classes.',
      'The baseline that any soft target has to beat: it is soft, but knows nothing of the image.',
    ],
    { ceWeight: 0, teacher: nobody },
  ),
  oneHint(
    'tfkd-reg',
    'No teacher',
    [
      'Beside the labels the student imitates a teacher made by hand, always right and equally unsure of the rest.',
      'How much of a gain needs a teacher at all? Compare it with KD and with label smoothing.',
    ],
    { title: 'Teacher-free KD, hand-made teacher', ceWeight: 0.9, teacher: nobody },
  ),
];

/** Methods about the answers of a teacher. */
export const answerMethods: readonly MethodAbout[] = [
  oneHint(
    'tfkd-self',
    'Answers',
    [
      'A network like the student is trained first, from the same labels; then a fresh one learns from its softened answers.',
      'The teacher knows no more than the student could: what is gained comes from softness alone.',
    ],
    {
      title: 'Teacher-free KD, its own former self',
      ceWeight: 0.1,
      teacher: formerSelf,
    },
  ),
  {
    id: 'dot',
    title: 'Distillation-oriented trainer (DOT)',
    group: 'Answers',
    paper: dot,
    badge: 'equal to reference code',
    sentences: [
      'Soft targets with an optimiser that keeps the momentum of labels and hints apart, and gives the hints the longer memory.',
      'An optimiser and no hint: any method can be trained with it. Made for long runs with SGD.',
    ],
    formula:
      'm \\leftarrow (\\mu-\\delta)\\,m + \\nabla\\gamma\\,\\mathrm{CE},\\quad k \\leftarrow (\\mu+\\delta)\\,k + \\nabla w\\,\\ell,\\quad \\theta \\leftarrow \\theta - \\eta\\,(m + k)',
    apply: (recipe) => ({
      ...recipe,
      method: 'dot',
      teacher: teacherOf(recipe),
      hints: [softTargets(recipe, 0.9)],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0.1 },
      schedule: {
        ...recipe.schedule,
        optimiser: 'dot',
        learningRate: 0.05,
        momentum: 0.9,
        weightDecay: 5e-4,
      },
    }),
  },
  oneHint(
    'ctkd',
    'Answers',
    [
      'Soft targets whose temperature is learned, against the student: it rises or falls to keep the task hard.',
      'Watch the temperature; early in the run it hardly moves, since its strength grows over the curriculum.',
    ],
    { ceWeight: 0.1 },
  ),
  oneHint(
    'mlld',
    'Answers',
    [
      'Matches answers, classes and batches at five temperatures, on each image and on a strongly changed view of it.',
      'Made for long runs with strong changes to the images; each step costs two passes through both networks.',
    ],
    { ceWeight: 0.1 },
  ),
];

/** Methods about feature maps. */
export const featureMethods: readonly MethodAbout[] = [
  {
    id: 'fitnet-two',
    title: 'FitNet, two stages',
    group: 'Features',
    paper: hintAbouts.fitnet.paper,
    badge: 'restated from the paper',
    sentences: [
      'The paper’s own protocol: the lower half of the student learns the hint first, then all of it learns with soft targets.',
      'The hint pulls no more once the labels come in; watch how far its loss rises again.',
    ],
    formula:
      '\\text{first } \\min \\lVert R(F^s)-F^t\\rVert^2_{\\text{mean}},\\quad\\text{then } L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,T^2\\,\\mathrm{KL}\\big(p^t_i\\,\\|\\,p^s_i\\big)',
    apply: (recipe) => {
      const entry = hint(recipe, 'fitnet', { weight: hintAbouts.fitnet.defaultWeight });
      return {
        ...recipe,
        method: 'fitnet-two',
        teacher: teacherOf(recipe),
        hints: [{ ...entry, knobs: { ...entry.knobs, stages: 'two' } }, softTargets(recipe, 0.9)],
        weighting: fixedWeights(),
        objective: { ...recipe.objective, ceWeight: 0.1 },
      };
    },
  },
  oneHint('ofd', 'Features', [
    'Compares maps before the ReLU: what excites the teacher must match, what leaves it cold need only stay cold.',
    'The published weight is small because the loss is a sum over all neurons, and is scaled to the images; make it smaller where the networks are far apart.',
  ]),
  {
    ...oneHint('semckd', 'Features', [
      'Every student layer learns from all teacher layers, with weights that it learns from how images resemble each other.',
      'The table of attention shows which layers found each other. Slow: every pair of layers has a regressor of its own.',
    ]),
    formula: `L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w_1\\,\\ell^{\\mathrm{kd}}_i + w_2\\,\\ell_i,\\qquad ${hintAbouts.semckd.formula}`,
    apply: (recipe) => ({
      ...recipe,
      method: 'semckd',
      teacher: teacherOf(recipe),
      hints: [softTargets(recipe, 1), hint(recipe, 'semckd', { weight: hintAbouts.semckd.defaultWeight })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
  oneHint('ft', 'Features', [
    'An autoencoder first learns to put the teacher’s last map in fewer channels; the student then learns to write the same.',
    'The published weight of 200 is made for long runs; in a few hundred steps a tenth of it does better.',
  ]),
  oneHint('ab', 'Features', [
    'The student’s neurons first learn to fire for the images for which the teacher’s do; then the student learns from labels alone.',
    'A better starting point, nothing more: watch the share of matching signs fall once the labels come in.',
  ]),
  oneHint(
    'fsp',
    'Features',
    [
      'The student first takes over how the channels of one stage go with those of the next; then it learns from labels alone.',
      'Both networks need the same channels in every stage, so this trains a deeper network of the student’s widths as the teacher.',
    ],
    { teacher: (recipe) => trained(deeperTwin(recipe.student.network), 'all') },
  ),
];

/** Methods about how images lie to each other. */
export const alikeMethods: readonly MethodAbout[] = [
  oneHint('crd', 'Relations', [
    'For each image the student must pick out the teacher’s view of it among those of many images of other classes.',
    'Its loss starts in the tens, which is normal. It keeps two embeddings of every image in memory.',
  ]),
];
