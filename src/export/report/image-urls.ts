import { encodePng } from '../../data/png';
import type { TrackedSamples } from '../../training/events';

/** Tracked samples as data URLs, in order, so that a report needs no other files. */
export function pictureAddresses({ images, height, width, channels, pixels }: TrackedSamples): string[] {
  const size = height * width * channels;
  return images.map((_, i) => {
    const png = encodePng(pixels.subarray(i * size, (i + 1) * size), { height, width }, channels);
    return `data:image/png;base64,${btoa(String.fromCharCode(...png))}`;
  });
}
