import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ports } from '../../../src/app/ports';
import { createSession, statesOf, type Session } from './open-session';
import type { ImportChoices, ImportFile, ImportReport } from '../../../src/data/import-report';
import type { LabelledImages } from '../../../src/data/labelled-images';
import { hasDataset, offerDataset } from '../../../src/storage/datasets';
import { packImages } from '../storage/pack-images';
import { labelledSetOf, type LabelledImageSet } from '../../../src/storage/image-set';
import type { SetHandle } from '../../../src/storage/set-handle';
import { readImages } from '../../../src/storage/set-rows';
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
let own: LabelledImageSet;

const state = () => statesOf(session);

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
    const first = state().data.importFiles(files);
    answer({ report, set: own });
    await first;
    expect(state().data.candidate).toMatchObject({ files, choices: {} });
    const again = state().data.importFiles(files, { labelColumn: 3 });
    answer({ report: { ...report, outcome: 'refused' }, set: null });
    await again;
    expect(asked[1]).toEqual({ files, choices: { labelColumn: 3 } });
    expect(state().data.candidate).toMatchObject({ set: null, choices: { labelColumn: 3 } });
    expect(state().data.upload).toBeNull();
  });
});

describe('taken while an example is open', () => {
  const open = () => {
    let recipe = withValue(defaultRecipe(), 'material.labelNoise', 40);
    recipe = withValue(recipe, 'material.labelsPerClass', 10);
    state().recipe.setRecipe(recipe, { id: 'wrong-labels', recipe });
  };
  const labels = () => state().recipe.recipe.material;

  test('own images are learned with their own labels; what was turned by hand stays', () => {
    open();
    state().recipe.turn('material.labelsPerClass', 20);
    state().data.takeDataset(own);
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 0, labelsPerClass: 20 });
    expect(state().recipe.recipe.title).toBe('Mine');
  });

  test('the example’s images, changed by hand, stay as the example has them', async () => {
    open();
    state().data.openSet(await bundledSet({ ...dataset, id: 'digits-8x8' }));
    state().data.change(withoutImages(state().data.editing!.edit, [0]), 'Deleted 1 image');
    await state().data.takeEdited();
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 40, labelsPerClass: 10 });
  });

  test('and a recipe of one’s own is left alone', () => {
    open();
    state().recipe.setRecipe(state().recipe.recipe);
    state().data.takeDataset(own);
    expect(labels()).toMatchObject({ dataset: 'upload', labelNoise: 40 });
  });
});

describe('edits', () => {
  test('can be undone and done again, and a new one ends the way forward', () => {
    state().data.openSet(own);
    const start = state().data.editing!.edit;
    state().data.change(withoutImages(start, [0]), 'Deleted 1 image');
    state().data.change(relabelled(state().data.editing!.edit, [1], 'a'), 'Moved 1 image');
    expect(state().view.announcement).toBe('Moved 1 image.');
    state().data.undo();
    state().data.undo();
    state().data.undo();
    expect(state().data.editing!.edit).toBe(start);
    expect(state().view.announcement).toBe('Undone: Deleted 1 image.');
    state().data.redo();
    expect(state().data.editing!.edit.labels[0]).toBe(-1);
    state().data.change(withoutImages(state().data.editing!.edit, [2]), 'Deleted 1 image');
    expect(state().data.editing!.future).toEqual([]);
    expect(state().data.editing!.past).toHaveLength(2);
  });

  test('outlive the closing of the view, but not another set', async () => {
    state().data.openSet(own);
    state().data.change(withoutImages(state().data.editing!.edit, [0]), 'Deleted 1 image');
    state().view.set({ panel: null });
    state().data.openSet(own);
    expect(state().data.editing!.past).toHaveLength(1);
    state().data.openSet(await setOf({ ...dataset, title: 'Another' }));
    expect(state().data.editing!.past).toEqual([]);
  });

  test('are used as the person’s own images', async () => {
    state().data.openSet(own);
    state().data.change(withoutImages(state().data.editing!.edit, [0]), 'Deleted 1 image');
    await state().data.takeEdited();
    expect(state().data.upload).toMatchObject({ title: 'Mine (edited)', train: { count: 3 } });
    expect(state().recipe.recipe.material.dataset).toBe('upload');
    expect(state().data.editing!.past).toEqual([]);
  });
});

test('edits wait when a run is started before they are made', async () => {
  state().data.openSet(own);
  state().data.change(withoutImages(state().data.editing!.edit, [0]), 'Deleted 1 image');
  const making = state().data.takeEdited();
  state().runs.start();
  await making;
  expect(state().library.active).not.toBeNull();
  expect(state().recipe.recipe.material.dataset).not.toBe('upload');
  expect(state().data.editing!.past).toHaveLength(1);
  expect(state().view.notices.map(({ title }) => title)).toContain('Your changes wait');
});

describe('edits that are not yet confirmed', () => {
  const later = (opened: Storage) => {
    const next = createSession({ ...ports, storage: () => Promise.resolve(opened) });
    return next;
  };
  let bundled: LabelledImageSet;
  beforeEach(async () => {
    bundled = await bundledSet({ ...dataset, id: 'digits' });
  });

  test('come back on the next visit, and say so; thrown away they stay away', async () => {
    const opened = await memoryStorage();
    const first = later(opened);
    await first.runs.getState().openStorage();
    first.data.getState().openSet(bundled);
    const edit = withoutImages(first.data.getState().editing!.edit, [0, 5]);
    first.data.getState().change(edit, 'Deleted 2 images');
    await vi.waitFor(() => expect(opened.files.contents.has('drafts/digits')).toBe(true));

    const second = later(opened);
    await second.runs.getState().openStorage();
    second.data.getState().openSet(bundled);
    await vi.waitFor(() => expect(second.data.getState().editing!.restored).toBe(true));
    expect(second.data.getState().editing!.edit).toEqual(edit);
    second.data.getState().undo();
    expect(second.data.getState().editing!.edit.labels[0]).toBe(0);
    second.data.getState().redo();
    second.data.getState().discardEdits();
    expect(second.data.getState().editing).toMatchObject({ past: [], restored: false });
    await vi.waitFor(() => expect(opened.files.contents.has('drafts/digits')).toBe(false));
  });

  test('of own images come back with them, until they are used', async () => {
    const opened = await memoryStorage();
    const first = later(opened);
    await first.runs.getState().openStorage();
    first.data.getState().takeDataset(own);
    first.data.getState().openSet(own);
    // Before the images themselves are stored.
    first.data.getState().change(withoutImages(first.data.getState().editing!.edit, [0]), 'Deleted 1 image');
    const drafts = () => [...opened.files.contents.keys()].filter((name) => name.startsWith('drafts/'));
    await vi.waitFor(() => expect(drafts()).toHaveLength(1));

    const second = later(opened);
    await second.runs.getState().openStorage();
    await second.data.getState().takeSet(second.data.getState().sets[0]!.hash);
    second.data.getState().openSet(labelledSetOf(second.data.getState().upload!)!);
    await vi.waitFor(() => expect(second.data.getState().editing!.restored).toBe(true));
    const stored = labelledSetOf(second.data.getState().upload!)!;
    second.data.setState({
      editing: { ...second.data.getState().editing!, dataset: { ...stored, stored: false } },
    });
    await second.data.getState().takeEdited();
    expect(second.data.getState().upload!.train.count).toBe(3);
    await vi.waitFor(() => expect(drafts()).toHaveLength(0));
  });
});

describe('pictures by hand', () => {
  const picture = (name: string) => ({ name, bytes: new Blob(['x'], { type: 'image/png' }) });

  test('are read with the classes they were put into', () => {
    const [first, second] = state().data.collection;
    state().data.renameCollected(first!.id, ' cat ');
    state().data.addPictures(first!.id, [picture('1.png'), picture('2.png')]);
    state().data.addPictures(second!.id, [picture('3.png')]);
    state().data.removePicture(first!.id, state().data.collection[0]!.pictures[0]!.id);
    void state().data.importCollection();
    expect(asked[0]!.files.map(({ path, className }) => [path, className])).toEqual([
      ['2.png', 'cat'],
      ['3.png', 'Class 2'],
    ]);
  });

  test('without a class go into an empty one, which is made if need be', () => {
    state().data.sortPictures([picture('1.png')]);
    state().data.sortPictures([picture('2.png')]);
    state().data.sortPictures([picture('3.png')]);
    expect(state().view.panel).toBe('collect');
    expect(state().data.collection.map(({ pictures }) => pictures.length)).toEqual([1, 1, 1]);
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
  const before = state().recipe.recipe.student.network;
  state().data.takeDataset(await setOf(colour));
  await vi.waitFor(() => expect(state().recipe.recipe.student.network).not.toBe(before));
  const { text, action } = state().view.notices.find(
    ({ title }) => title === 'Networks that suit these data',
  )!;
  expect(text).toContain(state().recipe.recipe.student.network);
  action!.act();
  expect(state().recipe.recipe.student.network).toBe(before);
});

describe('own images in the storage', () => {
  const visit = async (opened: Storage) => {
    const page = createSession({ ...ports, storage: () => Promise.resolve(opened) });
    await page.runs.getState().openStorage();
    return page;
  };
  const imported = async (page: Awaited<ReturnType<typeof visit>>, set: SetHandle) => {
    const reading = page.data.getState().importFiles([{ path: 'a.csv', bytes: new Blob() }]);
    answer({ report, set });
    await reading;
  };

  test('are not written again by the page when they are taken, and go when they are refused', async () => {
    const opened = await memoryStorage();
    const page = await visit(opened);
    const offered = await offerDataset(opened, await packImages(dataset));
    const write = vi.spyOn(opened.files, 'write');
    await imported(page, offered);
    page.data.getState().takeCandidate();
    await vi.waitFor(() => expect(page.data.getState().uploadHash).toBe(own.key));
    expect(write).not.toHaveBeenCalled();
    expect(page.data.getState().sets).toMatchObject([{ hash: own.key }]);

    const other = await offerDataset(opened, await packImages({ ...dataset, title: 'Other' }));
    await imported(page, other);
    page.data.getState().refuseCandidate();
    await vi.waitFor(async () => expect(await hasDataset(opened, other.key)).toBe(false));
    expect(await hasDataset(opened, own.key)).toBe(true);
  });

  test('for which there was no room are taken all the same, with a sentence; then in memory', async () => {
    const opened = await memoryStorage();
    const page = await visit(opened);
    let isFull = true;
    opened.files.beforeWrite = () => {
      if (isFull) throw new DOMException('full', 'QuotaExceededError');
    };
    page.data.getState().takeDataset(own);
    const notice = () => page.view.getState().notices.find(({ title }) => title === '“Mine” is not kept');
    await vi.waitFor(() => expect(notice()?.text).toContain('no more room'));
    expect(page.data.getState().ownSet()).toEqual({ kind: 'held', hash: own.key, file: own.file });
    // As a run on them meets it, until there is room.
    const told = { type: 'storage', run: 'a-run', saved: null } as const;
    page.runs.getState().takeStorage({ ...told, fault: { kind: 'full', text: 'Full.' } });
    isFull = false;
    page.runs.getState().takeStorage({ ...told, fault: null });
    // What is stored is not held in memory as well.
    await vi.waitFor(() => expect(page.data.getState().ownSet()).toEqual({ kind: 'stored', hash: own.key }));
    expect(await hasDataset(opened, own.key)).toBe(true);
  });

  test('stay in use when they are thrown away, until they are used no more', async () => {
    const opened = await memoryStorage();
    const page = await visit(opened);
    page.data.getState().takeDataset(own);
    await vi.waitFor(() => expect(page.data.getState().uploadHash).toBe(own.key));
    await vi.waitFor(async () => expect((await opened.locks.query()).held).toHaveLength(2));
    page.data.getState().discardSet(own.key);
    const another = await visit(opened);
    await another.runs.getState().openStorage();
    expect(await hasDataset(opened, own.key)).toBe(true);
    expect(await readImages(page.data.getState().upload!, [0])).toHaveLength(64);
    page.data.getState().takeDataset(await setOf({ ...dataset, title: 'Next' }));
    await vi.waitFor(async () => {
      await another.runs.getState().openStorage();
      expect(await hasDataset(opened, own.key)).toBe(false);
    });
  });

  test('that were cleared come back from the training worker and are stored anew', async () => {
    const opened = [await memoryStorage(), await memoryStorage()];
    const page = createSession({ ...ports, storage: () => Promise.resolve(opened.shift()!) });
    await page.runs.getState().openStorage();
    const first = { ...own };
    page.data.getState().takeDataset(first);
    await vi.waitFor(() => expect(page.data.getState().uploadHash).toBe(own.key));
    const after = opened[0]!;
    lent = { set: own.file };
    await clearedUnder(page);
    await vi.waitFor(async () => expect(await hasDataset(after, own.key)).toBe(true));
    await vi.waitFor(() => expect(page.data.getState().uploadHash).toBe(own.key));
    expect(page.view.getState().notices.filter(({ title }) => title.includes('gone'))).toEqual([]);
  });

  test('that were cleared and cannot be stored again stay in memory', async () => {
    const opened = [await memoryStorage(), await memoryStorage()];
    const page = createSession({ ...ports, storage: () => Promise.resolve(opened.shift()!) });
    await page.runs.getState().openStorage();
    page.data.getState().takeDataset(own);
    await vi.waitFor(() => expect(page.data.getState().uploadHash).toBe(own.key));
    opened[0]!.files.beforeWrite = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    lent = { set: own.file };
    await clearedUnder(page);
    await vi.waitFor(() => expect(page.data.getState().ownSet()?.kind).toBe('held'));
    expect(await readImages(page.data.getState().upload!, [0])).toHaveLength(64);
    expect(page.view.getState().notices.map(({ title }) => title)).toContain('“Mine” is not kept');
  });

  test('that were cleared and are nowhere else are said to be gone', async () => {
    const opened = [await memoryStorage(), await memoryStorage()];
    const page = createSession({ ...ports, storage: () => Promise.resolve(opened.shift()!) });
    await page.runs.getState().openStorage();
    page.data.getState().takeDataset(own);
    await vi.waitFor(() => expect(page.data.getState().uploadHash).toBe(own.key));
    await clearedUnder(page);
    await vi.waitFor(() => expect(page.data.getState().upload).toBeNull());
    expect(page.view.getState().notices.at(-1)).toMatchObject({ title: '“Mine” is gone' });
  });

  async function clearedUnder(page: Awaited<ReturnType<typeof visit>>): Promise<void> {
    await page.library.getState().withStorage('', async (storage) => {
      await (storage as Awaited<ReturnType<typeof memoryStorage>>).clear();
    });
    await page.data.getState().rescueSet();
  }
});
