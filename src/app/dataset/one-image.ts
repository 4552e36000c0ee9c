/** Single images of a set, numbered through: those for training, then those for the test. */
import type { Dataset } from '../../data/dataset';
import { paint, type ImageStack } from '../data/pixels';

/** Where an image lies in its split. */
export function placeOf({ train, test }: Dataset, image: number) {
  const forTest = image >= train.count;
  return { split: forTest ? test : train, row: forTest ? image - train.count : image, forTest };
}

export function stackOf(dataset: Dataset, image: number): { stack: ImageStack; row: number } {
  const { height, width, channels } = dataset;
  const { split, row } = placeOf(dataset, image);
  return { stack: { pixels: split.images, height, width, channels }, row };
}

/** Draws an image on a canvas of its own size. */
export function draw(canvas: HTMLCanvasElement, dataset: Dataset, image: number): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const picture = context.createImageData(dataset.width, dataset.height);
  const { stack, row } = stackOf(dataset, image);
  paint(picture, stack, row, 0, 0);
  context.putImageData(picture, 0, 0);
}

/** How large an image is shown: a whole number of times its size, near the wanted one. */
export function shownSize({ height, width }: Dataset, wanted: number): { height: number; width: number } {
  const times = Math.max(1, Math.round(wanted / Math.max(height, width)));
  return { height: height * times, width: width * times };
}
