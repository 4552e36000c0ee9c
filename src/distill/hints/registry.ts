import { readsOf, type HintAbout, type Read, type TraceShapes } from '../about';
import { hintAbouts, type HintId } from './abouts';
import { factories } from './factories';
import type { Hint, HintFactory, HintSetup, TracePart } from './hint';

/** Makes a hint. `setup.knobs` are those of this hint, as `readRecipe` leaves them: complete and in their ranges. */
export function createHint(id: HintId, setup: HintSetup): Hint {
  const made = (factories[id] as HintFactory)(setup);
  const reads = readsOf(hintAbouts[id] as HintAbout, setup.knobs);
  return { ...made, parts: made.parts ?? reads.flatMap((read) => partsOf(read, setup.pair.teacher)) };
}

/** All that a teacher of these shapes has of a part. */
export function partsOf(read: Read, { stages, more = {} }: TraceShapes): TracePart[] {
  switch (read) {
    case 'output':
      return ['logits'];
    case 'stages':
    case 'preActivations':
      return stages.map((_, k): TracePart => `${read}/${k}`);
    case 'gradients':
      return [];
    case 'more':
      return Object.keys(more).map((name): TracePart => `more/${name}`);
    default:
      return [read];
  }
}
