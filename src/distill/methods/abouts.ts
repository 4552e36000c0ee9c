/** Methods of the picker: a paper's name for one point in the space of recipes. */
import { hintAbouts } from '../hints/abouts';
import { defaultsOf } from '../knobs';
import { fixed } from '../weighting/fixed/about';
import { hintDynamic } from '../weighting/hint-dynamic/about';
import type { Recipe } from '../recipe';
import { alikeMethods, answerMethods, featureMethods, teacherlessMethods } from './classical';
import { teacherMethods } from './teachers';
import { fixedWeights, hint, oneHint, softTargets, teacherOf, type MethodAbout } from './method';

export type { MethodAbout } from './method';

/**
 * What HKD and its twin share: all but the weighting. Auto-balanced losses, for which the twin's weights and the middle
 * of HKD's range mean the same, and SGD, whose step HKD's meta step foresees exactly. Several losses of the recipe's own
 * stay, unless they belong to a teacher that goes.
 */
function severalHints(recipe: Recipe): Recipe {
  const teacher = teacherOf(recipe);
  const keeps = recipe.hints.length > 1 && teacher.kind === recipe.teacher.kind;
  return {
    ...recipe,
    teacher,
    hints: keeps ? recipe.hints : [softTargets(recipe, 3), hint(recipe, 'fitnet', { weight: 1 })],
    objective: { ...recipe.objective, ceWeight: 1 },
    schedule: { ...recipe.schedule, optimiser: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4 },
  };
}

export const methods: readonly MethodAbout[] = [
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
      teacher: { kind: 'none', knobs: {} },
      hints: [],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1, hardAnswers: false },
    }),
  },
  ...teacherlessMethods,
  {
    id: 'kd',
    title: 'Knowledge distillation (KD)',
    group: 'Answers',
    paper: hintAbouts.kd.paper,
    badge: 'equal to reference code',
    sentences: [
      'The student imitates the teacher’s softened class probabilities.',
      'It helps most where the student lacks labels the teacher had; with plenty of clean labels expect little.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,T^2\\,\\mathrm{KL}\\big(p^t_i(T)\\,\\|\\,p^s_i(T)\\big)',
    apply: (recipe) => ({
      ...recipe,
      method: 'kd',
      teacher: teacherOf(recipe),
      hints: [softTargets(recipe, 0.9)],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0.1 },
    }),
  },
  oneHint(
    'dkd',
    'Answers',
    [
      'Splits soft targets in two: how sure the teacher is of the target class, and how it ranks the others, each with its own weight.',
      'The effective weight is large; lower the learning rate or the non-target weight if it diverges.',
    ],
    { warmup: 8 },
  ),
  oneHint('nkd', 'Answers', [
    'Weighs the target class by the teacher’s confidence and distils the other classes renormalised.',
    'Its loss is a cross-entropy, so it does not fall to zero even for a perfect student.',
  ]),
  oneHint('wsld', 'Answers', [
    'Soft targets, turned down for images on which the student already does as well as the teacher.',
    'Look at the per-instance losses: well-learned images drop out.',
  ]),
  oneHint('dist', 'Answers', [
    'Matches how the answers correlate, across classes for an image and across images for a class, instead of the answers themselves.',
    'Made for teachers that are much stronger than the student; the second part is noisy for small batches.',
  ]),
  oneHint(
    'lskd',
    'Answers',
    [
      'Standardises each image’s logits first, so that only their pattern must match and not their size.',
      'Helps when teacher and student answer at very different scales.',
    ],
    { ceWeight: 0.1 },
  ),
  oneHint('logits', 'Answers', [
    'The student regresses the teacher’s raw logits: the oldest form of distillation.',
    'Its strength falls with the number of classes.',
  ]),
  ...answerMethods,
  {
    id: 'fitnet',
    title: 'FitNet',
    group: 'Features',
    paper: hintAbouts.fitnet.paper,
    badge: 'equal to reference code',
    sentences: [
      'A small regressor maps one of the student’s feature maps onto one of the teacher’s.',
      'The published weight of 100 is for long runs; it starts at 0.2 here, so that a short run loses nothing.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,\\lVert R(F^s_i)-F^t_i\\rVert^2_{\\text{mean}}',
    apply: (recipe) => ({
      ...recipe,
      method: 'fitnet',
      teacher: teacherOf(recipe),
      hints: [hint(recipe, 'fitnet', { weight: hintAbouts.fitnet.defaultWeight })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
  {
    id: 'at',
    title: 'Attention transfer (AT)',
    group: 'Features',
    paper: hintAbouts.at.paper,
    badge: 'equal to reference code',
    sentences: [
      'The student learns where the teacher’s feature maps are active, stage by stage.',
      'The published weight of 1000 is for 32 pixels and is scaled to the images. It is made for long runs: in a few hundred steps a tenth of it does less harm.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\sum_k \\lVert \\hat A^s_{ik}-\\hat A^t_{ik}\\rVert^2_{\\text{mean}}',
    apply: (recipe) => ({
      ...recipe,
      method: 'at',
      teacher: teacherOf(recipe),
      hints: [hint(recipe, 'at', { weight: hintAbouts.at.defaultWeight })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
  oneHint(
    'review',
    'Features',
    [
      'Every teacher stage supervises the student stages from its own depth on: deeper levels are fused into shallower ones by attention.',
      'Its fusion modules are trained with the student and dropped at the end; see “extra parameters”.',
    ],
    { warmup: 8 },
  ),
  oneHint('nst', 'Features', [
    'Matches which places excite the channels, as a distribution over channels.',
    'Channel counts may differ, since distributions are compared. The published weight of 50 is for long runs; it starts at 0.01 here.',
  ]),
  oneHint('vid', 'Features', [
    'A small network on each student stage predicts the teacher’s map, with a learned variance per channel.',
    'The loss may become negative: it is a likelihood.',
  ]),
  ...featureMethods,
  oneHint('sp', 'Relations', [
    'Images that excite the teacher alike should excite the student alike: compares the batch’s similarity matrices.',
    'Needs no regressor, whatever the networks; the weight is large because the entries are small.',
  ]),
  oneHint('rkd', 'Relations', [
    'Keeps the distances and angles between images as they are in the teacher’s space of embeddings.',
    'Angles cost the cube of the batch size; keep batches at 64 or below.',
  ]),
  oneHint('pkt', 'Relations', [
    'Each image’s probabilities of having the others as neighbours should be the teacher’s.',
    'Losses are tiny and the weight is large; watch the weighted curve.',
  ]),
  oneHint('cc', 'Relations', [
    'Compares how images correlate through a Gaussian kernel on the embeddings.',
    'This is the form of the paper; the benchmark’s code used another one under the same name, which is a choice in the hint.',
  ]),
  ...alikeMethods,
  ...teacherMethods,
  {
    id: 'kd-feature',
    title: 'KD + feature, fixed weights',
    group: 'Several hints',
    paper: null,
    badge: 'our design',
    sentences: [
      'Soft targets and one feature map together, each with a weight that you set by hand.',
      'The twin of HKD: the same recipe in all but the weighting, which is the same for every image.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\mathrm{CE}_i + w_1\\,\\ell^{\\mathrm{kd}}_i + w_2\\,\\ell^{\\mathrm{feature}}_i',
    apply: (recipe) => ({
      ...severalHints(recipe),
      method: 'kd-feature',
      weighting: { id: 'fixed', knobs: { ...defaultsOf(fixed.knobs), autoBalance: true } },
    }),
  },
  {
    id: 'hkd',
    title: 'Hint-dynamic KD (HKD)',
    group: 'Several hints',
    paper: hintDynamic.paper,
    badge: 'reconstruction',
    sentences: [
      'A small network sets the weight of every hint for every image, and learns from whether the student’s step helps on its next batch.',
      'Watch a harmful hint sink. Its twin with fixed weights is “KD + feature”. Reconstruction from the abstract: the authors’ code and details are not public.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\mathrm{CE}_i + \\sum_h w_{ih}\\,\\ell_{ih},\\quad w_{ih} = w_h\\cdot 2\\,\\sigma(\\mathrm{net}_\\psi(\\text{state}_i))_h',
    apply: (recipe) => ({
      ...severalHints(recipe),
      method: 'hkd',
      weighting: { id: 'hint-dynamic', knobs: { ...defaultsOf(hintDynamic.knobs) } },
    }),
  },
];
