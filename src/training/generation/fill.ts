/** Puts generated pictures in the places that the plan kept for them. */
import { onlyView, type Column, type Dataset } from '../../data/dataset';
import { undisturbed } from '../../distill/modalities/input-view';
import { batchSplit } from '../../distill/material/batch-split';
import type { Material } from '../../distill/material/material';
import { RunFailure } from '../failure';
import type { Plan } from '../plan';
import type { KeptPictures } from './filter';
import type { GenerationPlan } from './plan';

/**
 * The plan with the pictures in its set; the given plan stays as it is.
 * @throws RunFailure when fewer pictures were kept than a batch needs
 */
export function withPictures(plan: Plan, generation: GenerationPlan, kept: KeptPictures): Plan {
  const { material, teaching, recipe } = plan;
  const needed = batchSplit(material, recipe.schedule.batch).unlabelled;
  if (kept.count < needed)
    throw new RunFailure(
      `Only ${kept.count} generated pictures were kept, and each batch needs ${needed}. Allow more draws per picture, turn sampling by density ratio off, or train the generator longer.`,
      { knob: 'material.mostDraws' },
    );
  const places = generation.places.subarray(0, kept.count);
  const filled: Material = {
    ...material,
    dataset: withPixels(material.dataset, generation, places, kept.pixels),
    unlabelled: places,
    given: material.labelsMade ? withLabels(material.given, places, kept.labels) : material.given,
  };
  return { ...plan, material: filled, teaching: { ...teaching, material: filled } };
}

function withLabels({ values, width, known }: Material['given'], places: Int32Array, labels: Float32Array) {
  const given = { values: values.slice(), width, known: known.slice() };
  places.forEach((row, i) => {
    given.values.set(labels.subarray(i * width, (i + 1) * width), row * width);
    given.known[row] = 1;
  });
  return given;
}

/** The same pictures in every view of the set: there is nothing behind a generated one. */
function withPixels(
  dataset: Dataset,
  { source, shape }: GenerationPlan,
  places: Int32Array,
  pixels: Uint8Array,
): Dataset {
  const { block } = source.view;
  const filledColumn = (column: Column): Column => {
    const values = column.values.slice() as Uint8Array;
    const size = column.shape.reduce((product, side) => product * side, 1);
    places.forEach((row, i) =>
      enlarge(pixels, i, shape, block, values.subarray(row * size, (row + 1) * size)),
    );
    return { ...column, values };
  };
  const inputs = { ...dataset.train.inputs };
  for (const view of [onlyView, undisturbed]) if (inputs[view]) inputs[view] = filledColumn(inputs[view]);
  return { ...dataset, train: { ...dataset.train, inputs } };
}

/** Repeats each pixel of a picture over a block of the set's own pixels, which views average again. */
function enlarge(
  pixels: Uint8Array,
  at: number,
  [height, width, channels]: GenerationPlan['shape'],
  block: number,
  target: Uint8Array,
): void {
  const start = at * height * width * channels;
  for (let y = 0; y < height * block; y++)
    for (let x = 0; x < width * block; x++)
      for (let c = 0; c < channels; c++) {
        const from = (Math.floor(y / block) * width + Math.floor(x / block)) * channels + c;
        target[(y * width * block + x) * channels + c] = pixels[start + from]!;
      }
}
