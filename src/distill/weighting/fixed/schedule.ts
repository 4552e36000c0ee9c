import type { ValuesOf } from '../../knobs';
import type { fixedKnobs } from './about';

/**
 * Factor on all hint weights at `progress` (0..1) of the run: a straight rise over the warm-up, 1, then a straight fall
 * to the end weight.
 */
export function hintFactor(progress: number, knobs: ValuesOf<typeof fixedKnobs>): number {
  const percent = progress * 100;
  if (percent < knobs.warmup) return percent / knobs.warmup;
  if (percent <= knobs.decayFrom || knobs.decayFrom >= 100) return 1;
  const fallen = (percent - knobs.decayFrom) / (100 - knobs.decayFrom);
  return 1 - fallen * (1 - knobs.endWeight);
}
