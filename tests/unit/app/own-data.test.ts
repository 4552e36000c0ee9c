import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ports } from '../../../src/app/ports';
import { createSession, type Session } from './session';
import type { ImportChoices, ImportFile, ImportReport } from '../../../src/data/import-report';
import type { LabelledImages } from '../../../src/data/labelled-images';
import { hasDataset, offerDataset } from '../../../src/storage/datasets';
import { packSet, type ImageSet } from '../../../src/storage/image-set';
import { readImages } from '../../../src/storage/set-images';
import type { ImportedSet } from '../../../src/worker/import-client';
import { relabelled, withoutImages } from '../../../src/data/edit';
import { defaultRecipe, withValue } from '../../../src/distill/recipe';
import type { Storage } from '../../../src/storage/storage';
import { memoryStorage } from '../storage/memory-storage';
import { bundledSet, fakeChanges, setOf } from './sets';

let ports: Ports;
let session: Session;
let asked: { files: ImportFile[]; choices: ImportChoices | undefined }[];
let answer: (result: ImportedSet) => void;
/** What the training worker answers. */
let lent: { set: Blob | null };
let own: ImageSet;

const state = () => session.store.getState();

beforeEach(async () => {
  asked = [];
  lent = { set: null };
  own = await setOf(dataset);
  vi.stubGlobal('window', { setTimeout: () => 0, clearTimeout: () => undefined });
  ports = {
    training: () => ({
      call: (name) =>
        (name === 'lend' ? Promise.resolve(lent) : new Promise(() => undefined)) as Promise<never>,
      tell: () => undefined,
      dispose: () => undefined,
    }),
    imports: () => ({
      importFiles: (files, { choices }) => {
        asked.push({ files, choices });
        return { result: new Promise((resolve) => (answer = resolve)), cancel: () => undefined };
      },
      changeSet: fakeChanges(dataset),
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
const dataset: LabelledImages = {
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
    answer({ report, set: own });
    await first;
    expect(state().candidate).toMatchObject({ files, choices: {} });
    const again = state().importFiles(files, { labelColumn: 3 });
    answer({ report: { ...report, outcome: 'refused' }, set: null });
    await again;
    expect(asked[1]).toEqual({ files, choices: { labelColumn: 3 } });
    expect(state().candidate).toMatchObject({ set: null, choices: { labelColumn: 3 } });
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
    state().takeDataset(own);
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 0, labelsPerClass: 20 });
    expect(state().recipe.title).toBe('Mine');
  });

  test('the example’s images, changed by hand, stay as the example has them', async () => {
    open();
    state().openSet(await bundledSet({ ...dataset, id: 'digits-8x8' }));
    state().change(withoutImages(state().editing!.edit, [0]), 'Deleted 1 image');
    await state().takeEdited();
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 40, labelsPerClass: 10 });
  });

  test('and a recipe of one’s own is left alone', () => {
    open();
    state().setRecipe(state().recipe);
    state().takeDataset(own);
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 40 });
  });
});

describe('edits', () => {
  test('can be undone and done again, and a new one ends the way forward', () => {
    state().openSet(own);
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

  test('outlive the closing of the view, but not another set', async () => {
    state().openSet(own);
    state().change(withoutImages(state().editing!.edit, [0]), 'Deleted 1 image');
    state().set({ panel: null });
    state().openSet(own);
    expect(state().editing!.past).toHaveLength(1);
    state().openSet(await setOf({ ...dataset, title: 'Another' }));
    expect(state().editing!.past).toEqual([]);
  });

  test('are used as the person’s own images', async () => {
    state().openSet(own);
    state().change(withoutImages(state().editing!.edit, [0]), 'Deleted 1 image');
    await state().takeEdited();
    expect(state().upload).toMatchObject({ title: 'Mine (edited)', train: { count: 3 } });
    expect(state().recipe.material.dataset).toBe('upload');
    expect(state().editing!.past).toEqual([]);
  });
});

test('edits wait when a run is started before they are made', async () => {
  state().openSet(own);
  state().change(withoutImages(state().editing!.edit, [0]), 'Deleted 1 image');
  const making = state().takeEdited();
  state().start();
  await making;
  expect(state().active).not.toBeNull();
  expect(state().recipe.material.dataset).not.toBe('upload');
  expect(state().editing!.past).toHaveLength(1);
  expect(state().notices.map(({ title }) => title)).toContain('Your changes wait');
});

describe('edits that are not yet confirmed', () => {
  const later = (opened: Storage) => {
    const next = createSession({ ...ports, storage: () => Promise.resolve(opened) });
    return next.store;
  };
  let bundled: ImageSet;
  beforeEach(async () => {
    bundled = await bundledSet({ ...dataset, id: 'digits' });
  });

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
    first.getState().takeDataset(own);
    first.getState().openSet(own);
    // Before the images themselves are stored.
    first.getState().change(withoutImages(first.getState().editing!.edit, [0]), 'Deleted 1 image');
    const drafts = () => [...opened.files.contents.keys()].filter((name) => name.startsWith('drafts/'));
    await vi.waitFor(() => expect(drafts()).toHaveLength(1));

    const second = later(opened);
    await second.getState().openStorage();
    await second.getState().takeSet(second.getState().sets[0]!.hash);
    second.getState().openSet(second.getState().upload!);
    await vi.waitFor(() => expect(second.getState().editing!.restored).toBe(true));
    const stored = second.getState().upload!;
    second.setState({ editing: { ...second.getState().editing!, dataset: { ...stored, stored: false } } });
    await second.getState().takeEdited();
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
  } as LabelledImages;
  const before = state().recipe.student.network;
  state().takeDataset(await setOf(colour));
  await vi.waitFor(() => expect(state().recipe.student.network).not.toBe(before));
  const { text, action } = state().notices.find(({ title }) => title === 'Networks that suit these images')!;
  expect(text).toContain(state().recipe.student.network);
  action!.act();
  expect(state().recipe.student.network).toBe(before);
});

describe('own images in the storage', () => {
  const visit = async (opened: Storage) => {
    const { store } = createSession({ ...ports, storage: () => Promise.resolve(opened) });
    await store.getState().openStorage();
    return store;
  };
  const imported = async (store: Awaited<ReturnType<typeof visit>>, set: ImageSet) => {
    const reading = store.getState().importFiles([{ path: 'a.csv', bytes: new Blob() }]);
    answer({ report, set });
    await reading;
  };

  test('are not written again by the page when they are taken, and go when they are refused', async () => {
    const opened = await memoryStorage();
    const store = await visit(opened);
    const offered = await offerDataset(opened, await packSet(dataset));
    const write = vi.spyOn(opened.files, 'write');
    await imported(store, offered);
    store.getState().takeCandidate();
    await vi.waitFor(() => expect(store.getState().uploadHash).toBe(own.key));
    expect(write).not.toHaveBeenCalled();
    expect(store.getState().sets).toMatchObject([{ hash: own.key }]);

    const other = await offerDataset(opened, await packSet({ ...dataset, title: 'Other' }));
    await imported(store, other);
    store.getState().refuseCandidate();
    await vi.waitFor(async () => expect(await hasDataset(opened, other.key)).toBe(false));
    expect(await hasDataset(opened, own.key)).toBe(true);
  });

  test('for which there was no room are taken all the same, with a sentence; then in memory', async () => {
    const opened = await memoryStorage();
    const store = await visit(opened);
    let isFull = true;
    opened.files.beforeWrite = () => {
      if (isFull) throw new DOMException('full', 'QuotaExceededError');
    };
    store.getState().takeDataset(own);
    const notice = () => store.getState().notices.find(({ title }) => title === '“Mine” is not kept');
    await vi.waitFor(() => expect(notice()?.text).toContain('no more room'));
    expect(store.getState().ownSet()).toEqual({ kind: 'held', hash: own.key, file: own.file });
    // As a run on them meets it, until there is room.
    const told = { type: 'storage', run: 'a-run', saved: null } as const;
    store.getState().takeStorage({ ...told, fault: { kind: 'full', text: 'Full.' } });
    isFull = false;
    store.getState().takeStorage({ ...told, fault: null });
    // What is stored is not held in memory as well.
    await vi.waitFor(() => expect(store.getState().ownSet()).toEqual({ kind: 'stored', hash: own.key }));
    expect(await hasDataset(opened, own.key)).toBe(true);
  });

  test('stay in use when they are thrown away, until they are used no more', async () => {
    const opened = await memoryStorage();
    const store = await visit(opened);
    store.getState().takeDataset(own);
    await vi.waitFor(() => expect(store.getState().uploadHash).toBe(own.key));
    await vi.waitFor(async () => expect((await opened.locks.query()).held).toHaveLength(2));
    store.getState().discardSet(own.key);
    const another = await visit(opened);
    await another.getState().openStorage();
    expect(await hasDataset(opened, own.key)).toBe(true);
    expect(await readImages(store.getState().upload!, [0])).toHaveLength(64);
    store.getState().takeDataset(await setOf({ ...dataset, title: 'Next' }));
    await vi.waitFor(async () => {
      await another.getState().openStorage();
      expect(await hasDataset(opened, own.key)).toBe(false);
    });
  });

  test('that were cleared come back from the training worker and are stored anew', async () => {
    const opened = [await memoryStorage(), await memoryStorage()];
    const { store } = createSession({ ...ports, storage: () => Promise.resolve(opened.shift()!) });
    await store.getState().openStorage();
    const first = { ...own };
    store.getState().takeDataset(first);
    await vi.waitFor(() => expect(store.getState().uploadHash).toBe(own.key));
    const after = opened[0]!;
    lent = { set: own.file };
    await clearedUnder(store);
    await vi.waitFor(async () => expect(await hasDataset(after, own.key)).toBe(true));
    await vi.waitFor(() => expect(store.getState().uploadHash).toBe(own.key));
    expect(store.getState().notices.filter(({ title }) => title.includes('gone'))).toEqual([]);
  });

  test('that were cleared and cannot be stored again stay in memory', async () => {
    const opened = [await memoryStorage(), await memoryStorage()];
    const { store } = createSession({ ...ports, storage: () => Promise.resolve(opened.shift()!) });
    await store.getState().openStorage();
    store.getState().takeDataset(own);
    await vi.waitFor(() => expect(store.getState().uploadHash).toBe(own.key));
    opened[0]!.files.beforeWrite = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    lent = { set: own.file };
    await clearedUnder(store);
    await vi.waitFor(() => expect(store.getState().ownSet()?.kind).toBe('held'));
    expect(await readImages(store.getState().upload!, [0])).toHaveLength(64);
    expect(store.getState().notices.map(({ title }) => title)).toContain('“Mine” is not kept');
  });

  test('that were cleared and are nowhere else are said to be gone', async () => {
    const opened = [await memoryStorage(), await memoryStorage()];
    const { store } = createSession({ ...ports, storage: () => Promise.resolve(opened.shift()!) });
    await store.getState().openStorage();
    store.getState().takeDataset(own);
    await vi.waitFor(() => expect(store.getState().uploadHash).toBe(own.key));
    await clearedUnder(store);
    await vi.waitFor(() => expect(store.getState().upload).toBeNull());
    expect(store.getState().notices.at(-1)).toMatchObject({ title: '“Mine” is gone' });
  });

  async function clearedUnder(store: Awaited<ReturnType<typeof visit>>): Promise<void> {
    await store.getState().withStorage('', async (storage) => {
      await (storage as Awaited<ReturnType<typeof memoryStorage>>).clear();
    });
    await store.getState().rescueSet();
  }
});
