import { bundledSets } from '../../data/bundled-about';
import type { ImageSetAbout } from '../../data/labelled-images';
import type { Recipe } from '../../distill/recipe';
import type { SetShape } from './propose-pair';

/** The shape of the images that a recipe's networks get; null while the user's own images are not there. */
export function shapeOf({ material }: Recipe, upload: ImageSetAbout | null): SetShape | null {
  const sides = (height: number, width: number, channels: number): SetShape['input'] =>
    material.halve ? [Math.floor(height / 2), Math.floor(width / 2), channels] : [height, width, channels];
  if (material.dataset === 'upload') {
    if (!upload) return null;
    const { height, width, channels, classes, train } = upload;
    return { input: sides(height, width, channels), classes: classes.length, images: train.count };
  }
  const about = bundledSets.find(({ id }) => id === material.dataset);
  if (!about) return null;
  const { height, width, channels, classes, train } = about;
  return { input: sides(height, width, channels), classes: classes.length, images: train };
}
