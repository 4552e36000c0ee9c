/** Another set of the user's own in the place of a second domain, or as stimuli. */
import { beforeAll, describe, expect, it } from 'vitest';
import { labelsOf, onlyView, type Dataset } from '../../../src/data/dataset';
import { datasetOfImages, type LabelledImages } from '../../../src/data/labelled-images';
import { studiedSet } from '../../../src/distill/material/studied-set';
import { withOtherImages } from '../../../src/training/other-images';
import { useWasm } from '../../support/wasm-in-node';
import { blobs } from '../../support/task-sets';
import { noAssets, ofType, tinyDataset, tinyImages, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const hash = 'a'.repeat(64);
const own = tinyDataset();
const pixels = ({ inputs }: Dataset['train']) => inputs[onlyView]!.values as Uint8Array;

/** The images of the small set twice as large and in colour, its classes in the order of `names`. */
function other(names: readonly string[], changes: Partial<LabelledImages> = {}): Dataset {
  const small = tinyImages(6);
  const grown = ({ images, labels, count }: LabelledImages['train']) => {
    const out = new Uint8Array(count * 16 * 16 * 3);
    for (let p = 0; p < out.length; p++) {
      const [image, y, x] = [Math.floor(p / 768), Math.floor((p % 768) / 48), Math.floor((p % 48) / 3)];
      out[p] = images[image * 64 + (y >> 1) * 8 + (x >> 1)]!;
    }
    return { images: out, labels: labels.map((label) => names.indexOf(small.classes[label]!)), count };
  };
  return datasetOfImages({
    ...small,
    ...{ title: 'Coloured bars', height: 16, width: 16, channels: 3, classes: [...names] },
    ...{ train: grown(small.train), test: grown(small.test) },
    ...changes,
  });
}
const sources = (set: Dataset) => ({ fetchAsset: noAssets, ownSet: async () => set });
const domain = { unlabelled: 100, unlabelledFrom: 'second-domain', secondDomain: 'own', ownSet: hash };
const recipeOf = (material: object, others: object = {}) =>
  tinyRecipe({ material: { dataset: 'upload', ...material }, hints: [{ id: 'kd', weight: 1 }], ...others });
const refused = async (material: object, set: Dataset) =>
  withOtherImages(own, recipeOf(material), sources(set)).catch((error: Error) => error.message);

it('is brought to the size, the colours and the classes of the set; no label of it reaches a step', async () => {
  const recipe = recipeOf(domain);
  const set = other(['fourth', 'first', 'third', 'second']);
  const { dataset, source, unlabelled } = studiedSet(
    await withOtherImages(own, recipe, sources(set)),
    recipe.material,
    1,
  );
  expect([source!.length, [...unlabelled!]]).toEqual([120, Array.from({ length: 24 }, (_, n) => 120 + n)]);
  const small = tinyImages(6);
  expect(pixels(dataset.train).slice(120 * 64)).toEqual(small.train.images);
  expect([...dataset.train.known.slice(120)]).toEqual(new Array(24).fill(0));
  expect(pixels(dataset.secondTest!)).toEqual(small.test.images);
  expect(labelsOf(dataset.secondTest!)).toEqual(small.test.labels);
});

it('trains, and is scored on', async () => {
  const adapting = { kind: 'adapting', knobs: { network: 'cnn-4-8' } };
  const recipe = recipeOf(domain, {
    teacher: adapting,
    hints: [{ id: 'kd-reverse', weight: 1 }],
    schedule: { steps: 2, batch: 12 },
  });
  const { run, events } = await train(recipe, own, undefined, sources(other(tinyImages().classes)));
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  expect(ofType(events, 'finished')[0]!.secondDomain!['accuracy']!.student).toBeTypeOf('number');
});

it('gives stimuli', async () => {
  const recipe = recipeOf({ unlabelled: 20, unlabelledFrom: 'stimuli', stimuli: 'own', ownSet: hash });
  const { others } = await withOtherImages(own, recipe, sources(other(tinyImages().classes)));
  expect(others!.images.values).toEqual(tinyImages(6).train.images);
});

describe('is refused in a sentence', () => {
  const { classes } = tinyImages();
  it('without a choice', async () =>
    expect(await refused({ ...domain, ownSet: '' }, own)).toBe(
      'Choose which set of your own the second domain comes from.',
    ));
  it('with the names that are missing', async () =>
    expect(await refused(domain, other(['first', 'second', 'third', 'last']))).toBe(
      'The second domain needs the same names as “Bars”. “Coloured bars” has no “fourth”. “Bars” has no “last”. Rename its folders, or choose another set.',
    ));
  it('as a table', async () =>
    expect(await refused(domain, blobs(4, 4, 8))).toMatch(/is a table, and images are needed here/));
  it('when it is gone', async () =>
    expect(
      await withOtherImages(own, recipeOf(domain), {
        fetchAsset: noAssets,
        ownSet: () => Promise.reject(new Error('The stored data set is gone.')),
      }).catch((error: Error) => error.message),
    ).toBe(
      'The set of your own for the second domain cannot be opened. The stored data set is gone. Import it again, or choose another one.',
    ));
  it('but not for want of labels, without which nothing is scored', async () => {
    const set = other(classes);
    const nameless = { ...set, test: { ...set.test, known: new Uint8Array(set.test.count) } };
    const { second } = await withOtherImages(own, recipeOf(domain), sources(nameless));
    expect(second!.test).toBeNull();
  });
});
