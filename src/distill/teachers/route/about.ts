import type { AxisAbout } from '../../about';
import { defineKnobs, type KnobValues } from '../../knobs';
import { corruptionKnobs, trainedKnobs } from '../trained';

const greedy = (values: KnobValues) => values['strategy'] === 'greedy';

export const routeKnobs = defineKnobs({
  ...trainedKnobs,
  strategy: {
    kind: 'choice',
    label: 'Anchors',
    help: 'Which states of the teacher’s training the student learns from, early ones first. “Within one run” changes the anchor while the learning rate runs on; “in stages” starts the rate curve anew for each; the search looks how hard the next states would be for the student as it is.',
    options: [
      { value: 'one-stage', label: 'Equal intervals, within one run' },
      { value: 'stages', label: 'Equal intervals, in stages' },
      { value: 'greedy', label: 'Greedy search, in stages' },
      { value: 'final', label: 'Final state only (plain KD)' },
    ],
    default: 'one-stage',
  },
  anchors: {
    kind: 'number',
    label: 'Number of anchors',
    symbol: 'm',
    help: 'States at equal distances along the route, the converged teacher the last of them. Too many become unstable, too few waste the route.',
    min: 1,
    max: 20,
    step: 1,
    integer: true,
    default: 4,
    when: (values) => values['strategy'] === 'one-stage' || values['strategy'] === 'stages',
  },
  snapshotEvery: {
    kind: 'number',
    label: 'Keep a state every',
    unit: 'epochs',
    help: 'How finely the search can choose. Each state kept takes the teacher’s size in memory.',
    min: 1,
    max: 20,
    step: 1,
    integer: true,
    default: 1,
    when: greedy,
  },
  delta: {
    kind: 'number',
    label: 'Hardness threshold',
    symbol: '\\delta',
    unit: '× anchor',
    help: 'How much farther than the present anchor the next one may be from the student. Near 1 means many small steps, a large value a jump to the end. The authors’ value is not public.',
    min: 1,
    max: 5,
    step: 0.05,
    default: 1.5,
    live: true,
    when: greedy,
  },
  hardnessTemperature: {
    kind: 'number',
    label: 'Hardness temperature',
    help: 'Softens both answers before they are compared in the search.',
    min: 1,
    max: 8,
    step: 0.5,
    default: 1,
    advanced: true,
    live: true,
    when: greedy,
  },
  maxAnchors: {
    kind: 'number',
    label: 'Most anchors',
    help: 'The run is divided into this many stages; when the search needs fewer, the converged teacher gets the rest.',
    min: 1,
    max: 20,
    step: 1,
    integer: true,
    default: 6,
    when: greedy,
  },
  resetOptimiser: {
    kind: 'switch',
    label: 'Fresh optimiser per stage',
    help: 'Forgets momentum and Adam’s averages when a new anchor begins.',
    default: true,
    advanced: true,
    when: (values) => values['strategy'] === 'stages' || greedy(values),
  },
  dropWeak: {
    kind: 'switch',
    label: 'Leave out weak states',
    help: 'Early states that are right less than twice as often as guessing teach little; the route then starts after them.',
    default: true,
    advanced: true,
  },
  ...corruptionKnobs,
});

export const route = {
  id: 'route',
  title: 'A teacher’s route (RCO)',
  line: 'States of the teacher from its own training, easy ones first, the converged one last. The greedy search is a reconstruction: formula and threshold of the paper are not public.',
  paper: {
    authors: 'Jin, Peng, Wu, Liu, Liu, Liang, Yan, Hu',
    title: 'Knowledge distillation via route constrained optimization',
    venue: 'ICCV',
    year: 2019,
    url: 'https://arxiv.org/abs/1904.09149',
  },
  badge: 'reconstruction',
  formula:
    'r(i,j)=\\frac{\\overline{\\mathrm{KL}}\\big(p^{t_j}\\|p^{s_i}\\big)}{\\overline{\\mathrm{KL}}\\big(p^{t_i}\\|p^{s_i}\\big)}\\le\\delta',
  knobs: routeKnobs,
} as const satisfies AxisAbout<typeof routeKnobs>;
