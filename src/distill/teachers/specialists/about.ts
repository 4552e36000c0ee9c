import type { TeacherAbout } from '../../about';
import { defineKnobs, type KnobValues } from '../../knobs';
import { corruptionKnobs, corruptionNames, trainedKnobs } from '../trained';
import { readSets } from './split';

const ring = (values: KnobValues) => values['split'] === 'ring' || values['split'] === 'confusion';

const alike = (values: KnobValues) => values['diversity'] === false;

export const specialistsKnobs = defineKnobs({
  ...trainedKnobs,
  diversity: {
    kind: 'switch',
    label: 'Different branches',
    help: 'Branches as in the authors’ code, so that specialists do not all make the same mistakes: ELU or ReLU, with more or less dropout and weight penalty, and in the layout with small overlaps of unlike depth and width. Small images have fewer blocks. Off: all branches are the same network.',
    default: true,
  },
  network: {
    ...trainedKnobs.network,
    label: 'Branch network',
    help: 'The network of each specialist; small, since several stand side by side.',
    default: 'cnn2-8-16',
    when: alike,
  },
  width: {
    kind: 'number',
    label: 'First layer of a branch',
    unit: 'filters',
    help: 'How wide the branches begin; later blocks have twice and four times as many filters. The published branches begin with 32.',
    min: 2,
    max: 64,
    step: 1,
    integer: true,
    default: 8,
    when: (values) => !alike(values),
  },
  split: {
    kind: 'choice',
    label: 'Class assignment',
    help: 'How the classes are shared out. By confusion, a quick generalist is trained first and classes it mixes up go to the same specialists. The published layouts are for ten classes.',
    options: [
      { value: 'ring', label: 'By class number' },
      { value: 'confusion', label: 'By confusion' },
      { value: 'layout-a', label: 'Published, small overlaps' },
      { value: 'layout-b', label: 'Published, each class twice' },
      { value: 'manual', label: 'By hand' },
    ],
    default: 'ring',
  },
  branches: {
    kind: 'number',
    label: 'Specialists',
    help: 'Parallel branches of the teacher.',
    min: 2,
    max: 8,
    step: 1,
    integer: true,
    default: 5,
    when: ring,
  },
  coverage: {
    kind: 'number',
    label: 'Specialists per class',
    help: 'How many specialists know each class; their scores for it are averaged.',
    min: 1,
    max: 8,
    step: 1,
    integer: true,
    default: 2,
    when: ring,
  },
  groups: {
    kind: 'text',
    label: 'Groups',
    help: 'Class numbers of each specialist, groups separated by semicolons: 0-3; 2,4,5; 6-9. Every class needs a specialist.',
    default: '0-3; 2-5; 4-7; 6-9; 0,1,8,9',
    suggestions: [
      { value: '0-3; 2-5; 4-7; 6-9; 0,1,8,9', label: 'Ten classes, five groups, each class twice' },
      { value: '0-4; 5-9', label: 'Ten classes in two halves' },
    ],
    problem: (text) => {
      const read = readSets(text);
      return 'problem' in read ? read.problem : null;
    },
    when: (values) => values['split'] === 'manual',
  },
  heads: {
    kind: 'choice',
    label: 'Branch outputs',
    help: 'Clean: plain scores, averaged. As published: each branch ends in a softmax with an output for “none of mine”, and the averages go through a softmax again, so the teacher can never be surer than 23 % of ten classes and its answers are almost flat.',
    options: [
      { value: 'clean', label: 'Clean' },
      { value: 'faithful', label: 'As published' },
    ],
    default: 'clean',
  },
  trunk: {
    kind: 'number',
    label: 'Shared layer',
    unit: 'filters',
    help: 'A convolution that all branches share, for speed. The published teacher shares nothing: 0.',
    min: 0,
    max: 64,
    step: 1,
    integer: true,
    default: 0,
    advanced: true,
  },
  ...corruptionKnobs,
});

export const specialists = {
  id: 'specialists',
  title: 'Unified ensemble of specialised teachers',
  line: 'Parallel branches that each know a few classes, trained together under one softmax.',
  paper: {
    authors: 'Zaras, Passalis, Tefas',
    title: 'Improving knowledge distillation using unified ensembles of specialized teachers',
    venue: 'Pattern Recognition Letters',
    year: 2021,
    url: 'https://doi.org/10.1016/j.patrec.2021.03.014',
  },
  badge: 'reconstruction',
  formula: 'z_c = \\operatorname{mean}_{b\\,\\ni\\,c}\\,o_{b,c},\\qquad p = \\mathrm{softmax}(z)',
  size: 'first',
  trainedBefore: () => true,
  shownBy: corruptionNames,
  targets: ['class'],
  knobs: specialistsKnobs,
} as const satisfies TeacherAbout<typeof specialistsKnobs>;
