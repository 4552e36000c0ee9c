import type { HintAbout } from '../../about';
import { defineKnobs } from '../../knobs';
import { fusionKnobs } from '../../teachers/fusion/about';
import { stagesProblem } from '../../teachers/fusion/stages';

export const ffsdKnobs = defineKnobs({
  temperature: {
    ...fusionKnobs.temperature,
    help: 'Divides the logits of fusion and student before the softmax.',
  },
  lambdaFusion: {
    kind: 'number',
    label: 'Fusion weight',
    symbol: '\\lambda_f',
    help: 'How strongly the student’s maps follow the fused map. The authors’ code has 10 in 300 epochs; in short runs of small students that did harm.',
    min: 0,
    max: 100,
    step: 0.1,
    default: 1,
    live: true,
  },
  lambdaSelf: fusionKnobs.lambdaSelf,
  warmup: fusionKnobs.warmup,
});

export const ffsd = {
  id: 'ffsd',
  title: 'FFSD · Feature fusion and self-distillation',
  kind: 'features',
  reads: ['output', 'stages', 'more'],
  layouts: ['map'],
  targets: ['class'],
  line: 'What fused students answer and where they look, at the last map and, by converters, at the earlier ones.',
  paper: {
    authors: 'Li et al.',
    title: 'Distilling a powerful student model via online knowledge distillation',
    venue: 'TNNLS',
    year: 2022,
    url: 'https://arxiv.org/abs/2103.14473',
  },
  badge: 'equal to reference code',
  formula:
    '\\ell_i = T^2\\,\\mathrm{KL}(p^F\\|p^s) + \\lambda_f\\Big(\\mathrm{att}(f_L, f_F) + \\mathrm{att}(\\mathrm{trans}(f_L), f_{1..n}) + \\sum_{l<L}\\mathrm{att}\\big(f_l, \\mathrm{conv}_l(f_F)\\big)\\Big)',
  defaultWeight: 1,
  knobs: ffsdKnobs,
  refuse: ({ student, teacher, names }) => {
    if (!teacher.more?.['concat'])
      return 'FFSD learns from students that are fused while they learn. Choose the teacher “FFSD · Fused students”.';
    if (JSON.stringify(student.stages) !== JSON.stringify(teacher.stages))
      return 'FFSD compares maps of equal networks place by place, and here student and common students see the images in different sizes. Let both see the same view.';
    return stagesProblem(names.student, student.stages);
  },
} as const satisfies HintAbout<typeof ffsdKnobs>;
