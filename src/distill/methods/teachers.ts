/** Methods that differ in who teaches. */
import { hintAbouts } from '../hints/abouts';
import { defaultsOf, type Knobs } from '../knobs';
import type { Recipe } from '../recipe';
import { teacherAbouts, type TeacherKind } from '../teachers/abouts';
import { fixedWeights, hint, softTargets, type MethodEntry } from './method';

/** Knobs that mean the same in every kind of teacher whose network is as large as a single teacher's. */
const shared = ['source', 'network', 'epochs', 'learningRate', 'batch', 'labels', 'corruption'];

/** A teacher of the kind: the recipe's own if it is one, else a first one that keeps what both have in common. */
function teacherOfKind(
  recipe: Recipe,
  given: Recipe['teacher'],
  kind: TeacherKind,
  keeps = shared,
): Recipe['teacher'] {
  if (recipe.teacher.kind === kind) return recipe.teacher;
  const first = defaultsOf(teacherAbouts[kind].knobs as Knobs);
  const kept = Object.entries(given.knobs).filter(([name]) => keeps.includes(name) && name in first);
  return { kind, knobs: { ...first, ...Object.fromEntries(kept) } };
}

/** An ensemble whose members are averaged, or take turns. */
function ensembleIn(mode: 'average' | 'switch', teacher: Recipe['teacher']): Recipe['teacher'] {
  return { ...teacher, knobs: { ...teacher.knobs, mode } };
}

export const teacherMethods: readonly MethodEntry[] = [
  {
    id: 'kd-uda',
    title: 'KD-UDA · Joint progressive KD and UDA',
    group: 'Teacher-side',
    ownTeacher: 'kind',
    material: { unlabelled: 100_000, unlabelledFrom: 'second-domain' },
    paper: teacherAbouts.adapting.paper,
    badge: teacherAbouts.adapting.badge,
    sentences: [
      'Unsupervised domain adaptation: images of one domain have labels, those of another have none. The teacher adapts to both while the student learns from it on both; adapting counts most at the start of the run, distillation at its end.',
      'Watch the scores in the second domain. Matching features mends a changed background, not inverted images.',
    ],
    formula: `L = \\beta\\,\\Big(\\gamma\\,\\mathrm{CE}_S + \\frac1B\\sum_i \\ell_i\\Big) + (1-\\beta)\\,\\big[\\mathrm{CE}(z^t_S) + g\\,\\mathrm{MMD}\\big],\\qquad ${hintAbouts['kd-reverse'].formula}`,
    inputs: ['image'],
    apply: (recipe, given) => ({
      ...recipe,
      method: 'kd-uda',
      teacher: teacherOfKind(recipe, given, 'adapting', []),
      hints: [hint(recipe, 'kd-reverse', { weight: 1 })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0.7 },
    }),
  },
  {
    id: 'ensemble',
    title: 'Ensemble',
    group: 'Teacher-side',
    ownTeacher: 'kind',
    paper: teacherAbouts.ensemble.paper,
    badge: teacherAbouts.ensemble.badge,
    sentences: [
      'Several networks are trained, and the student imitates their average.',
      'The average is usually better than any member, and its doubts are better founded; it costs as many trainings.',
    ],
    formula: `L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,\\ell^{\\mathrm{kd}}_i,\\qquad ${teacherAbouts.ensemble.formula}`,
    apply: (recipe, given) => ({
      ...recipe,
      method: 'ensemble',
      teacher: ensembleIn('average', teacherOfKind(recipe, given, 'ensemble')),
      hints: [softTargets(recipe, 0.9)],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0.1 },
    }),
  },
  {
    id: 'ensemble-switch',
    title: 'Efficient KD from an ensemble of teachers',
    group: 'Teacher-side',
    ownTeacher: 'kind',
    paper: {
      authors: 'Fukuda, Suzuki, Kurata, Thomas, Cui, Ramabhadran',
      title: 'Efficient knowledge distillation from an ensemble of teachers',
      venue: 'Interspeech',
      year: 2017,
    },
    badge: 'reconstruction',
    sentences: [
      'The student is shown one teacher at a time: another one from step to step, or each on a copy of the data of its own.',
      'On average that is the mean of all teachers, at a fraction of their forward passes, with noisier steps: compare it with the average at equal steps. The abstract does not say how a teacher is chosen; at random is ours.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,T^2\\,\\mathrm{KL}\\big(p^{t_{m(b)}}_i(T)\\,\\|\\,p^s_i(T)\\big),\\quad m(b)\\ \\text{drawn for batch } b',
    apply: (recipe, given) => ({
      ...recipe,
      method: 'ensemble-switch',
      teacher: ensembleIn('switch', teacherOfKind(recipe, given, 'ensemble')),
      hints: [hint(recipe, 'kd', { weight: 1, knobs: { temperature: 1 } })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0 },
    }),
  },
  {
    id: 'rco',
    title: 'RCO · Route-constrained optimization',
    group: 'Teacher-side',
    ownTeacher: 'kind',
    paper: teacherAbouts.route.paper,
    badge: teacherAbouts.route.badge,
    sentences: [
      'The student follows states of the teacher’s own training, easy ones first, until it learns from the converged one.',
      'Meant for students much smaller than the teacher. The rule for equal intervals is public; the greedy search is our reconstruction.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,T^2\\,\\mathrm{KL}\\big(p^{t_{a(i)}}(T)\\,\\|\\,p^s(T)\\big),\\quad a_1<a_2<\\dots<a_m',
    apply: (recipe, given) => ({
      ...recipe,
      method: 'rco',
      teacher: teacherOfKind(recipe, given, 'route'),
      hints: [softTargets(recipe, 0.9)],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0.1 },
    }),
  },
  {
    id: 'specialists',
    title: 'Unified ensemble of specialised teachers',
    group: 'Teacher-side',
    ownTeacher: 'kind',
    paper: teacherAbouts.specialists.paper,
    badge: teacherAbouts.specialists.badge,
    sentences: [
      'The teacher is a body of small branches that each know a few classes and are trained under one softmax.',
      'Its clean form averages plain scores; the published one ends in two softmaxes and is a switch of the teacher. Rebuilt from the authors’ code, since their paper is not open: the branches and two layouts are theirs, only narrower; sharing the classes out by number or by confusion is ours.',
    ],
    formula: `L = \\frac1B\\sum_i \\lambda\\,\\mathrm{CE}_i + \\ell_i,\\qquad ${hintAbouts['soft-answers'].formula}`,
    apply: (recipe, given) => ({
      ...recipe,
      method: 'specialists',
      teacher: teacherOfKind(
        recipe,
        given,
        'specialists',
        shared.filter((name) => name !== 'network'),
      ),
      hints: [hint(recipe, 'soft-answers', { weight: 1 })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0.3 },
    }),
  },
  {
    id: 'mgd',
    title: hintAbouts.codes.title,
    group: 'Teacher-side',
    ownTeacher: 'kind',
    paper: teacherAbouts.granular.paper,
    badge: teacherAbouts.granular.badge,
    sentences: [
      'Two heads learn to re-make the teacher’s decisions through a narrow and a wide code; the student learns both codes and a mean of three answers.',
      'The code of the wide head can outweigh the rest at first: watch the shares of the loss.',
    ],
    formula:
      'L = \\frac1B\\sum_i \\gamma\\,\\mathrm{CE}_i + w\\,T^2\\,\\mathrm{KL}\\big(\\tfrac13(z+z_a+z_d)\\,\\|\\,z^s\\big) + \\ell^{\\mathrm{codes}}_i',
    apply: (recipe, given) => ({
      ...recipe,
      method: 'mgd',
      teacher: teacherOfKind(recipe, given, 'granular'),
      hints: [softTargets(recipe, 0.8), hint(recipe, 'codes', { weight: 1 })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 0.2 },
    }),
  },
  {
    id: 'ffsd',
    title: hintAbouts.ffsd.title,
    group: 'Teacher-side',
    ownTeacher: 'kind',
    paper: teacherAbouts.fusion.paper,
    badge: teacherAbouts.fusion.badge,
    sentences: [
      'No teacher: students learn at the same time, a module fuses their last maps, and the student follows the fusion in answers and in where it looks.',
      'Expect no gain in short runs. The fusion and the mean of all students are better than each of them, at their joint cost.',
    ],
    formula: `L = \\frac1B\\sum_i \\mathrm{CE}_i + w\\,\\ell_i,\\qquad ${hintAbouts.ffsd.formula}`,
    apply: (recipe, given) => ({
      ...recipe,
      method: 'ffsd',
      teacher: teacherOfKind(recipe, given, 'fusion', []),
      hints: [hint(recipe, 'ffsd', { weight: hintAbouts.ffsd.defaultWeight })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
  {
    id: 'dml',
    title: hintAbouts.dml.title,
    group: 'Teacher-side',
    ownTeacher: 'kind',
    paper: teacherAbouts.peers.paper,
    badge: teacherAbouts.peers.badge,
    sentences: [
      'No teacher: networks learn at the same time and imitate each other.',
      'Expect little in short runs, where the peers know no more than the student.',
    ],
    formula: `L = \\frac1B\\sum_i \\mathrm{CE}_i + w\\,\\ell_i,\\qquad ${hintAbouts.dml.formula}`,
    apply: (recipe, given) => ({
      ...recipe,
      method: 'dml',
      teacher: teacherOfKind(recipe, given, 'peers', []),
      hints: [hint(recipe, 'dml', { weight: hintAbouts.dml.defaultWeight })],
      weighting: fixedWeights(),
      objective: { ...recipe.objective, ceWeight: 1 },
    }),
  },
];
