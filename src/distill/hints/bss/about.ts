import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';

const ratio = { kind: 'number', min: 0, max: 10, step: 0.1, live: true } as const;

export const bssKnobs = defineKnobs({
  temperature: {
    kind: 'number',
    label: 'Temperature',
    symbol: 'T',
    help: 'Divides both networks’ logits before the softmax, on the instances as they are and on the moved ones.',
    min: 1,
    max: 10,
    step: 0.1,
    default: 3,
    live: true,
  },
  attacked: {
    kind: 'number',
    label: 'Moved per batch',
    symbol: 'n',
    help: 'How many instances that both networks get right are moved to the teacher’s boundary; those about which the two differ most are taken first. The authors’ code takes 64 of 256.',
    min: 2,
    max: 64,
    step: 1,
    integer: true,
    default: 16,
  },
  attackSteps: {
    kind: 'number',
    label: 'Steps to the boundary',
    help: 'Moves at most; an instance stops once the teacher’s top class has changed. Each costs the teacher a pass forwards and one back. The authors’ code takes 10.',
    min: 1,
    max: 20,
    step: 1,
    integer: true,
    default: 5,
  },
  eta: {
    kind: 'number',
    label: 'Step length',
    symbol: '\\eta',
    help: 'Share of the way to the boundary that one move goes, as far as the teacher is linear.',
    min: 0.05,
    max: 1,
    step: 0.05,
    default: 0.3,
    live: true,
  },
  r1Start: {
    ...ratio,
    label: 'Soft targets, at the start',
    symbol: 'r_1(0)',
    help: 'Weight of the soft targets of the instances as they are, at the start of the run.',
    default: 4,
  },
  r1End: {
    ...ratio,
    label: 'Soft targets, at the end',
    symbol: 'r_1(1)',
    help: 'The same at the end of the run; in between the weight goes in a straight line.',
    default: 1,
  },
  r2Start: {
    ...ratio,
    label: 'Boundary, at the start',
    symbol: 'r_2(0)',
    help: 'Weight of the soft targets of the moved instances at the start of the run; it falls in a straight line.',
    default: 2,
  },
  offAt: {
    kind: 'number',
    label: 'Boundary ends at',
    unit: '% of the run',
    help: 'From here on the moved instances count for nothing.',
    min: 5,
    max: 100,
    step: 5,
    default: 75,
    live: true,
  },
});

export const bss = {
  id: 'bss',
  title: 'BSS · Boundary supporting samples',
  kind: 'logits',
  reads: ['output', 'gradients'],
  targets: ['class'],
  line: 'Soft targets, also of instances that are moved across the teacher’s decision boundary.',
  paper: {
    authors: 'Heo, Lee, Yun, Choi',
    title: 'Knowledge distillation with adversarial samples supporting decision boundary',
    venue: 'AAAI',
    year: 2019,
    url: 'https://arxiv.org/abs/1805.05532',
  },
  badge: 'equal to reference code',
  formula:
    "\\ell_i = r_1 H\\big(p^t_i, p^s_i\\big) + r_2\\tfrac{B}{n} H\\big(p^t(x'_i), p^s(x'_i)\\big),\\quad x' \\leftarrow x' + \\eta\\,(z_b - z_k)\\frac{\\nabla(z_k - z_b)}{\\lVert\\nabla(z_k - z_b)\\rVert}",
  defaultWeight: 1,
  knobs: bssKnobs,
  idle: {
    probe: 'moved images/in the batch',
    steps: 20,
    text: 'So far there is no instance that teacher and student both get right, so BSS has nothing to move. It needs a teacher that knows the task, and more steps than it takes the student to be right on some.',
  },
} as const satisfies HintAbout<typeof bssKnobs>;
