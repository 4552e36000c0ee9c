import { describe, expect, it } from 'vitest';
import { datasetOfImages } from '../../../src/data/labelled-images';
import { drawMoves, ImageSource } from '../../../src/distill/modalities/image/image-source';
import { plainView } from '../../../src/distill/modalities/input-view';
import { prepareMaterial } from '../../../src/distill/material/material';
import { BatchOrder } from '../../../src/distill/material/order';
import { RandomStream } from '../../../src/random/streams';
import { tinyImages, tinyRecipe } from '../training/tiny';

const images = tinyImages();
const dataset = datasetOfImages(images);
const prepared = (material: Record<string, unknown>, metaPerClass = 0, seed = 1) =>
  prepareMaterial(dataset, {
    knobs: tinyRecipe({ material: { dataset: 'upload', ...material } }).material,
    seed,
    metaPerClass,
  });
const perClass = (rows: Int32Array) =>
  images.classes.map((_, label) => rows.filter((row) => images.train.labels[row] === label).length);

describe('material', () => {
  it('keeps labels, meta images and validation apart', () => {
    const { labelled, unlabelled, meta, validation } = prepared(
      { labelsPerClass: 5, unlabelled: 1000, validation: 20 },
      3,
    );
    expect(perClass(labelled)).toEqual([5, 5, 5, 5]);
    expect(perClass(meta)).toEqual([3, 3, 3, 3]);
    expect(perClass(validation)).toEqual([6, 6, 6, 6]);
    const all = [...labelled, ...unlabelled, ...meta, ...validation];
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBe(dataset.train.count);
  });

  it('chooses the same labelled images whatever else is wanted', () => {
    const plain = prepared({ labelsPerClass: 5 });
    const rich = prepared({ labelsPerClass: 5, unlabelled: 30, validation: 20, labelNoise: 50 }, 3);
    expect(rich.labelled).toEqual(plain.labelled);
  });

  it('hides all labels of the class without labels, and shows its images', () => {
    const { labelled, unlabelled, given } = prepared({
      unnamedClass: 2,
      labelsPerClass: 5,
      unlabelled: 1000,
    });
    expect(perClass(labelled)).toEqual([5, 5, 0, 5]);
    expect(perClass(unlabelled)[2]).toBe(30);
    expect([...given.values]).not.toContain(2);
  });

  it.each(['next', 'uniform'])('makes exactly the wanted share of labels wrong (%s)', (noiseKind) => {
    const { labelled, given, wrongLabels } = prepared({ labelNoise: 40, noiseKind });
    const wrong = [...labelled].filter((row) => given.values[row] !== images.train.labels[row]);
    expect(wrong.length).toBe(48);
    expect(wrongLabels).toBe(48);
    if (noiseKind === 'next')
      for (const row of wrong) expect(given.values[row]).toBe((images.train.labels[row]! + 1) % 4);
  });
});

describe('images', () => {
  it('averages blocks of 2x2 without rounding', () => {
    const source = new ImageSource(dataset, { ...plainView, block: 2 });
    const [first] = source.batch(dataset.train, [5], { mean: 0, deviation: 1 });
    const at = (y: number, x: number) => images.train.images[5 * 64 + y * 8 + x]!;
    expect(first! * 255).toBeCloseTo((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4, 4);
    expect([source.height, source.width, source.size]).toEqual([4, 4, 16]);
  });

  it('has mean 0 and deviation 1 after its own normalisation', () => {
    const source = new ImageSource(dataset);
    const rows = Array.from({ length: dataset.train.count }, (_, row) => row);
    const values = source.batch(dataset.train, rows, source.normalisation(rows));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
    expect(mean).toBeCloseTo(0, 4);
    expect(square).toBeCloseTo(1, 4);
  });

  it.each([1, 2, 4] as const)('knows every number that its batches can hold (blocks of %s)', (block) => {
    const source = new ImageSource(dataset, { ...plainView, block });
    const normalisation = { mean: 0.3, deviation: 0.7 };
    const known = new Set(source.values(normalisation));
    const batch = source.batch(dataset.train, [-1, 0, 1, 2, 3], normalisation);
    expect(batch.every((value) => known.has(value))).toBe(true);
    expect(known.size).toBe(255 * block ** 2 + 1);
  });

  it('moves pixels with the shift and fills with black; a mirror twice is the image again', () => {
    const source = new ImageSource(dataset);
    const plain = source.batch(dataset.train, [0], { mean: 0, deviation: 1 });
    const moved = Array.from({ length: 40 }, (_, seed) =>
      source.batch(
        dataset.train,
        [0],
        { mean: 0, deviation: 1 },
        drawMoves({ shift: 2, flip: false, random: RandomStream.fork(seed, 'test') }, 1),
      ),
    );
    const sums = moved.map((values) => values.reduce((sum, value) => sum + value, 0));
    const whole = plain.reduce((sum, value) => sum + value, 0);
    expect(Math.max(...sums)).toBeLessThanOrEqual(whole + 1e-3);
    expect(new Set(sums.map((sum) => sum.toFixed(3))).size).toBeGreaterThan(5);
    const mirrored = Array.from({ length: 10 }, (_, seed) =>
      source.batch(
        dataset.train,
        [0],
        { mean: 0, deviation: 1 },
        drawMoves({ shift: 0, flip: true, random: RandomStream.fork(seed, 'test') }, 1),
      ),
    );
    for (const values of mirrored) {
      const row = (from: Float32Array) => [...from.subarray(0, 8)];
      expect([row(plain), row(plain).reverse()]).toContainEqual(row(values));
    }
  });
});

describe('batch order', () => {
  it('shows every image once an epoch, in a new order each time', () => {
    const order = new BatchOrder(
      Int32Array.from({ length: 12 }, (_, i) => i),
      4,
      RandomStream.fork(1, 'order'),
    );
    const epoch = () => [order.next(), order.next(), order.next()].flatMap((rows) => [...rows]);
    const [first, second] = [epoch(), epoch()];
    expect([...first].sort((a, b) => a - b)).toEqual([...second].sort((a, b) => a - b));
    expect(new Set(first).size).toBe(12);
    expect(first).not.toEqual(second);
  });
});
