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

/** Draws images side by side, `gap` of their own pixels apart. */
export function drawRow(
  canvas: HTMLCanvasElement,
  dataset: Dataset,
  images: readonly number[],
  gap: number,
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const strip = context.createImageData(canvas.width, canvas.height);
  for (const [column, image] of images.entries()) {
    const { stack, row } = stackOf(dataset, image);
    paint(strip, stack, row, column * (dataset.width + gap), 0);
  }
  context.putImageData(strip, 0, 0);
}

/** How many times its own size an image is shown: a whole number, so that it is near the wanted size and sharp. */
export function enlargement({ height, width }: Dataset, wanted: number): number {
  return Math.max(1, Math.round(wanted / Math.max(height, width)));
}

export function shownSize(dataset: Dataset, wanted: number): { height: number; width: number } {
  const times = enlargement(dataset, wanted);
  return { height: dataset.height * times, width: dataset.width * times };
}
