/** Small things: what IndexedDB holds of a run, and how large things are referred to. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Attribution } from '../data/labelled-images';
import type { Recipe } from '../distill/recipe';
import type { BackendMove, Learner, Phase } from '../training/events';
import type { Curve } from '../record/summary';
import type { LogEntry } from './event-log';
import { untilNoRun, type Locks } from './locks';

export type RunId = string;

/** What a person gave a run; written by the page. */
export interface RunLabel {
  id: RunId;
  number: number;
  name: string;
  /** What the example it came from says about it. */
  note: string;
  /** The person's own words. */
  notes: string;
  /** As started. */
  recipe: Recipe;
  /** Milliseconds since 1970 */
  createdAt: number;
  /** When it was deleted; it can be taken back until it is purged. */
  deletedAt: number | null;
}

/** A file and how to know that it is whole. */
export interface StoredFile {
  path: string;
  bytes: number;
  /** See `digestOf`. */
  digest: string;
}

/** A state of the run to go on from. */
export interface Checkpoint extends StoredFile {
  phase: Phase;
  /** Steps done in its phase. */
  step: number;
  /** Milliseconds since 1970 */
  at: number;
  /** The log holds all that was told up to here in the chunks before this one. */
  chunks: number;
}

/** Weights of one network as a safetensors file. */
export interface StoredWeights extends StoredFile {
  step: number;
  /** Accuracy for which it was kept, 0..1; null for those of the end. */
  accuracy: number | null;
}

/** What a run studies. */
export type DatasetRef = { kind: 'bundled'; id: string } | { kind: 'stored'; hash: string };

/** "open": under way, or broken off when nobody holds its lock. */
export type StoredState = 'open' | 'finished' | 'stopped' | 'failed';

/** How far a run has come; written by the worker that carries it out. */
export interface RunProgress {
  run: RunId;
  /** Names the worker that writes; another one must not. */
  writer: string;
  state: StoredState;
  phase: Phase;
  step: number;
  /** Planned steps of the student. */
  steps: number;
  /** What it was begun on. */
  backend: string;
  /** Backends that it went on with. */
  moves: BackendMove[];
  dataset: DatasetRef;
  /** Test accuracy at the end, 0..1 */
  final: Partial<Record<Learner, number>> | null;
  /** The thumbnail. */
  curve: Curve;
  /** Chunks of the log. */
  chunks: number;
  logBytes: number;
  /** The newest first, two at most. */
  checkpoints: Checkpoint[];
  /** Those that a person asked for. */
  kept: Checkpoint[];
  /** The student's best measured weights. */
  best: StoredWeights | null;
  /** At the end of the run. */
  weights: Partial<Record<Learner, StoredWeights>>;
  savedAt: number;
}

/** What was told between two checkpoints. */
export interface LogChunk {
  run: RunId;
  /** 0, 1, 2, ... */
  place: number;
  entries: LogEntry[];
}

/** A data set of the person's own, kept once however many runs study it. */
export interface StoredDataset extends StoredFile {
  hash: string;
  title: string;
  train: number;
  test: number;
  shape: [number, number, number];
  classes: number;
  attribution?: Attribution;
  at: number;
  /** When the person last took it for their own; null or missing: it is only there for the runs that use it. */
  keptAt?: number | null;
  /** When it was imported, until it is known whether it is taken. */
  offeredAt?: number | null;
}

/** A file that a person has dropped, by name. */
export interface TeacherFile {
  path: string;
  bytes: Uint8Array;
}

/** A teacher from the person's own files, as it was found. */
export interface BroughtTeacher {
  /** Checksum of the files: what a recipe calls it. */
  id: string;
  /** Of the files. */
  name: string;
  network: string;
  normalisation: { mean: number; deviation: number };
  /** What it gives. */
  answers: 'logits' | 'probabilities';
  /** On the test images of a data set, 0..1 */
  accuracy: number;
  /** Title of that data set. */
  dataset: string;
  /** Sentences worth reading before it is used. */
  notes: string[];
}

/** A teacher of the person's own, kept once however many runs it teaches. */
export interface StoredTeacher extends StoredFile {
  id: string;
  about: BroughtTeacher;
  at: number;
}

interface Schema extends DBSchema {
  runs: { key: RunId; value: RunLabel };
  progress: { key: RunId; value: RunProgress };
  log: { key: [RunId, number]; value: LogChunk };
  datasets: { key: string; value: StoredDataset };
  teachers: { key: string; value: StoredTeacher };
}

export type Database = IDBPDatabase<Schema>;

/** Rises when stores change; older databases are brought up in `upgrade`. */
const databaseVersion = 2;

export interface OpenOptions {
  /** Called when the browser closes it: the storage was cleared, or a newer page wants to change it. */
  onLost: () => void;
  /** Called when another tab has a run going that a change of the stores would break off. */
  onWait?: () => void;
  locks: Locks;
  /** There for tests. */
  version?: number;
}

/**
 * A change of the stores waits for the runs of all tabs: opening it anew closes it in every tab.
 * @throws DOMException where the browser has none or denies it
 */
export async function openDatabase(
  name: string,
  { onLost, onWait = () => undefined, locks, version = databaseVersion }: OpenOptions,
): Promise<Database> {
  const known = await storedVersion(name);
  if (known > 0 && known < version) await untilNoRun(locks, onWait);
  const database: Database = await openDB<Schema>(name, version, {
    blocked: onWait,
    upgrade(fresh, from) {
      if (from < 1) {
        fresh.createObjectStore('runs', { keyPath: 'id' });
        fresh.createObjectStore('progress', { keyPath: 'run' });
        fresh.createObjectStore('log', { keyPath: ['run', 'place'] });
        fresh.createObjectStore('datasets', { keyPath: 'hash' });
      }
      if (from < 2) fresh.createObjectStore('teachers', { keyPath: 'id' });
    },
    terminated: onLost,
    blocking() {
      void untilNoRun(locks).then(() => {
        database.close();
        onLost();
      });
    },
  });
  return database;
}

/** 0 when there is none, or the browser does not say. */
async function storedVersion(name: string): Promise<number> {
  const all = (await indexedDB.databases?.().catch(() => null)) ?? [];
  return all.find((known) => known.name === name)?.version ?? 0;
}

/** What a run was computed on last. */
export function lastBackend({ backend, moves }: RunProgress): BackendMove['to'] {
  return moves.at(-1)?.to ?? (backend as BackendMove['to']);
}

/** Bytes that a run takes in the origin-private file system and its log. */
export function bytesOf(progress: RunProgress): number {
  const files = [...progress.checkpoints, ...progress.kept, ...Object.values(progress.weights)];
  if (progress.best) files.push(progress.best as StoredWeights & Checkpoint);
  return files.reduce((sum, { bytes }) => sum + bytes, progress.logBytes);
}
