/** Detects a generator or a density ratio that diverged. */
import { RunFailure } from '../failure';
import type { StepEvent } from '../step-metrics';

/** Above this a loss has diverged. */
const bound = 1e7;

/** @throws RunFailure at the first step whose loss is not a number or above the bound */
export function refuseDivergedGenerator(events: readonly StepEvent[]): void {
  for (const { step, learningRate, values } of events) {
    const bad = Object.entries(values).find(([, value]) => !(Math.abs(value) < bound));
    if (!bad) continue;
    const what = Number.isFinite(bad[1]) ? 'grew too large' : 'is no longer a number';
    const ofRatio = bad[0].startsWith('ratio/');
    throw new RunFailure(
      `Stopped at step ${step} of the ${ofRatio ? 'density ratio' : 'generator'}: its loss ${what}. ${
        ofRatio
          ? 'Turn sampling by density ratio off, or lower its penalty.'
          : `Most likely the generator’s learning rate (${learningRate.toPrecision(3)}) is too high; try a tenth of it.`
      }`,
      { knob: ofRatio ? 'material.useRatio' : 'material.ganRate', step },
    );
  }
}
