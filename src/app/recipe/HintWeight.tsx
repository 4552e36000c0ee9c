import type { HintAbout } from '../../distill/about';
import { hintAbouts } from '../../distill/hints/abouts';
import {
  publishedNumber,
  publishedOf,
  publishedSide,
  scaledWeight,
  sideOf,
} from '../../distill/hints/weights';
import { hintEntryKnobs, publishedWeight, type HintEntry } from '../../distill/recipe';
import { useRecipe, useRuns } from '../store/hooks';
import { KnobForm } from './KnobForm';
import { numberText } from './numbers';
import classes from './recipe.module.css';

/** The weight of a hint. Where the published one depends on the images, or is not what a new recipe takes, it is named. */
export function HintWeight({ entry, index }: { entry: HintEntry; index: number }) {
  const image = useRuns((state) => state.facts?.dataset.shape);
  const turn = useRecipe((state) => state.turn);
  const about: HintAbout = hintAbouts[entry.id];
  const path = `hints.${index}`;
  const published = publishedOf(entry.id);
  const madeFor = publishedSide(entry);
  const side = image && sideOf(image);
  const here = typeof side === 'number' ? scaledWeight(entry, side) : null;
  const choose = (weight: HintEntry['weight']) => () => turn(`${path}.weight`, weight);
  const why = about.published?.why;
  const { weight: knob } = hintEntryKnobs;
  return (
    <>
      <KnobForm
        knobs={{ weight: why ? { ...knob, help: `${knob.help} ${why}` } : knob }}
        path={path}
        values={{ weight: entry.weight }}
        resets={{ weight: about.defaultWeight }}
        standsFor={{ weight: publishedNumber(entry, image) }}
      />
      {about.published && (
        <p className={classes.muted}>
          {publishedText(published, madeFor, here, side)}{' '}
          <span className={classes.ways}>
            {madeFor !== null && entry.weight !== publishedWeight && (
              <button type="button" className={classes.more} onClick={choose(publishedWeight)}>
                Use published, scaled
              </button>
            )}
            {entry.weight !== published && (
              <button type="button" className={classes.more} onClick={choose(published)}>
                Use {numberText(published)}
              </button>
            )}
          </span>
        </p>
      )}
    </>
  );
}

function publishedText(
  published: number,
  madeFor: number | null,
  here: number | null,
  /** Null for rows of a table, which have none. */
  side: number | null | undefined,
): string {
  if (madeFor === null || side === null) return `Published: ${numberText(published)}.`;
  const first = `Published: ${numberText(published)} at ${madeFor} px`;
  return here === null || side === undefined
    ? `${first}, scaled to the images at the start.`
    : `${first}; ${numberText(here)} here at ${numberText(side)} px.`;
}
