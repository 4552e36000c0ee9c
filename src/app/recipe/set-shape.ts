import { bundledSets } from '../../data/bundled-about';
import { onlyView, type Dataset } from '../../data/dataset';
import type { Recipe } from '../../distill/recipe';
import type { SetAbout } from '../../storage/set-handle';
import type { SetShape } from './propose-pair';

/**
 * The shape of the images that a recipe's networks get; null while the user's own images are not there, and for sets
 * of another kind.
 */
export function shapeOf({ material }: Recipe, upload: SetAbout | null): SetShape | null {
  if (material.dataset === 'upload')
    return upload && imageShapeOf(upload, upload.train.count, material.halve);
  const about = bundledSets.find(({ id }) => id === material.dataset);
  return about ? imageShapeOf(about, about.train, material.halve) : null;
}

function imageShapeOf(
  { inputs, target }: Pick<Dataset, 'inputs' | 'target'>,
  images: number,
  halve: boolean,
): SetShape | null {
  const spec = inputs[onlyView];
  if (spec?.kind !== 'image' || target.kind !== 'class') return null;
  const by = halve ? 2 : 1;
  const input = [Math.floor(spec.height / by), Math.floor(spec.width / by), spec.channels] as const;
  return { input, classes: target.names.length, images };
}
