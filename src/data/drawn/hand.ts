/** Pictures of a clock hand; the target is its angle in degrees, 0 (right) to 90 (up). */
import { RandomStream } from '../../random/streams';
import type { Split } from '../dataset';
import { pictureMakers } from './pictures';
import { splitOf } from './split-of';

export const handSide = 16;

/** Deviation of the noise of each pixel, in shares of the brightest value. */
const noise = 0.15;

/**
 * @param part "" for training, "-test" for the test: each draws from streams of its own
 * @returns images [count,16,16,1], targets [count,1] in degrees
 */
export function drawHands(seed: number, count: number, part: '' | '-test'): Split {
  const stream = RandomStream.fork(seed, `generate/hand${part}`);
  const normals = RandomStream.fork(seed, `generate/noise${part}`);
  const { uniforms, draw } = pictureMakers.hand;
  const size = handSide * handSide;
  const images = new Uint8Array(count * size);
  const angles = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const drawn = Array.from({ length: uniforms(handSide) }, () => stream.uniform());
    angles[row] = 90 * drawn[0]!;
    draw(drawn, handSide).forEach((value, pixel) => {
      const noisy = Math.min(Math.max(value + noise * normals.normal(), 0), 1);
      images[row * size + pixel] = Math.round(255 * noisy);
    });
  }
  return splitOf(count, { values: images, shape: [handSide, handSide, 1] }, { values: angles, shape: [1] });
}
