import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const kdReverseKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Divides both networks’ logits before the softmax. The authors take 20; at this scale 4 is kinder.',
    min: 1,
    max: 20,
    step: 0.1,
    default: 4,
    live: true,
  },
  alpha: {
    kind: 'number',
    label: 'Weight on labelled images',
    symbol: '\\alpha',
    help: 'How much the labelled (source) images count, beside 1 for those without a label (target). Their labels get the rest through the cross-entropy weight.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0.3,
    live: true,
  },
});

export const kdReverse = {
  id: 'kd-reverse',
  title: 'Reverse KL · Soft targets, student first',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'The teacher’s softened class probabilities, compared from the student’s side: the student avoids what the teacher thinks impossible. Each half of the batch, with and without labels, counts by its own mean.',
  paper: {
    authors: 'Nguyen-Meidine, Granger, Kiran, Dolz, Blais-Morin',
    title: 'Joint progressive knowledge distillation and unsupervised domain adaptation',
    venue: 'IJCNN',
    year: 2020,
    url: 'https://arxiv.org/abs/2005.07839',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = c_i\\,T^2\\,\\mathrm{KL}\\!\\left(\\mathrm{softmax}(z^s_i/T)\\,\\middle\\|\\,\\mathrm{softmax}(z^t_i/T)\\right),\\quad c_i = \\alpha\\,\\tfrac{B}{B_{\\mathrm{labelled}}}\\ \\text{or}\\ \\tfrac{B}{B_{\\mathrm{unlabelled}}}',
  defaultWeight: 1,
  knobs: kdReverseKnobs,
} as const satisfies HintAbout<typeof kdReverseKnobs>;
