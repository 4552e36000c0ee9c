import { bundledSets } from '../../data/bundled-about';
import { onlyView } from '../../data/dataset';
import type { Recipe } from '../../distill/recipe';
import type { SetAbout } from '../../storage/set-handle';
import type { SetShape } from './propose-pair';

/**
 * The shape of the images that a recipe's networks get; null while the user's own images are not there, and for sets
 * of another kind.
 */
export function shapeOf({ material }: Recipe, upload: SetAbout | null): SetShape | null {
  const sides = (height: number, width: number, channels: number): SetShape['input'] =>
    material.halve ? [Math.floor(height / 2), Math.floor(width / 2), channels] : [height, width, channels];
  if (material.dataset === 'upload') {
    const spec = upload?.inputs[onlyView];
    if (!upload || spec?.kind !== 'image' || upload.target.kind !== 'class') return null;
    const { target, train } = upload;
    const input = sides(spec.height, spec.width, spec.channels);
    return { input, classes: target.names.length, images: train.count };
  }
  const about = bundledSets.find(({ id }) => id === material.dataset);
  if (!about) return null;
  const { height, width, channels, classes, train } = about;
  return { input: sides(height, width, channels), classes: classes.length, images: train };
}
