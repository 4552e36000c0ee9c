/** What losses of class probabilities have in common: the temperature, and that two classes are too few for some. No tensor. */
import type { PairFacts } from '../about';
import type { NumberKnob } from '../knobs';

export const temperatureKnob = {
  kind: 'number',
  label: 'Temperature',
  symbol: 'T',
  help: 'Divides both networks’ logits before the softmax.',
  min: 1,
  max: 10,
  step: 0.1,
  default: 4,
  live: true,
} as const satisfies NumberKnob;

/** With two classes there is only one other class, and nothing to learn about how the others compare. */
export function refuseTwoClasses({ outputs }: PairFacts): string | null {
  return outputs < 3
    ? 'This loss compares the wrong classes with each other, and with two classes there is only one. Use KD (soft targets).'
    : null;
}
