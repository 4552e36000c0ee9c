import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const softAnswersKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Divides both networks’ logits before the softmax. Without the factor below a higher one also weakens the hint.',
    min: 1,
    max: 10,
    step: 0.1,
    default: 2,
    live: true,
  },
  timesSquare: {
    kind: 'switch',
    label: 'Times T²',
    help: 'Makes up for the weaker pull at high temperatures, as soft targets do. Off is what was published for specialists.',
    default: false,
    live: true,
  },
});

export const softAnswers = {
  id: 'soft-answers',
  title: 'Soft-target cross-entropy',
  kind: 'logits',
  reads: ['output'],
  targets: ['class'],
  line: 'The teacher’s softened probabilities as labels: soft targets as a cross-entropy, without the factor T².',
  paper: {
    authors: 'Zaras, Passalis, Tefas',
    title: 'Improving knowledge distillation using unified ensembles of specialized teachers',
    venue: 'Pattern Recognition Letters',
    year: 2021,
    url: 'https://doi.org/10.1016/j.patrec.2021.03.014',
  },
  badge: 'equal to reference code',
  formula: '\\ell_i = -\\sum_c \\mathrm{softmax}(z^t_i/T)_c \\log \\mathrm{softmax}(z^s_i/T)_c',
  defaultWeight: 1,
  knobs: softAnswersKnobs,
} as const satisfies HintAbout<typeof softAnswersKnobs>;
