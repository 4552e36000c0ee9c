/** Apprentice: a student in low precision, and three ways to teach it. */
import type { Citation } from '../about';
import { defaultsOf } from '../knobs';
import { defaultHint, type HintEntry, type Recipe } from '../recipe';
import { precisionOf } from '../students/precision';
import { bundledTeachers, type BundledTeacherId } from '../teachers/single/about';
import { teacherAbouts } from '../teachers/abouts';
import { fixedWeights, type MethodEntry } from './method';

const paper: Citation = {
  authors: 'Mishra, Marr',
  title: 'Apprentice: using knowledge distillation techniques to improve low-precision network accuracy',
  venue: 'ICLR',
  year: 2018,
  url: 'https://arxiv.org/abs/1711.05852',
};

/** Ternary weights and 8-bit activations, unless the recipe's student is in low precision already. */
function lowPrecision({ student }: Recipe): Recipe['student'] {
  return precisionOf(student)
    ? { ...student, start: 'drawn' }
    : { ...student, bitsWeights: '2', bitsActivations: '8', start: 'drawn' };
}

/** Soft targets at temperature 1: their gradient is that of the cross-entropy with the teacher's answers. */
const softAnswers = (): HintEntry => ({ ...defaultHint('kd'), weight: 0.5, knobs: { temperature: 1 } });

/** Name of the network of a single teacher. */
function networkOf({ knobs }: Recipe['teacher']): string {
  const { source = 'train', network, fileNetwork } = knobs;
  if (source === 'file') return fileNetwork!;
  return source === 'train' ? network! : bundledTeachers[source as BundledTeacherId].network;
}

const objectiveOfStudent = '\\beta\\,\\mathrm{CE}(y,p^s_i) + \\gamma\\,H(p^t_i,p^s_i)';

const common = {
  group: 'Logit-based',
  paper,
  badge: 'reconstruction',
  ownStudent: true,
} as const;

export const apprenticeMethods: readonly MethodEntry[] = [
  {
    ...common,
    id: 'apprentice',
    title: 'Apprentice · Low-precision student',
    sentences: [
      'A trained teacher in full precision teaches a student whose kernels and activations have few levels (scheme B of the paper).',
      'Rounding a network after its training often destroys it: watch the twin that is rounded afterwards. Quantisers as in public code; their scale is ours, because at 2 bits all first weights would be 0 without it.',
    ],
    formula: `L = \\frac1B\\sum_i ${objectiveOfStudent},\\qquad w_q = s\\,\\frac{\\mathrm{round}(n\\,w/s)}{n},\\; n=2^{k-1}-1,\\; s=\\max|w|`,
    apply: (recipe, teacher) => ({
      ...recipe,
      method: 'apprentice',
      teacher,
      hints: [softAnswers()],
      weighting: fixedWeights(),
      student: lowPrecision(recipe),
      objective: { ...recipe.objective, ceWeight: 0.5 },
    }),
  },
  {
    ...common,
    id: 'apprentice-joint',
    title: 'Apprentice A · Teacher trained alongside',
    group: 'Teacher-side',
    ownTeacher: 'kind',
    sentences: [
      'Teacher and low-precision student learn together from the same batches (scheme A of the paper).',
      'Nothing is trained beforehand. The teacher knows no more labels than the student, so expect less than from a trained one where labels are few.',
    ],
    formula: `L = \\frac1B\\sum_i \\alpha\\,\\mathrm{CE}(y,p^t_i) + ${objectiveOfStudent}`,
    apply: (recipe, given) => ({
      ...recipe,
      method: 'apprentice-joint',
      teacher:
        recipe.teacher.kind === 'joint'
          ? recipe.teacher
          : {
              kind: 'joint',
              knobs: { ...defaultsOf(teacherAbouts.joint.knobs), ...namedNetwork(given) },
            },
      hints: [softAnswers()],
      weighting: fixedWeights(),
      student: lowPrecision(recipe),
      objective: { ...recipe.objective, ceWeight: 0.5 },
    }),
  },
  {
    ...common,
    id: 'apprentice-fine-tuned',
    title: 'Apprentice C · From the teacher’s weights',
    sentences: [
      'The student begins as a rounded copy of the teacher and is fine-tuned by it (scheme C of the paper).',
      'The student becomes the teacher’s network. Meant for few steps at a low learning rate.',
    ],
    formula: `L = \\frac1B\\sum_i ${objectiveOfStudent},\\qquad \\theta^s_0 = \\theta^t`,
    apply: (recipe, given) => {
      const teacher = given.kind === 'single' ? given : firstSingle();
      return {
        ...recipe,
        method: 'apprentice-fine-tuned',
        teacher,
        hints: [softAnswers()],
        weighting: fixedWeights(),
        student: { ...lowPrecision(recipe), network: networkOf(teacher), start: 'teacher' },
        objective: { ...recipe.objective, ceWeight: 0.5 },
      };
    },
  },
];

const firstSingle = (): Recipe['teacher'] => ({
  kind: 'single',
  knobs: { ...defaultsOf(teacherAbouts.single.knobs) },
});

/** The network of a single teacher, which the one trained alongside takes over. */
function namedNetwork(teacher: Recipe['teacher']): { network?: string } {
  return teacher.kind === 'single' && teacher.knobs.source !== 'file' ? { network: networkOf(teacher) } : {};
}
