import { beforeEach, describe, expect, it } from 'vitest';
import { unzipSync, zipSync } from 'fflate';
import { storeDataset } from '../../../src/storage/datasets';
import { packImages } from './pack-images';
import { Journal, snapshotOf } from '../../../src/storage/journal';
import {
  addRun,
  listRuns,
  purgeRun,
  readEvents,
  readProgress,
  relabel,
  sweep,
  usageOf,
} from '../../../src/storage/library';
import { holdRun } from '../../../src/storage/locks';
import { peekRunFile, readRunFile, writeRunFile, type Manifest } from '../../../src/storage/run-file';
import type { RunEvent } from '../../../src/training/events';
import { tinyImages, tinyRecipe } from '../training/tiny';
import { memoryStorage, type MemoryStorage } from './memory-storage';
import { summaryAfter } from './summary-after';

let storage: MemoryStorage;
const run = 'first';
const events: RunEvent[] = [
  { type: 'phase', phase: 'student', steps: 4, text: 'The student is trained.' },
  { type: 'step', phase: 'student', step: 1, learningRate: 0.1, values: { total: Number.NaN, ce: 0.3 } },
  { type: 'step', phase: 'student', step: 2, learningRate: 0.1, values: { total: 0.25, ce: 0.3 } },
];
const state = { version: 1, weights: Float32Array.of(1, 2, 3) };
const label = (id: string, number = 1) => ({
  id,
  number,
  name: 'Bars',
  note: '',
  notes: 'Mine.',
  recipe: tinyRecipe(),
  createdAt: 5,
  deletedAt: null,
});

beforeEach(async () => {
  storage = await memoryStorage();
  await addRun(storage, label(run));
  let journal!: Journal;
  await storeDataset(storage, await packImages(tinyImages()), async (ref) => {
    journal = await Journal.begin(storage, run, 'cpu', ref);
  });
  await journal.save({
    events,
    summary: summaryAfter(events),
    state: snapshotOf(state, 'student', 2),
    best: { safetensors: new Uint8Array(40).fill(7), step: 2, score: 0.5 },
    keep: true,
  });
});

describe('a run as a file', () => {
  it('is the same run elsewhere, with its images, and goes on there', async () => {
    const file = await writeRunFile(storage, run, true);
    expect(await peekRunFile(file)).toMatchObject({
      label: { name: 'Bars', notes: 'Mine.' },
      progress: { step: 2, backend: 'cpu' },
      images: true,
    });
    const elsewhere = await memoryStorage();
    const id = await readRunFile(elsewhere, file);
    expect((await readEvents(elsewhere, id)).events).toStrictEqual(events);
    const [entry] = await listRuns(elsewhere);
    expect(entry).toMatchObject({
      label: { id, number: 1 },
      progress: { state: 'open', step: 2 },
      held: false,
    });
    expect(entry!.progress!.kept).toHaveLength(1);
    expect(await elsewhere.database.count('datasets')).toBe(1);
    const { state: read } = await Journal.reopen(elsewhere, id);
    expect(read).toStrictEqual(state);
  });

  it('may leave the images out, and says so', async () => {
    const file = await writeRunFile(storage, run, false);
    expect((await peekRunFile(file)).images).toBe(false);
    expect(file.size).toBeLessThan((await writeRunFile(storage, run, true)).size);
  });

  it('read twice is two runs with numbers of their own, and the images once', async () => {
    const file = await writeRunFile(storage, run, true);
    await readRunFile(storage, file);
    await readRunFile(storage, file);
    expect((await listRuns(storage)).map((entry) => entry.label.number)).toEqual([1, 2, 3]);
    expect(await storage.files.list('datasets')).toHaveLength(1);
  });

  it('that is cut off, changed, newer or no run at all is refused, and nothing of it stays', async () => {
    const whole = new Uint8Array(await (await writeRunFile(storage, run, true)).arrayBuffer());
    const entries = unzipSync(whole);
    const changed = (change: (parts: typeof entries) => void) => {
      const parts = Object.fromEntries(Object.entries(entries).map(([name, bytes]) => [name, bytes.slice()]));
      change(parts);
      return new Blob([new Uint8Array(zipSync(parts))]);
    };
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const elsewhere = await memoryStorage();
    const refusals: [Blob, RegExp][] = [
      [new Blob([whole.slice(0, whole.length - 300)]), /cut off/],
      [new Blob([whole.slice(0, 40)]), /cut off/],
      [new Blob([]), /not a run/],
      [new Blob(['a text']), /not a run/],
      [new Blob([new Uint8Array(zipSync({ 'a.txt': new Uint8Array(3) }))]), /not a run/],
      [changed((parts) => (parts['files/1']![20]! ^= 1)), /damaged/],
      [changed((parts) => delete parts['log.bin']), /damaged/],
      [
        changed((parts) => {
          const manifest = text(parts['manifest.json']!).replace('"version":1', '"version":3');
          parts['manifest.json'] = new TextEncoder().encode(manifest);
        }),
        /newer version/,
      ],
    ];
    for (const [file, sentence] of refusals)
      await expect(readRunFile(elsewhere, file)).rejects.toThrow(sentence);
    expect(elsewhere.files.contents.size).toBe(0);
    expect(await listRuns(elsewhere)).toEqual([]);
    expect(await elsewhere.database.count('progress')).toBe(0);
  });
});

describe('a run file that is a bomb', () => {
  /** The log says that it has so many bytes; it has ten million. */
  async function bomb(claimed: number): Promise<Blob> {
    const parts = unzipSync(new Uint8Array(await (await writeRunFile(storage, run, true)).arrayBuffer()));
    const manifest = JSON.parse(new TextDecoder().decode(parts['manifest.json'])) as Manifest;
    manifest.entries['log.bin']!.bytes = claimed;
    parts['manifest.json'] = new TextEncoder().encode(JSON.stringify(manifest));
    delete parts['log.bin'];
    const file = new Uint8Array(zipSync({ ...parts, 'log.bin': new Uint8Array(10_000_000) }));
    const view = new DataView(file.buffer);
    // Its place in the list at the end of the zip: 46 bytes, of which 24 to 28 are the size, and the name.
    const name = file.length - 22 - [...'log.bin'].length;
    expect(new TextDecoder().decode(file.subarray(name, name + 7))).toBe('log.bin');
    view.setUint32(name - 46 + 24, claimed, true);
    return new Blob([file]);
  }

  it('and says so is refused before anything is unpacked', async () => {
    await expect(peekRunFile(await bomb(4_000_000_000))).rejects.toThrow('more than any run takes');
  });

  it('and promises what no file of its size can hold is refused before room is made for it', async () => {
    await expect(peekRunFile(await bomb(1_000_000_000))).rejects.toThrow('damaged');
  });

  it('and says that it is small is left when it has given what it said', async () => {
    await expect(readRunFile(storage, await bomb(1000))).rejects.toThrow('damaged');
    expect(await storage.database.count('progress')).toBe(1);
  });
});

it('a kept state can be gone back to, and stays', async () => {
  const { journal } = await Journal.reopen(storage, run);
  const later: RunEvent = {
    type: 'step',
    phase: 'student',
    step: 3,
    learningRate: 0.1,
    values: { total: 1, ce: 1 },
  };
  await journal.save({
    events: [later],
    summary: summaryAfter([...events, later]),
    state: snapshotOf({ version: 1, weights: Float32Array.of(9) }, 'student', 3),
    best: null,
    keep: false,
  });
  expect((await readEvents(storage, run)).events).toStrictEqual([...events, later]);
  const [kept] = (await readProgress(storage, run))!.kept;
  const back = await Journal.reopen(storage, run, kept!.path);
  expect(back.state).toStrictEqual(state);
  expect((await readEvents(storage, run)).events).toStrictEqual(events);
  expect(back.progress.kept).toEqual([kept]);
  // The state to go on from, the kept one and the best weights; no file of what came after.
  expect(await storage.files.list(`runs/${run}`)).toHaveLength(3);
  await expect(Journal.reopen(storage, run, 'nowhere')).rejects.toThrow('no longer stored');
});

describe('the shelf', () => {
  it('forgets what was deleted some time ago, with images that no other run studies', async () => {
    const second = await readRunFile(storage, await writeRunFile(storage, run, true));
    await relabel(storage, run, { deletedAt: 100 });
    expect((await listRuns(storage)).map((entry) => entry.label.id)).toEqual([second]);
    await sweep(storage, 50);
    expect(await storage.database.count('runs')).toBe(2);
    await sweep(storage, 200);
    expect(await storage.database.count('runs')).toBe(1);
    expect(await storage.files.list('runs')).toEqual([second]);
    expect(await storage.files.list('datasets')).toHaveLength(1);
    await purgeRun(storage, second);
    expect(storage.files.contents.size).toBe(0);
    expect(await storage.database.count('log')).toBe(0);
  });

  it('does not throw away a run that is on', async () => {
    await holdRun(storage.locks, run);
    await expect(purgeRun(storage, run)).rejects.toThrow('another tab');
    await relabel(storage, run, { deletedAt: 1 });
    await sweep(storage, 200);
    expect(await storage.database.count('runs')).toBe(1);
  });
});

describe('what is stored', () => {
  it('is counted here, whatever the browser estimates', async () => {
    const browser = {
      estimate: async () => ({ usage: 2 ** 32, quota: 10 ** 10 }),
      persisted: async () => false,
    };
    await storage.files.write('collection/a', [new Uint8Array(100)]);
    await storage.files.write('drafts/b', [new Uint8Array(10)]);
    const inFiles = [...storage.files.contents.values()].reduce((sum, { length }) => sum + length, 0);
    const { logBytes } = (await readProgress(storage, run))!;
    expect(logBytes).toBeGreaterThan(0);
    expect(await usageOf(storage, browser)).toEqual({
      bytes: inFiles + logBytes,
      quota: 10 ** 10,
      persistent: false,
    });
  });
});
