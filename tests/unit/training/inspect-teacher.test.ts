import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { loadBundled } from '../../../src/data/bundled-sets';
import { datasetOfImages, labelledImagesOf, type LabelledImages } from '../../../src/data/labelled-images';
import { bundledTeachers } from '../../../src/distill/teachers/single/about';
import { tf } from '../../../src/engine/tf';
import { readSafetensors, writeSafetensors } from '../../../src/nn/safetensors';
import { aboutToMetadata } from '../../../src/nn/weights-about';
import { blobs, hands, labelledRows } from '../../support/task-sets';
import { useWasm } from '../../support/wasm-in-node';
import { inspectTeacher } from '../../../src/training/inspect-teacher';

const id = 'digits-8x8-cnn-16-32-64';
const about = bundledTeachers[id];
let digits: LabelledImages;
let bytes: Uint8Array;

const fileOf = (path: string) => readFile(new URL(`../../../public/${path}`, import.meta.url));

beforeAll(async () => {
  await useWasm();
  digits = labelledImagesOf(
    await loadBundled('digits-8x8', async (path) => Uint8Array.from(await fileOf(path)).buffer),
  )!;
  bytes = await fileOf(`teachers/${id}.safetensors`);
});

test('a teacher is named and measured, and leaves no tensor behind', async () => {
  const before = tf.memory().numTensors;
  const named = writeSafetensors(
    readSafetensors(bytes),
    aboutToMetadata({ ...about, input: [8, 8, 1], classes: digits.classes }),
  );
  const found = await inspectTeacher(
    [{ path: 'teacher.safetensors', bytes: named }],
    datasetOfImages(digits),
  );
  expect(found.network).toBe(about.network);
  expect(found.accuracy).toBeCloseTo(about.accuracy, 3);
  expect(found.notes).toEqual([]);
  expect(tf.memory().numTensors).toBe(before);
});

test('without a word on normalisation the data set’s own is taken, and that is said', async () => {
  const found = await inspectTeacher([{ path: 'teacher.safetensors', bytes }], datasetOfImages(digits));
  expect(found.accuracy).toBeGreaterThan(0.95);
  expect(found.notes).toHaveLength(1);
});

test('a teacher of other classes fits by its shapes and gives itself away', async () => {
  const turned = { ...digits, test: { ...digits.test, labels: digits.test.labels.map((y) => (y + 1) % 10) } };
  const found = await inspectTeacher([{ path: 'teacher.safetensors', bytes }], datasetOfImages(turned));
  expect(found.accuracy).toBeLessThan(0.1);
  expect(found.notes.at(-1)).toContain('no better than chance');
});

test('a network of other classes, as its file names them, is said to be so', async () => {
  const named = writeSafetensors(
    readSafetensors(bytes),
    aboutToMetadata({ ...about, input: [8, 8, 1], classes: digits.classes.toReversed() }),
  );
  const found = await inspectTeacher(
    [{ path: 'teacher.safetensors', bytes: named }],
    datasetOfImages(digits),
  );
  expect(found.doubts.join()).toMatch(/It learned the classes “9”, .* the same in another order/);
});

test.each([
  ['a table', blobs(3, 4, 20)],
  ['images with a number', hands(20, 8)],
  ['rows with several labels', labelledRows(40)],
])('for %s a teacher from a file is refused in a sentence', async (_, dataset) => {
  await expect(inspectTeacher([{ path: 'teacher.safetensors', bytes }], dataset)).rejects.toThrow(
    'answers for images of classes, and this data set is of another kind. Train the teacher here, or bring its answers',
  );
});
