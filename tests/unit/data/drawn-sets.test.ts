import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { bundledSets, loadBundled } from '../../../src/data/bundled-sets';
import { labelsOf, onlyView, type Dataset, type Split } from '../../../src/data/dataset';
import { drawHands } from '../../../src/data/drawn/hand';
import { pictureMakers } from '../../../src/data/drawn/pictures';
import { drawPoints } from '../../../src/data/drawn/points';
import { drawTwoDigits } from '../../../src/data/drawn/two-digits';
import { RandomStream } from '../../../src/random/streams';
import { packSet } from '../../../src/storage/set-handle';

const load = (id: string): Promise<Dataset> =>
  loadBundled(id, async (path) => Uint8Array.from(await readFile(`public/${path}`)).buffer);
const inputOf = ({ inputs }: Split) => inputs[onlyView]!.values;

describe('drawn sets', () => {
  // Stored runs name them by id.
  test.each([
    ['hand', '0ac4f83fdacfb395fd850b7e8db9d918edf1c20654278c425a5beaa15603b89d'],
    ['blobs', 'dc03896e1f3a558935527a2d3c311251369435da07ccac6ecfc3e069cb4a07fb'],
    ['moons', '948fe3da4247955c58d52aedf49165cbad4c05b663430c2d2b19736834b1f881'],
    ['spirals', '598a8b47f8cd68b9c9e728732dffcf8124e5ce1f7d9355333624f29a53c994b2'],
    ['two-digits', '874ba7204622e70b546a020982aa3a88febd2334cd218fb2dc0a7981b5da86af'],
  ])('%s holds the numbers of former pages', async (id, hash) => {
    expect((await packSet(await load(id))).hash).toBe(hash);
  });

  test.each(bundledSets.filter(({ source }) => source.kind === 'drawn').map(({ id }) => id))(
    '%s is the same each time, and its test is not its training',
    async (id) => {
      const [first, again] = [await load(id), await load(id)];
      expect(again).toEqual(first);
      const row = inputOf(first.test).subarray(0, 16).join();
      expect(inputOf(first.train).join()).not.toContain(row);
    },
  );
});

describe('hands', () => {
  test('point where their target says, and take six uniform numbers a picture', () => {
    const hands = drawHands(7, 50, '');
    const stream = RandomStream.fork(7, 'generate/hand');
    for (let row = 0; row < hands.count; row++) {
      const drawn = Array.from({ length: 6 }, () => stream.uniform());
      expect(hands.targets.values[row]).toBeCloseTo(90 * drawn[0]!, 4);
      const clean = pictureMakers.hand.draw(drawn, 16);
      const seen = inputOf(hands).subarray(256 * row, 256 * (row + 1));
      const error = clean.reduce((sum, value, i) => sum + Math.abs(value - seen[i]! / 255), 0) / 256;
      expect(error).toBeGreaterThan(0.02);
      expect(error).toBeLessThan(0.15);
    }
    expect(hands.targets).toMatchObject({ shape: [1] });
  });

  test('have noise of deviation 0.15 where nothing clamps it', () => {
    const hands = drawHands(3, 200, '');
    const stream = RandomStream.fork(3, 'generate/hand');
    let [sum, count] = [0, 0];
    for (let row = 0; row < hands.count; row++) {
      const drawn = Array.from({ length: 6 }, () => stream.uniform());
      pictureMakers.hand.draw(drawn, 16).forEach((value, i) => {
        if (value < 0.45 || value > 0.55) return;
        sum += (inputOf(hands)[256 * row + i]! / 255 - value) ** 2;
        count++;
      });
    }
    expect(count).toBeGreaterThan(300);
    expect(Math.sqrt(sum / count)).toBeCloseTo(0.15, 1);
  });
});

describe('two digits', () => {
  test('are copies of digits side by side; two equal ones are one label', async () => {
    const digits = (await load('digits-8x8')).train;
    const pictures = drawTwoDigits(digits, 5, 300, '');
    const stream = RandomStream.fork(5, 'generate/two-digits');
    let equal = 0;
    for (let row = 0; row < 300; row++) {
      const drawn = [stream.below(digits.count), stream.below(digits.count)];
      const picture = inputOf(pictures).subarray(128 * row, 128 * (row + 1));
      for (const [side, digit] of drawn.entries())
        for (let y = 0; y < 8; y++)
          expect([...picture.subarray(16 * y + 8 * side, 16 * y + 8 * side + 8)]).toEqual([
            ...inputOf(digits).subarray(64 * digit + 8 * y, 64 * digit + 8 * y + 8),
          ]);
      const labels = drawn.map((digit) => labelsOf(digits)[digit]!);
      const given = [...pictures.targets.values.subarray(10 * row, 10 * row + 10)];
      expect(given).toEqual(Array.from({ length: 10 }, (_, digit) => Number(labels.includes(digit))));
      if (labels[0] === labels[1]) equal++;
    }
    expect(equal).toBeGreaterThan(10);
  });
});

describe('points', () => {
  test('of spirals and moons lie near their curves, of blobs around the same centres in both splits', () => {
    const [train, testing] = drawPoints('blobs', 1, 500, 500);
    const centre = (split: Split, label: number) => {
      const rows = [...labelsOf(split).keys()].filter((row) => labelsOf(split)[row] === label);
      return [0, 1].map(
        (axis) => rows.reduce((sum, row) => sum + inputOf(split)[2 * row + axis]!, 0) / rows.length,
      );
    };
    for (let label = 0; label < 5; label++)
      for (const axis of [0, 1])
        expect(Math.abs(centre(train, label)[axis]! - centre(testing, label)[axis]!)).toBeLessThan(0.6);
    const [moons] = drawPoints('moons', 1, 400, 1);
    labelsOf(moons).forEach((label, row) => {
      const [x, y] = [...inputOf(moons).subarray(2 * row, 2 * row + 2)] as [number, number];
      const radius = label === 0 ? Math.hypot(x, y) : Math.hypot(x - 1, y - 0.5);
      expect(Math.abs(radius - 1)).toBeLessThan(0.9);
    });
    const [spirals] = drawPoints('spirals', 1, 600, 1);
    const off = [...labelsOf(spirals)].map((label, row) => {
      const [x, y] = [...inputOf(spirals).subarray(2 * row, 2 * row + 2)] as [number, number];
      const radius = Math.hypot(x, y);
      const angle = 4 * radius + (2 * Math.PI * label) / 3;
      return Math.hypot(x - radius * Math.cos(angle), y - radius * Math.sin(angle));
    });
    expect(off.reduce((sum, value) => sum + value, 0) / off.length).toBeLessThan(0.2);
  });
});
