import type { WeightingAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const fixedKnobs = defineKnobs({
  warmup: {
    kind: 'number',
    label: 'Loss-weight warm-up',
    unit: '% of the run',
    help: 'The hints’ weights rise from zero to their value over this part of the run.',
    min: 0,
    max: 100,
    step: 1,
    default: 0,
    live: true,
  },
  decayFrom: {
    kind: 'number',
    label: 'Loss-weight decay from',
    unit: '% of the run',
    help: 'From here on the hints’ weights fall in a straight line to the end weight. 100 means no decay.',
    min: 0,
    max: 100,
    step: 1,
    default: 100,
    live: true,
  },
  endWeight: {
    kind: 'number',
    label: 'End weight',
    unit: '× weight',
    help: 'Share of the weight that is left at the end of the decay.',
    min: 0,
    max: 1,
    step: 0.05,
    default: 0,
    live: true,
    when: (values) => Number(values['decayFrom']) < 100,
  },
  autoBalance: {
    kind: 'switch',
    label: 'Auto-balance',
    help: 'Divides each hint by the running mean of its loss, so that all start near 1 and equal weights mean equal pull. Off uses the published losses as they are.',
    default: false,
  },
});

export const fixed = {
  id: 'fixed',
  title: 'Fixed weights',
  line: 'The same weight for every instance, with an optional warm-up and decay.',
  formula: 'w_{ih} = w_h\\,s(t)',
  knobs: fixedKnobs,
  perInstance: false,
} as const satisfies WeightingAbout<typeof fixedKnobs>;
