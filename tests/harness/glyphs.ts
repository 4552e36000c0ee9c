import type { Dataset, Split } from '../../src/data/dataset';

const shapes = [
  '.###. #...# #...# #...# #...# #...# .###.',
  '..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.',
  '.###. #...# ....# ..##. .#... #.... #####',
  '.###. #...# ....# ..##. ....# #...# .###.',
  '...#. ..##. .#.#. #..#. ##### ...#. ...#.',
  '##### #.... ####. ....# ....# #...# .###.',
  '..##. .#... #.... ####. #...# #...# .###.',
  '##### ....# ...#. ..#.. ..#.. .#... .#...',
  '.###. #...# #...# .###. #...# #...# .###.',
  '.###. #...# #...# .#### ....# ...#. .##..',
].map((shape) => shape.split(' '));

export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** An 8x8 digit with some noise. */
export function drawDigit(digit: number, next: () => number): Uint8Array {
  const image = new Uint8Array(64);
  const [left, top] = [1 + Math.floor(next() * 2), next() < 0.5 ? 0 : 1];
  shapes[digit]!.forEach((line, y) =>
    [...line].forEach((mark, x) => {
      if (mark === '#') image[(y + top) * 8 + x + left] = 150 + next() * 105;
    }),
  );
  for (let place = 0; place < 64; place += 1) image[place] = Math.min(255, image[place]! + next() * 40);
  return image;
}

function split(count: number, seed: number): Split {
  const next = random(seed);
  const images = new Uint8Array(count * 64);
  const labels = new Int32Array(count);
  for (let index = 0; index < count; index += 1) {
    labels[index] = index % 10;
    images.set(drawDigit(index % 10, next), index * 64);
  }
  return { images, labels, count };
}

export function digits(): Dataset {
  return {
    id: 'digits-8x8',
    title: 'Digits, 8×8',
    height: 8,
    width: 8,
    channels: 1,
    classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
    train: split(1437, 1),
    test: split(360, 2),
    attribution: {
      text: 'Alpaydin & Kaynak, optical recognition of handwritten digits',
      licence: 'CC BY 4.0',
    },
  };
}
