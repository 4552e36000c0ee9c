import { bundledSets } from '../../data/bundled-about';
import { onlyView, type Dataset } from '../../data/dataset';
import { inputViews, type InputView } from '../../distill/modalities/input-view';
import type { Recipe } from '../../distill/recipe';
import type { InputShape } from '../../nn/describe';
import type { SetAbout } from '../../storage/set-handle';
import type { SetShape } from './propose-pair';

/** The shape of what a recipe's networks get; null while the user's own set is not there. */
export function shapeOf(recipe: Recipe, upload: SetAbout | null): SetShape | null {
  const { dataset } = recipe.material;
  if (dataset === 'upload') return upload && setShapeOf(upload, upload.train.count, recipe);
  const about = bundledSets.find(({ id }) => id === dataset);
  return about ? setShapeOf(about, about.train, recipe) : null;
}

function setShapeOf(
  { inputs, target }: Pick<Dataset, 'inputs' | 'target'>,
  images: number,
  recipe: Recipe,
): SetShape {
  const spec = inputs[onlyView]!;
  const { student, teacher } = inputViews(recipe);
  const seenIn = ({ block }: InputView): InputShape =>
    spec.kind === 'image'
      ? [Math.floor(spec.height / block), Math.floor(spec.width / block), spec.channels]
      : [spec.names.length];
  return {
    input: seenIn(student),
    ...(student.block === teacher.block ? {} : { teaching: seenIn(teacher) }),
    target: target.kind,
    outputs: target.names.length,
    images,
  };
}
