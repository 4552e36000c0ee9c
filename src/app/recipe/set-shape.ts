import { bundledSets } from '../../data/bundled-about';
import { onlyView, type Dataset } from '../../data/dataset';
import type { Recipe } from '../../distill/recipe';
import type { InputShape } from '../../nn/describe';
import type { SetAbout } from '../../storage/set-handle';
import type { SetShape } from './propose-pair';

/** The shape of what a recipe's networks get; null while the user's own set is not there. */
export function shapeOf({ material }: Recipe, upload: SetAbout | null): SetShape | null {
  if (material.dataset === 'upload') return upload && setShapeOf(upload, upload.train.count, material.halve);
  const about = bundledSets.find(({ id }) => id === material.dataset);
  return about ? setShapeOf(about, about.train, material.halve) : null;
}

function setShapeOf(
  { inputs, target }: Pick<Dataset, 'inputs' | 'target'>,
  images: number,
  halve: boolean,
): SetShape {
  const spec = inputs[onlyView]!;
  const by = halve ? 2 : 1;
  const input: InputShape =
    spec.kind === 'image'
      ? [Math.floor(spec.height / by), Math.floor(spec.width / by), spec.channels]
      : [spec.names.length];
  return { input, target: target.kind, outputs: target.names.length, images };
}
