import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ports } from '../../../src/app/ports';
import { createSession, type Session } from './session';
import type { Dataset, ImportChoices, ImportFile, ImportReport } from '../../../src/data/dataset';
import { relabelled, withoutImages } from '../../../src/data/edit';
import { defaultRecipe, withValue } from '../../../src/distill/recipe';
import type { Storage } from '../../../src/storage/storage';
import { memoryStorage } from '../storage/ports';

let ports: Ports;
let session: Session;
let asked: { files: ImportFile[]; choices: ImportChoices | undefined }[];
let answer: (result: { report: ImportReport; dataset: Dataset | null }) => void;

const state = () => session.store.getState();

beforeEach(() => {
  asked = [];
  vi.stubGlobal('window', { setTimeout: () => 0, clearTimeout: () => undefined });
  ports = {
    training: () => ({
      call: () => new Promise(() => undefined),
      tell: () => undefined,
      dispose: () => undefined,
    }),
    imports: () => ({
      importFiles: (files, _onProgress, choices) => {
        asked.push({ files, choices });
        return { result: new Promise((resolve) => (answer = resolve)), cancel: () => undefined };
      },
      exportSet: () => ({ result: Promise.resolve(null), cancel: () => undefined }),
      bundled: () => Promise.reject(new Error('none here')),
      dispose: () => undefined,
    }),
    // What else the page can do is not asked for here.
  } as Partial<Ports> as Ports;
  session = createSession(ports);
});
afterEach(() => vi.unstubAllGlobals());

const report: ImportReport = {
  outcome: 'loaded',
  format: 'CSV',
  train: 4,
  test: 2,
  shape: [8, 8, 1],
  classes: ['a', 'b'],
  trainCounts: [2, 2],
  testCounts: [1, 1],
  warnings: [],
  skipped: [],
  skippedCount: 0,
  message: 'Loaded.',
  guesses: [],
};
const split = (count: number) => ({
  images: new Uint8Array(count * 64),
  labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  count,
});
const dataset: Dataset = {
  id: 'upload',
  title: 'Mine',
  height: 8,
  width: 8,
  channels: 1,
  classes: ['a', 'b'],
  train: split(4),
  test: split(2),
};

describe('an import', () => {
  test('can be read again with other choices; the former set stays until one is taken', async () => {
    const files = [{ path: 'a.csv', bytes: new Blob(['1,2']) }];
    const first = state().importFiles(files);
    answer({ report, dataset });
    await first;
    expect(state().candidate).toMatchObject({ files, choices: {} });
    const again = state().importFiles(files, { labelColumn: 3 });
    answer({ report: { ...report, outcome: 'refused' }, dataset: null });
    await again;
    expect(asked[1]).toEqual({ files, choices: { labelColumn: 3 } });
    expect(state().candidate).toMatchObject({ dataset: null, choices: { labelColumn: 3 } });
    expect(state().upload).toBeNull();
  });
});

describe('taken while an example is open', () => {
  const open = () => {
    let recipe = withValue(defaultRecipe(), 'material.labelNoise', 40);
    recipe = withValue(recipe, 'material.labelsPerClass', 10);
    state().setRecipe(recipe, { id: 'wrong-labels', recipe });
  };
  const labels = () => state().recipe.material;

  test('own images are learned with their own labels; what was turned by hand stays', () => {
    open();
    state().turn('material.labelsPerClass', 20);
    state().takeDataset(dataset);
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 0, labelsPerClass: 20 });
    expect(state().recipe.title).toBe('Mine');
  });

  test('the example’s images, changed by hand, stay as the example has them', () => {
    open();
    state().openSet({ ...dataset, id: 'digits-8x8' });
    state().change(withoutImages(state().editing!.edit, [0]), 'Deleted 1 image');
    state().takeEdited();
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 40, labelsPerClass: 10 });
  });

  test('and a recipe of one’s own is left alone', () => {
    open();
    state().setRecipe(state().recipe);
    state().takeDataset(dataset);
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 40 });
  });
});

describe('edits', () => {
  test('can be undone and done again, and a new one ends the way forward', () => {
    state().openSet(dataset);
    const start = state().editing!.edit;
    state().change(withoutImages(start, [0]), 'Deleted 1 image');
    state().change(relabelled(state().editing!.edit, [1], 'a'), 'Moved 1 image');
    expect(state().announcement).toBe('Moved 1 image.');
    state().undo();
    state().undo();
    state().undo();
    expect(state().editing!.edit).toBe(start);
    expect(state().announcement).toBe('Undone: Deleted 1 image.');
    state().redo();
    expect(state().editing!.edit.labels[0]).toBe(-1);
    state().change(withoutImages(state().editing!.edit, [2]), 'Deleted 1 image');
    expect(state().editing!.future).toEqual([]);
    expect(state().editing!.past).toHaveLength(2);
  });

  test('outlive the closing of the view, but not another set', () => {
    state().openSet(dataset);
    state().change(withoutImages(state().editing!.edit, [0]), 'Deleted 1 image');
    state().set({ panel: null });
    state().openSet(dataset);
    expect(state().editing!.past).toHaveLength(1);
    state().openSet({ ...dataset });
    expect(state().editing!.past).toEqual([]);
  });

  test('are used as the person’s own images', () => {
    state().openSet(dataset);
    state().change(withoutImages(state().editing!.edit, [0]), 'Deleted 1 image');
    state().takeEdited();
    expect(state().upload).toMatchObject({ title: 'Mine (edited)', train: { count: 3 } });
    expect(state().recipe.material.dataset).toBe('upload');
    expect(state().editing!.past).toEqual([]);
  });
});

describe('edits that are not yet confirmed', () => {
  const later = (opened: Storage) => {
    const next = createSession({ ...ports, storage: () => Promise.resolve(opened) });
    return next.store;
  };
  const bundled = { ...dataset, id: 'digits' };

  test('come back on the next visit, and say so; thrown away they stay away', async () => {
    const opened = await memoryStorage();
    const first = later(opened);
    await first.getState().openStorage();
    first.getState().openSet(bundled);
    const edit = withoutImages(first.getState().editing!.edit, [0, 5]);
    first.getState().change(edit, 'Deleted 2 images');
    await vi.waitFor(() => expect(opened.files.contents.has('drafts/digits')).toBe(true));

    const second = later(opened);
    await second.getState().openStorage();
    second.getState().openSet(bundled);
    await vi.waitFor(() => expect(second.getState().editing!.restored).toBe(true));
    expect(second.getState().editing!.edit).toEqual(edit);
    second.getState().undo();
    expect(second.getState().editing!.edit.labels[0]).toBe(0);
    second.getState().redo();
    second.getState().discardEdits();
    expect(second.getState().editing).toMatchObject({ past: [], restored: false });
    await vi.waitFor(() => expect(opened.files.contents.has('drafts/digits')).toBe(false));
  });

  test('of own images come back with them, until they are used', async () => {
    const opened = await memoryStorage();
    const first = later(opened);
    await first.getState().openStorage();
    first.getState().takeDataset(dataset);
    first.getState().openSet(dataset);
    // Before the images themselves are stored.
    first.getState().change(withoutImages(first.getState().editing!.edit, [0]), 'Deleted 1 image');
    const drafts = () => [...opened.files.contents.keys()].filter((name) => name.startsWith('drafts/'));
    await vi.waitFor(() => expect(drafts()).toHaveLength(1));

    const second = later(opened);
    await second.getState().openStorage();
    await second.getState().takeSet(second.getState().sets[0]!.hash);
    second.getState().openSet(second.getState().upload!);
    await vi.waitFor(() => expect(second.getState().editing!.restored).toBe(true));
    second.getState().takeEdited();
    expect(second.getState().upload!.train.count).toBe(3);
    await vi.waitFor(() => expect(drafts()).toHaveLength(0));
  });
});

describe('pictures by hand', () => {
  const picture = (name: string) => ({ name, bytes: new Blob(['x'], { type: 'image/png' }) });

  test('are read with the classes they were put into', () => {
    const [first, second] = state().collection;
    state().renameCollected(first!.id, ' cat ');
    state().addPictures(first!.id, [picture('1.png'), picture('2.png')]);
    state().addPictures(second!.id, [picture('3.png')]);
    state().removePicture(first!.id, state().collection[0]!.pictures[0]!.id);
    void state().importCollection();
    expect(asked[0]!.files.map(({ path, className }) => [path, className])).toEqual([
      ['2.png', 'cat'],
      ['3.png', 'Class 2'],
    ]);
  });

  test('without a class go into an empty one, which is made if need be', () => {
    state().sortPictures([picture('1.png')]);
    state().sortPictures([picture('2.png')]);
    state().sortPictures([picture('3.png')]);
    expect(state().panel).toBe('collect');
    expect(state().collection.map(({ pictures }) => pictures.length)).toEqual([1, 1, 1]);
  });
});

test('taken for a pair that it makes too close, it proposes another, which can be refused', async () => {
  const images = (count: number) => ({
    images: new Uint8Array(count * 32 * 32 * 3),
    labels: Int32Array.from({ length: count }, (_, i) => i % 10),
    count,
  });
  const colour = {
    ...dataset,
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    height: 32,
    width: 32,
    channels: 3,
    train: images(20),
    test: images(10),
  } as Dataset;
  const before = state().recipe.student.network;
  state().takeDataset(colour);
  await vi.waitFor(() => expect(state().recipe.student.network).not.toBe(before));
  const { text, action } = state().notices.find(({ title }) => title === 'Networks that suit these images')!;
  expect(text).toContain(state().recipe.student.network);
  action!.act();
  expect(state().recipe.student.network).toBe(before);
});
