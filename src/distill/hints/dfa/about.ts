import { startsMidway } from '../../../nn/network-names';
import type { HintAbout, PairFacts } from '../../about';
import { defineKnobs, type KnobValues, type ValuesOf } from '../../knobs';
import { commonGroups } from './groups';

const isSearch = ({ mix }: KnobValues) => mix === 'search';
const hasBridge = (values: KnobValues) => isSearch(values) && values['bridge'] === true;

export const dfaKnobs = defineKnobs({
  mix: {
    kind: 'choice',
    label: 'Mix of the teacher’s maps',
    help: 'Searched before the student’s own training, or given: only the last map of each group (what most feature losses do), only the first, all alike, or drawn at random.',
    options: [
      { value: 'search', label: 'Searched' },
      { value: 'last', label: 'Last' },
      { value: 'average', label: 'Average' },
      { value: 'first', label: 'First' },
      { value: 'random', label: 'Random' },
    ],
    default: 'search',
  },
  searchSteps: {
    kind: 'number',
    label: 'Steps of the search',
    help: 'With a copy of the student that is thrown away after it. Each step moves the mix on one half of the labelled images, then the copy on the other half. All groups are searched at once. They come on top of the run; 0 leaves all maps alike.',
    min: 0,
    max: 2000,
    step: 10,
    integer: true,
    default: 300,
    when: isSearch,
  },
  bridge: {
    kind: 'switch',
    label: 'Bridge',
    help: 'The search also asks how well the student’s later layers classify when they are fed with the mix. Off: the mix only comes near to what the student has already, and tends to the earlier maps.',
    default: true,
    when: isSearch,
  },
  gammaST: {
    kind: 'number',
    label: 'Weight of student to teacher',
    symbol: '\\gamma_{ST}',
    help: 'In the search: the distance of the mix from the student’s map.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
    when: isSearch,
  },
  gammaTS: {
    kind: 'number',
    label: 'Weight of teacher to student',
    symbol: '\\gamma_{TS}',
    help: 'In the search: the cross-entropy of the student’s later layers on the mix.',
    min: 0,
    max: 10,
    step: 0.1,
    default: 1,
    live: true,
    when: hasBridge,
  },
  betaRate: {
    kind: 'number',
    label: 'Learning rate of the mix',
    help: 'Adam’s, in the search. With half of it and 80 steps the mix hardly moves.',
    min: 0.001,
    max: 0.5,
    step: 0.001,
    default: 0.1,
    live: true,
    when: isSearch,
  },
});

type Values = ValuesOf<typeof dfaKnobs>;

/** Steps of the search; none where the mix is given. */
export const searchStepsOf = ({ mix, searchSteps }: Values): number => (mix === 'search' ? searchSteps : 0);

function refuse(pair: PairFacts, knobs: Values): string | null {
  if (!pair.teacher.more?.['map0.0'])
    return 'DFA mixes all maps of a teacher, and this one does not show them. Choose a single teacher of the families cnn, resnet or vgg.';
  const common = commonGroups(pair);
  if (new Set(common.map(({ sides }) => sides.join())).size < 2)
    return 'DFA compares maps of the same height and width, and teacher and student share fewer than two such sizes. Choose networks whose maps shrink alike, such as cnn2-16-32-64 and cnn-4-8-16, on the same view of the images.';
  if (searchStepsOf(knobs) === 0) return null;
  if (common.every(({ maps }) => maps < 2))
    return 'DFA searches a mix of the maps of a group, and this teacher has one map in each: there is nothing to mix. Choose a deeper teacher, such as cnn2-16-32-64 or resnet20, or the given mix “Last”.';
  if (knobs.bridge && !startsMidway(pair.names.student))
    return `The bridge of DFA feeds the student’s later layers by themselves, which works with the families cnn, resnet and vgg and not with ${pair.names.student}. Choose such a student, turn the bridge off, or choose a given mix.`;
  return null;
}

export const dfa = {
  id: 'dfa',
  title: 'DFA · Differentiable feature aggregation',
  kind: 'features',
  reads: ['stages', 'more'],
  layouts: ['map'],
  targets: ['class'],
  line: 'A mix of all the teacher’s maps of one resolution, searched beforehand, in place of the last one.',
  paper: {
    authors: 'Guan et al.',
    title: 'Differentiable feature aggregation search for knowledge distillation',
    venue: 'ECCV',
    year: 2020,
    url: 'https://arxiv.org/abs/2008.00506',
  },
  badge: 'reconstruction',
  formula:
    '\\ell_i = \\sum_g \\operatorname{mean}\\Big(\\sum_j \\alpha_g^j T_{ig}^j - F_g(S_{ig})\\Big)^2,\\quad \\alpha_g = \\operatorname{softmax}(\\beta_g)',
  defaultWeight: 1,
  knobs: dfaKnobs,
  preludeSteps: searchStepsOf,
  refuse,
} as const satisfies HintAbout<typeof dfaKnobs>;
