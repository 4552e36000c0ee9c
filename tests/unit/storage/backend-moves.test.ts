/** A run that went on with another backend: what is stored of it, and what becomes of that later. */
import { beforeEach, expect, it } from 'vitest';
import { unzipSync } from 'fflate';
import { computedOn, marksIn } from '../../../src/app/instruments/chart-marks';
import { RunRecord } from '../../../src/record/run-record';
import { summaryOf } from '../../../src/record/summary';
import { entryFrom } from '../../../src/app/store/library/run-entry';
import { Journal, snapshotOf } from '../../../src/storage/journal';
import { addRun, listRuns, readEvents, readProgress } from '../../../src/storage/library';
import { soundProgress } from '../../../src/storage/stored-rows';
import { readRunFile, writeRunFile, type Manifest } from '../../../src/storage/run-file';
import { lastBackend, type RunProgress } from '../../../src/storage/schema';
import { moveEvents } from '../../../src/training/backend-move';
import type { BackendMove, RunEvent } from '../../../src/training/events';
import { tinyRecipe } from '../training/tiny';
import { memoryStorage, type MemoryStorage } from './memory-storage';
import { studentStep as step } from '../record/told-runs';

const run = 'moved';
const move: BackendMove = { phase: 'student', step: 2, from: 'webgpu', to: 'wasm' };
const place = { phase: move.phase, step: move.step, from: move.from };
const wasm = { name: 'wasm', device: '1 thread, SIMD' } as const;
let storage: MemoryStorage;
let journal: Journal;
let record: RunRecord;

/** As the run's keeper does: events, what its record says of them, and a state or none. */
async function save(
  to: Journal,
  of: RunRecord,
  events: RunEvent[],
  at: number | null,
  keep = false,
): Promise<void> {
  of.take(events);
  const state = at === null ? null : snapshotOf({ version: 1 }, 'student', at);
  await to.save({ events, summary: summaryOf(of), state, best: null, keep });
}

beforeEach(async () => {
  storage = await memoryStorage();
  const given = { name: 'Moved', note: '', notes: '', recipe: tinyRecipe(), createdAt: 1, deletedAt: null };
  await addRun(storage, { id: run, number: 1, ...given });
  journal = await Journal.begin(storage, run, 'webgpu', { kind: 'bundled', id: 'digits-8x8' });
  record = new RunRecord(run, tinyRecipe());
  await save(journal, record, [step(1), step(2)], 2, true);
});

const moved = () => save(journal, record, [...moveEvents('It was lost.', wasm, place), step(3), step(4)], 4);
const historyOf = async (from: MemoryStorage, id: string) => {
  const history = new RunRecord(id, tinyRecipe());
  history.take((await readEvents(from, id)).events);
  return history;
};

it('the move comes back after a reload, with its mark and its sentence, and the run goes on with its last backend', async () => {
  await moved();
  const progress = (await readProgress(storage, run))!;
  expect(progress).toMatchObject({ backend: 'webgpu', moves: [move] });
  expect(lastBackend(progress)).toBe('wasm');
  const [entry] = (await listRuns(storage)).map(entryFrom);
  expect(computedOn(entry!.backend, entry!.moves)).toBe('WebGPU, from step 2 WebAssembly');

  const history = await historyOf(storage, run);
  expect(history.moves).toEqual([move]);
  expect(marksIn(history, 'student')).toEqual([{ kind: 'backend', step: 2, label: 'WebGPU → WebAssembly' }]);
  expect(marksIn(history, 'teacher')).toEqual([]);
  expect(history.warnings).toMatchObject([
    { text: 'It was lost. The run goes on with WebAssembly from step 2; its last digits differ.' },
  ]);

  const again = await Journal.reopen(storage, run);
  expect(again.progress.moves).toEqual([move]);
  await save(again.journal, again.record, [step(5)], 5);
  expect((await readProgress(storage, run))!.moves).toEqual([move]);
});

it('a run that goes back to a state from before the move has not moved', async () => {
  await moved();
  const [kept] = (await readProgress(storage, run))!.kept;
  const { progress } = await Journal.reopen(storage, run, kept!.path);
  expect(progress.moves).toEqual([]);
  expect(lastBackend(progress)).toBe('webgpu');
});

it('a move that was not saved before the run broke off is none', async () => {
  await moved();
  await save(
    journal,
    record,
    moveEvents('Again.', { name: 'cpu', device: '' }, { ...place, from: 'wasm' }),
    null,
  );
  expect((await readProgress(storage, run))!.moves).toHaveLength(2);
  expect((await Journal.reopen(storage, run)).progress.moves).toEqual([move]);
});

it('the move leaves with the run as a file, whose version tells older pages that they cannot read it', async () => {
  const versionOf = async (file: Blob) => {
    const manifest = unzipSync(new Uint8Array(await file.arrayBuffer()))['manifest.json']!;
    return (JSON.parse(new TextDecoder().decode(manifest)) as Manifest).version;
  };
  expect(await versionOf(await writeRunFile(storage, run, true))).toBe(1);
  await moved();
  const file = await writeRunFile(storage, run, true);
  expect(await versionOf(file)).toBe(2);
  const elsewhere = await memoryStorage();
  const id = await readRunFile(elsewhere, file);
  expect((await readProgress(elsewhere, id))!.moves).toEqual([move]);
  expect((await historyOf(elsewhere, id)).moves).toEqual([move]);
});

it('what an older page stored has no moves, and a move that is none is left out', async () => {
  const older: Partial<RunProgress> = (await readProgress(storage, run))!;
  delete older.moves;
  expect(soundProgress(older as RunProgress).moves).toEqual([]);
  const spoiled = [null, { ...move, to: 'abacus' }, { ...move, step: -1 }, { ...move, phase: 7 }, move];
  expect(soundProgress({ ...older, moves: spoiled } as RunProgress).moves).toEqual([move]);
  expect(computedOn(null, [])).toBeNull();
  expect(computedOn(null, [{ ...move, phase: 'teacher', step: 7 }])).toBe(
    'WebGPU, from step 7 of the teacher WebAssembly',
  );
});
