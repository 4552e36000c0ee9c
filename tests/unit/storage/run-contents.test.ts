/** Run files whose checksums are right and whose contents are not. */
import { unzipSync, zipSync } from 'fflate';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RunRecord } from '../../../src/record/run-record';
import { datasetOfImages } from '../../../src/data/labelled-images';
import { storeDataset } from '../../../src/storage/datasets';
import { packImages } from './pack-images';
import { digestOf } from '../../../src/storage/digest';
import { entriesOf, eventsOf, type LogEntry } from '../../../src/storage/event-log';
import { StorageFault } from '../../../src/storage/faults';
import { Journal, snapshotOf } from '../../../src/storage/journal';
import { addRun, listRuns, readEvents } from '../../../src/storage/library';
import { pack, unpack } from '../../../src/storage/pack';
import { soundEntries, soundTeacher } from '../../../src/storage/run-contents';
import { soundDataset } from '../../../src/storage/set-contents';
import { peekRunFile, readRunFile, writeRunFile, type Manifest } from '../../../src/storage/run-file';
import type { RunEvent } from '../../../src/training/events';
import { readCheckpoint, checkpointVersion, type Checkpoint } from '../../../src/training/checkpoint';
import { isLong } from '../../support/long';
import { tinyImages, tinyRecipe, train } from '../training/tiny';
import { useWasm } from '../../support/wasm-in-node';
import { memoryStorage, type MemoryStorage } from './memory-storage';
import { summaryAfter } from './summary-after';

const raw = /undefined|null|Cannot read|is not a function|is not iterable|React|Unexpected token|\[object/i;

/** What a real run tells, with views and tracked samples, and the kinds of events that it does not tell. */
let emitted: RunEvent[];
let entries: LogEntry[];

beforeAll(async () => {
  await useWasm();
  const recipe = tinyRecipe({
    hints: [
      { id: 'kd', weight: 1 },
      { id: 'at', weight: 1 },
    ],
  });
  const { run, events } = await train(recipe);
  run.dispose();
  emitted = [
    ...events,
    { type: 'backend', name: 'wasm', device: 'SIMD' },
    { type: 'knob', phase: 'student', step: 6, path: 'hints.0.weight', label: 'Weight', from: 1, to: 2 },
    { type: 'warning', step: 6, text: 'Hm.' },
    {
      type: 'backend',
      name: 'wasm',
      device: '1 thread',
      move: { phase: 'student', step: 6, from: 'webgpu', to: 'wasm' },
    },
    { type: 'failed', step: 6, phase: 'student', message: 'It broke.', knob: null },
  ];
  entries = entriesOf(emitted);
});

const huge = 'x'.repeat(20_000);
const nonsense: unknown[] = [
  null,
  undefined,
  -1,
  0.5,
  Number.NaN,
  { x: 1 },
  [{}],
  [null],
  huge,
  'evil',
  true,
];

/** Places of the nonsense that a part is replaced with. */
type Replacements = () => readonly number[];
const everything: Replacements = () => [...nonsense.keys()];

/** Two for the first part that asks, the next two for the next, and so on in turn; everything in the long tests. */
function inTurn(): Replacements {
  let turn = 0;
  return isLong ? everything : () => [turn++ % nonsense.length, turn++ % nonsense.length];
}

/** The value with one of its parts replaced, for each part and replacement; of long lists the first items only. */
function* spoiled(
  value: unknown,
  replacements = everything,
  path = '',
): Generator<{ path: string; value: unknown }> {
  for (const i of replacements()) yield { path: `${path} = nonsense ${i}`, value: nonsense[i] };
  if (ArrayBuffer.isView(value) && 'slice' in value) {
    yield { path: `${path} cut`, value: (value as Uint8Array).slice(1) };
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const parts = Object.entries(value);
  for (const [key, part] of Array.isArray(value) ? parts.slice(0, 2) : parts)
    for (const inner of spoiled(part, replacements, `${path}.${key}`)) {
      const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
      (copy as Record<string, unknown>)[key] = inner.value;
      yield { path: inner.path, value: copy };
    }
  if (Array.isArray(value) && value.length > 0) yield { path: `${path} cut`, value: value.slice(1) };
}

describe('the log', () => {
  it('of a whole run is taken as it was emitted', () => {
    expect(soundEntries(entries)).toEqual(entries);
    expect(new Set(entries.map(({ type }) => type)).size).toBeGreaterThanOrEqual(9);
  });

  it('with any part of any entry spoiled loses that entry at most, and what is left can be shown', () => {
    let lost = 0;
    let tried = 0;
    const kinds = new Map(entries.map((entry) => [entry.type, entry]));
    const start = entries.find(({ type }) => type === 'started')!;
    const recipe = tinyRecipe();
    const replacements = inTurn();
    for (const entry of kinds.values())
      for (const { path, value } of spoiled(entry, replacements)) {
        tried++;
        const sound = soundEntries([start, value, { type: 'warning', step: 1, text: 'After.' }]);
        expect([2, 3], path).toContain(sound.length);
        if (sound.length === 2) lost++;
        const history = new RunRecord('run', recipe);
        history.take(eventsOf(sound));
        expect(history.warnings.at(-1)!.text, path).toBe('After.');
        for (const text of [
          history.facts!.dataset.title,
          ...history.facts!.dataset.classes,
          history.phaseText,
        ])
          expect(typeof text, path).toBe('string');
      }
    expect(tried).toBeGreaterThan(isLong ? 1000 : 700);
    expect(lost / tried).toBeGreaterThan(0.6);
  });

  const steps = () => entries.find((entry) => entry.type === 'steps')!;
  const withTotal = (total: unknown) => ({ ...steps(), values: { ...steps().values, total } });
  const evaluation = () => entries.find((entry) => entry.type === 'evaluation')!;

  it.each<[string, () => object]>([
    ['a text among the numbers of its steps', () => withTotal([...steps().steps.slice(1), '1'])],
    ['integers of another kind in its steps', () => withTotal(new BigInt64Array(steps().steps.length))],
    ['a text for a learning rate', () => ({ ...steps(), learningRates: [...steps().steps].map(String) })],
    ['a text for a loss', () => ({ ...evaluation(), loss: { student: '0.5' } })],
    ['nothing for an accuracy', () => ({ ...evaluation(), accuracy: { student: null } })],
    ['a text for seconds', () => ({ type: 'times', seconds: { teacher: 1, student: '2' } })],
    ['a shorter column', () => withTotal(new Float32Array(steps().steps.length - 1))],
    ['a longer column', () => withTotal(new Float32Array(steps().steps.length + 1))],
    ['too few learning rates', () => ({ ...steps(), learningRates: steps().learningRates.slice(1) })],
    ['too few step numbers', () => ({ ...steps(), steps: steps().steps.slice(1) })],
  ])('with %s loses that entry', (_, wrong) => {
    expect(soundEntries([wrong()])).toEqual([]);
  });

  it('that is no list, or holds entries of unknown kinds, is empty', () => {
    for (const junk of [null, 5, 'x', {}, [{ type: 'evil' }], [null], [[]]])
      expect(soundEntries(junk)).toEqual([]);
  });
});

describe('a data set, a teacher and a state', () => {
  it('are taken whole, and not with any part spoiled', () => {
    const dataset = tinyImages();
    expect(soundDataset(dataset)).toEqual(datasetOfImages(dataset));
    const teacher = {
      about: {
        id: 'abc',
        name: 'a.safetensors',
        network: 'resnet8',
        normalisation: { mean: 0.5, deviation: 0.5 },
        answers: 'logits',
        accuracy: 0.5,
        dataset: 'Bars',
        notes: ['Hm.'],
      },
      files: [{ path: 'a.safetensors', bytes: new Uint8Array(3) }],
    };
    expect(soundTeacher(teacher)).toBe(teacher);
    const taken = new Set<string>();
    for (const { path, value } of spoiled(dataset)) if (soundDataset(value)) taken.add(path.split(' ')[0]!);
    // Any text will do for a title, any letters for a class; a missing attribution is none.
    expect([...taken].sort()).toEqual(['.classes.0', '.classes.1', '.id', '.title']);
    const texts = /^\.(about\.(id|name|network|dataset|notes(\.0)?)|files\.0\.path|files\.0\.bytes)$/;
    for (const { path, value } of spoiled(teacher))
      if (soundTeacher(value) && !path.includes('normalisation') && !path.includes('accuracy'))
        expect(path.split(' ')[0]).toMatch(texts);
  });

  it('of a student whose labels are none of its classes is refused', () => {
    const dataset = tinyImages();
    dataset.train.labels[0] = 4;
    expect(soundDataset(dataset)).toBeNull();
  });

  it('a state is one, of another version, or none', () => {
    const state: Checkpoint = {
      version: checkpointVersion,
      recipe: tinyRecipe(),
      making: null,
      teacher: null,
      students: null,
      told: { a: 1 },
      seconds: 1,
    };
    expect(readCheckpoint(state)).toBe(state);
    expect(readCheckpoint({ ...state, version: 1 })).toBe('other version');
    for (const junk of [
      null,
      undefined,
      5,
      'x',
      [],
      {},
      { ...state, told: null },
      { ...state, seconds: 'x' },
    ])
      expect(readCheckpoint(junk)).toBeNull();
    for (const part of ['teacher', 'students'] as const)
      for (const junk of [5, 'x', []]) expect(readCheckpoint({ ...state, [part]: junk })).toBeNull();
  });
});

describe('a run file', () => {
  let storage: MemoryStorage;
  let parts: Record<string, Uint8Array>;
  const run = 'first';

  beforeEach(async () => {
    storage = await memoryStorage();
    const given = { name: 'A', note: '', notes: '', recipe: tinyRecipe(), createdAt: 1, deletedAt: null };
    await addRun(storage, { id: run, number: 1, ...given });
    let journal!: Journal;
    await storeDataset(storage, await packImages(tinyImages()), async (ref) => {
      journal = await Journal.begin(storage, run, 'cpu', ref);
    });
    const state = snapshotOf({ version: checkpointVersion }, 'student', 2);
    await journal.save({ events: emitted, summary: summaryAfter(emitted), state, best: null, keep: true });
    parts = unzipSync(new Uint8Array(await (await writeRunFile(storage, run, true)).arrayBuffer()));
  });

  /** The file with parts changed and its checksums right. */
  async function withParts(
    changes: Record<string, Uint8Array>,
    change: (manifest: Manifest) => void = () => undefined,
  ): Promise<Blob> {
    const manifest = JSON.parse(new TextDecoder().decode(parts['manifest.json'])) as Manifest;
    for (const [name, bytes] of Object.entries(changes))
      manifest.entries[name] = {
        bytes: bytes.length,
        digest: await digestOf([bytes as Uint8Array<ArrayBuffer>]),
      };
    change(manifest);
    const text = new TextEncoder().encode(JSON.stringify(manifest));
    return new Blob([new Uint8Array(zipSync({ ...parts, ...changes, 'manifest.json': text }))]);
  }

  async function refusalOf(file: Blob): Promise<string> {
    const elsewhere = await memoryStorage();
    const error: unknown = await readRunFile(elsewhere, file).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StorageFault);
    expect(await listRuns(elsewhere)).toEqual([]);
    expect(elsewhere.files.contents.size).toBe(0);
    for (const store of ['progress', 'log', 'datasets', 'teachers'] as const)
      expect(await elsewhere.database.count(store)).toBe(0);
    const { message } = error as StorageFault;
    expect(message).not.toMatch(raw);
    return message;
  }

  it('whose parts are whole is put on the shelf', async () => {
    const elsewhere = await memoryStorage();
    const id = await readRunFile(elsewhere, await withParts({}));
    expect((await readEvents(elsewhere, id)).events).toHaveLength(eventsOf(entries).length);
  });

  it.each<[string, () => Record<string, Uint8Array>, RegExp]>([
    [
      'junk in its log',
      () => ({ 'log.bin': pack([[{ type: 'steps' }, { type: 'evil' }, null, 5]]) }),
      /curves/,
    ],
    ['a log that is no list', () => ({ 'log.bin': pack(null) }), /damaged/],
    ['no state', () => ({ 'files/1': pack(null) }), /a saved state/],
    ['a kept state that is a list', () => ({ 'files/2': pack([1]) }), /a saved state/],
    ['a state that is noise', () => ({ 'files/1': new Uint8Array(100) }), /damaged/],
    [
      'class names that are objects',
      () => ({ 'images.bin': pack({ ...tinyImages(), classes: [{}, null, 5, 'a'] }) }),
      /its data set/,
    ],
    [
      'a title that is an object',
      () => ({ 'images.bin': pack({ ...tinyImages(), title: { x: 1 } }) }),
      /data set/,
    ],
    [
      'labels of no class',
      () => ({ 'images.bin': pack({ ...tinyImages(), classes: ['first', 'second'] }) }),
      /data set/,
    ],
    ['a teacher that is none', () => ({ 'teacher.bin': pack({ about: null, files: [{}] }) }), /its teacher/],
  ])('with %s is refused in a sentence, and nothing of it stays', async (_, changes, sentence) => {
    expect(await refusalOf(await withParts(changes()))).toMatch(sentence);
  });

  it('that names one file for many states is refused', async () => {
    const file = await withParts({}, ({ progress }) => {
      progress.kept = Array.from({ length: 500 }, () => progress.checkpoints[0]!);
    });
    expect(await refusalOf(file)).toMatch(/damaged/);
  });

  it('with any field of its manifest spoiled is refused in a sentence or shown without that field', async () => {
    const manifest = JSON.parse(new TextDecoder().decode(parts['manifest.json'])) as Manifest;
    const label = manifest.label;
    const seen = {
      ...manifest,
      label: { ...label, recipe: {} },
      entries: { 'log.bin': manifest.entries['log.bin'] },
    };
    let tried = 0;
    for (const { path, value } of spoiled(seen, inTurn())) {
      const text = new TextEncoder().encode(JSON.stringify(value) ?? 'null');
      const file = new Blob([
        new Uint8Array(zipSync({ 'manifest.json': text, 'log.bin': [parts['log.bin']!, { level: 0 }] })),
      ]);
      const found = await peekRunFile(file).catch((error: unknown) => error);
      tried++;
      if (found instanceof Error) {
        expect(found, path).toBeInstanceOf(StorageFault);
        expect(found.message, path).not.toMatch(raw);
      } else {
        const { label: shown, progress } = found as Awaited<ReturnType<typeof peekRunFile>>;
        for (const part of [shown.name, shown.note, shown.notes, progress.backend, progress.state])
          expect(typeof part, path).toBe('string');
        expect(
          JSON.stringify([shown.name, shown.note, shown.notes, progress.backend]).length,
          path,
        ).toBeLessThan(10_000);
      }
    }
    expect(tried).toBeGreaterThan(isLong ? 200 : 100);
  });

  it('with megabytes of text is shown and stored with the beginning of it', async () => {
    const megabytes = 'word '.repeat(500_000);
    const file = await withParts({}, ({ label }) =>
      Object.assign(label, { name: megabytes, note: megabytes, notes: megabytes }),
    );
    const { label } = await peekRunFile(file);
    expect([label.name, label.note, label.notes].map(({ length }) => length)).toEqual([200, 4000, 4000]);
    expect(label.notes.endsWith('…')).toBe(true);
    const elsewhere = await memoryStorage();
    await readRunFile(elsewhere, file);
    expect((await listRuns(elsewhere))[0]!.label.name).toHaveLength(200);
  });

  it('that was stored by an older page with a broken log is listed, and what is whole of its log is read', async () => {
    const log = unpack(parts['log.bin']!) as LogEntry[][];
    const broken = [...log[0]!, null, { type: 'evil' }, { type: 'finished' }] as LogEntry[];
    await storage.database.put('log', { run, place: 0, entries: broken });
    expect((await readEvents(storage, run)).events).toEqual(eventsOf(log[0]!));
    await storage.database.put('log', { run, place: 0, entries: null as never });
    expect((await readEvents(storage, run)).events).toEqual([]);
    const { progress } = await Journal.reopen(storage, run);
    expect(progress.curve.steps).toEqual([]);
  });
});
