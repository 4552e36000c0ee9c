/** How large single images of a set are shown. */
import type { ImageSet } from '../../storage/image-set';

type Size = Pick<ImageSet, 'height' | 'width'>;

/** How many times its own size an image is shown: a whole number, so that it is near the wanted size and sharp. */
export function enlargement({ height, width }: Size, wanted: number): number {
  return Math.max(1, Math.round(wanted / Math.max(height, width)));
}

export function shownSize(set: Size, wanted: number): { height: number; width: number } {
  const times = enlargement(set, wanted);
  return { height: set.height * times, width: set.width * times };
}
