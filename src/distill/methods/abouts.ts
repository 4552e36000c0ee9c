/** Methods of the picker: a paper's name for one point in the space of recipes. */
import type { Citation } from '../about';
import { methodsOfHints } from '../hints/methods';
import { defaultsOf } from '../knobs';
import { fixed } from '../weighting/fixed/about';
import { hintDynamic } from '../weighting/hint-dynamic/about';
import type { Recipe } from '../recipe';
import { eskd } from './eskd';
import { materialMethods } from './material';
import { apprenticeMethods } from './apprentice';
import { teacherMethods } from './teachers';
import {
  fixedWeights,
  hint,
  materialOf,
  scheduleOf,
  noTeacher,
  softTargets,
  teacherOf,
  withPlainStudent,
  type MethodAbout,
  type MethodEntry,
} from './method';

export type { MethodAbout } from './method';

const dot: Citation = {
  authors: 'Zhao, Cui, Song, Liang',
  title: 'DOT: a distillation-oriented trainer',
  venue: 'ICCV',
  year: 2023,
  url: 'https://arxiv.org/abs/2307.08436',
};

/**
 * What HKD and its twin share: all but the weighting. Auto-balanced losses, for which the twin's weights and the middle
 * of HKD's range mean the same, and SGD, whose step HKD's meta step foresees exactly. Several losses of the recipe's own
 * stay, unless they belong to a kind of teacher that is replaced.
 */
function severalHints(recipe: Recipe, teacher: Recipe['teacher']): Recipe {
  const keeps = recipe.hints.length > 1 && teacher.kind === recipe.teacher.kind;
  return {
    ...recipe,
    teacher,
    hints: keeps ? recipe.hints : [softTargets(recipe, 3), hint(recipe, 'fitnet', { weight: 1 })],
    objective: { ...recipe.objective, ceWeight: 1 },
    schedule: { ...recipe.schedule, optimiser: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
  };
}

const entries: readonly MethodEntry[] = [
  ...methodsOfHints,
  ...materialMethods,
  ...teacherMethods,
  ...apprenticeMethods,
  eskd,
  {
    id: 'dot',
    title: 'DOT · Distillation-oriented trainer',
    group: 'Logit-based',
    paper: dot,
    badge: 'equal to reference code',
    sentences: [
      'Soft targets with an optimiser that keeps the momentum of labels and hints apart, and gives the hints the longer memory.',
      'An optimiser and no hint: any method can be trained with it. Made for long runs with SGD.',
    ],
    formula:
      'm \\leftarrow (\\mu-\\delta)\\,m + \\nabla\\gamma\\,\\mathrm{CE},\\quad k \\leftarrow (\\mu+\\delta)\\,k + \\nabla w\\,\\ell,\\quad \\theta \\leftarrow \\theta - \\eta\\,(m + k)',
    apply: (recipe, teacher) => ({
      ...recipe,
      method: 'dot',
      teacher,
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
  {
    id: 'labels-only',
    title: 'Labels only',
    group: 'No teacher',
    paper: null,
    badge: 'our design',
    sentences: [
      'The student learns from its labels alone, without a teacher.',
      'The yardstick for everything else: a method that does not beat this line does not help.',
    ],
    formula: 'L = \\frac1B\\sum_i \\mathrm{CE}_i',
    apply: (recipe) => ({
      ...recipe,
      method: 'labels-only',
      teacher: noTeacher(),
      hints: [],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1, hardAnswers: false },
    }),
  },
  {
    id: 'kd-feature',
    title: 'KD + feature, fixed weights',
    group: 'Combined losses',
    paper: null,
    badge: 'our design',
    sentences: [
      'Soft targets and one feature map together, each with a weight that you set by hand.',
      'The twin of HKD: the same recipe in all but the weighting, which is the same for every instance.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\mathrm{CE}_i + w_1\\,\\ell^{\\mathrm{kd}}_i + w_2\\,\\ell^{\\mathrm{feature}}_i',
    apply: (recipe, teacher) => ({
      ...severalHints(recipe, teacher),
      method: 'kd-feature',
      weighting: { id: 'fixed', knobs: { ...defaultsOf(fixed.knobs), autoBalance: true } },
    }),
  },
  {
    id: 'hkd',
    title: 'HKD · Hint-dynamic KD',
    group: 'Combined losses',
    paper: hintDynamic.paper,
    badge: 'reconstruction',
    sentences: [
      'A small network sets the weight of every hint for every instance, and learns from whether the student’s step helps on its next batch.',
      'Watch a harmful hint sink. Its twin with fixed weights is “KD + feature”. Reconstruction from the abstract: the authors’ code and details are not public.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\mathrm{CE}_i + \\sum_h w_{ih}\\,\\ell_{ih},\\quad w_{ih} = w_h\\cdot 2\\,\\sigma(\\mathrm{net}_\\psi(\\text{state}_i))_h',
    apply: (recipe, teacher) => ({
      ...severalHints(recipe, teacher),
      method: 'hkd',
      weighting: { id: 'hint-dynamic', knobs: { ...defaultsOf(hintDynamic.knobs) } },
    }),
  },
];

/** In the order of the picker. A method that is not named here comes after all others, so last in its group. */
const order = [
  ...['labels-only', 'ls', 'tfkd-reg', 'introspective'],
  ...[
    'kd',
    'dkd',
    'nkd',
    'wsld',
    'dist',
    'lskd',
    'logits',
    'bss',
    'tfkd-self',
    'dot',
    'ctkd',
    'mlld',
    'eskd',
    'apprentice',
    'apprentice-fine-tuned',
  ],
  ...['fitnet', 'at', 'review', 'nst', 'vid', 'fitnet-two', 'ofd', 'semckd', 'ft', 'ab', 'fsp'],
  ...['sp', 'rkd', 'pkt', 'cc', 'crd', 'holistic'],
  ...['mismatched', 'cgan-kd'],
  ...[
    'ensemble',
    'ensemble-switch',
    'rco',
    'specialists',
    'mgd',
    'dml',
    'ffsd',
    'apprentice-joint',
    'kd-uda',
  ],
  ...['kd-feature', 'hkd'],
];
const placeOf = ({ id }: MethodEntry) => (order.includes(id) ? order.indexOf(id) : order.length);

export const methods: readonly MethodAbout[] = entries
  .toSorted((a, b) => placeOf(a) - placeOf(b))
  .map((entry) => ({
    ...entry,
    apply: (recipe) => {
      const before = entries.find(({ id }) => id === recipe.method);
      const goes = before?.ownStudent && !entry.ownStudent;
      const base = goes ? withPlainStudent(recipe) : recipe;
      // Chosen again, it leaves material and schedule as they were turned since.
      const own =
        before === entry
          ? {}
          : {
              material: materialOf(recipe, before?.material, entry.material),
              schedule: scheduleOf(recipe, before?.schedule, entry.schedule),
            };
      return entry.apply({ ...base, ...own }, teacherOf(recipe, before?.ownTeacher));
    },
  }));
