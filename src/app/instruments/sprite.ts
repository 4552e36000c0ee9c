import type { CSSProperties } from 'react';
import type { TrackedSamples } from '../../training/events';
import { paint, type ImageStack } from '../data/pixels';
import { trackedStack } from '../subject/row-picture';

interface Sprite {
  url: string;
  columns: number;
  lines: number;
}

const sprites = new WeakMap<ImageStack, Sprite>();

/** All pictures of a stack in one, made once per run. */
function spriteOf(stack: ImageStack, count: number): Sprite {
  const known = sprites.get(stack);
  if (known) return known;
  const { height, width } = stack;
  const columns = Math.ceil(Math.sqrt(count));
  const lines = Math.ceil(count / columns);
  const canvas = document.createElement('canvas');
  canvas.width = columns * width;
  canvas.height = lines * height;
  const context = canvas.getContext('2d')!;
  const picture = context.createImageData(canvas.width, canvas.height);
  for (let row = 0; row < count; row++)
    paint(picture, stack, row, (row % columns) * width, Math.floor(row / columns) * height);
  context.putImageData(picture, 0, 0);
  const sprite = { url: canvas.toDataURL(), columns, lines };
  sprites.set(stack, sprite);
  return sprite;
}

/**
 * Style of an element that shows one tracked sample, `size` pixels high, never blurred.
 * @param stack its pictures; as the student sees them, where asked for
 */
export function pictureStyle(
  tracked: TrackedSamples,
  row: number,
  size: number,
  stack: ImageStack = trackedStack(tracked),
): CSSProperties {
  const { url, columns, lines } = spriteOf(stack, tracked.images.length);
  const width = Math.round((size * stack.width) / stack.height);
  return {
    width,
    height: size,
    backgroundImage: `url(${url})`,
    backgroundSize: `${columns * width}px ${lines * size}px`,
    backgroundPosition: `${-(row % columns) * width}px ${-Math.floor(row / columns) * size}px`,
  };
}
