/** Two digits side by side in one picture; the labels are the digits that are there. */
import { RandomStream } from '../../random/streams';
import { labelsOf, onlyView, type Split } from '../dataset';
import { splitOf } from './split-of';

/**
 * @param digits 8x8 grey pictures [N,8,8,1] with the digit as class
 * @param part "" for training, "-test" for the test: each draws from a stream of its own
 * @returns images [count,8,16,1], labels [count,10]; two equal digits are one label
 */
export function drawTwoDigits(digits: Split, seed: number, count: number, part: '' | '-test'): Split {
  const stream = RandomStream.fork(seed, `generate/two-digits${part}`);
  const source = digits.inputs[onlyView]!;
  const [height, width] = source.shape as [number, number, number];
  const names = labelsOf(digits);
  const images = new Uint8Array(count * height * 2 * width);
  const labels = new Uint8Array(count * 10);
  for (let picture = 0; picture < count; picture++)
    for (const side of [0, 1]) {
      const drawn = stream.below(digits.count);
      labels[picture * 10 + names[drawn]!] = 1;
      for (let y = 0; y < height; y++) {
        const from = (drawn * height + y) * width;
        const to = ((picture * height + y) * 2 + side) * width;
        images.set(source.values.subarray(from, from + width), to);
      }
    }
  return splitOf(count, { values: images, shape: [height, 2 * width, 1] }, { values: labels, shape: [10] });
}
