import type { CSSProperties } from 'react';
import type { TrackedSamples } from '../../training/events';
import { paint } from '../data/pixels';
import { trackedStack } from '../subject/row-picture';

interface Sprite {
  url: string;
  columns: number;
  lines: number;
}

const sprites = new WeakMap<TrackedSamples, Sprite>();

/** All tracked samples in one picture, made once per run. */
function spriteOf(tracked: TrackedSamples): Sprite {
  const known = sprites.get(tracked);
  if (known) return known;
  const { images } = tracked;
  const stack = trackedStack(tracked);
  const { height, width } = stack;
  const columns = Math.ceil(Math.sqrt(images.length));
  const lines = Math.ceil(images.length / columns);
  const canvas = document.createElement('canvas');
  canvas.width = columns * width;
  canvas.height = lines * height;
  const context = canvas.getContext('2d')!;
  const picture = context.createImageData(canvas.width, canvas.height);
  images.forEach((_, row) =>
    paint(picture, stack, row, (row % columns) * width, Math.floor(row / columns) * height),
  );
  context.putImageData(picture, 0, 0);
  const sprite = { url: canvas.toDataURL(), columns, lines };
  sprites.set(tracked, sprite);
  return sprite;
}

/** Style of an element that shows one tracked sample, `size` pixels high, never blurred. */
export function pictureStyle(tracked: TrackedSamples, row: number, size: number): CSSProperties {
  const { url, columns, lines } = spriteOf(tracked);
  const stack = trackedStack(tracked);
  const width = Math.round((size * stack.width) / stack.height);
  return {
    width,
    height: size,
    backgroundImage: `url(${url})`,
    backgroundSize: `${columns * width}px ${lines * size}px`,
    backgroundPosition: `${-(row % columns) * width}px ${-Math.floor(row / columns) * size}px`,
  };
}
