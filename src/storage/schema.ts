/** The IndexedDB stores: small data of each run, and references to large files. */
import type { DBSchema, IDBPDatabase } from 'idb';
import type { Attribution, Dataset, TaskId } from '../data/dataset';
import type { Recipe } from '../distill/recipe';
import type { BackendMove, Learner, Phase } from '../training/events';
import type { Curve } from '../record/summary';
import type { LogEntry } from './event-log';

export type RunId = string;

/** The user's data of a run; written by the page. */
export interface RunLabel {
  id: RunId;
  number: number;
  name: string;
  /** Note of the example that the run came from. */
  note: string;
  /** The user's notes. */
  notes: string;
  /** As started. */
  recipe: Recipe;
  /** Milliseconds since 1970 */
  createdAt: number;
  /** When it was deleted; it can be restored until it is purged. */
  deletedAt: number | null;
  /** The experiment that it is a cell of; missing for a run of its own. */
  experiment?: string | null;
}

/** A file with its checksum. */
export interface StoredFile {
  path: string;
  bytes: number;
  /** See `digestOf`. */
  digest: string;
}

/** A state from which the run can be resumed. */
export interface Checkpoint extends StoredFile {
  phase: Phase;
  /** Steps done in its phase. */
  step: number;
  /** Milliseconds since 1970 */
  at: number;
  /** The chunks before this one hold all events up to here. */
  chunks: number;
}

/** Weights of one network as a safetensors file. */
export interface StoredWeights extends StoredFile {
  step: number;
  /** The task's first score, for which it was kept; null for the weights at the end. Rows of older pages: `accuracy`. */
  score: number | null;
}

/** The data set of a run. */
export type DatasetRef = { kind: 'bundled'; id: string } | { kind: 'stored'; hash: string };

/** "open": under way, or interrupted when its lock is free. */
export type StoredState = 'open' | 'finished' | 'stopped' | 'failed';

/** Progress of a run; written by the worker that carries it out. */
export interface RunProgress {
  run: RunId;
  /** Id of the worker that writes; no other may. */
  writer: string;
  state: StoredState;
  phase: Phase;
  step: number;
  /** Planned steps of the student. */
  steps: number;
  /** Backend on which it began. */
  backend: string;
  /** Backends on which it was resumed. */
  moves: BackendMove[];
  dataset: DatasetRef;
  /** Missing in rows of older pages, which knew classification alone. */
  task?: TaskId;
  /** Unit of the task's first score, where that is the target's; missing in rows of older pages. */
  unit?: string;
  /** The task's first score on the test split at the end */
  final: Partial<Record<Learner, number>> | null;
  /** Curve of the thumbnail. */
  curve: Curve;
  /** Number of chunks of the log. */
  chunks: number;
  logBytes: number;
  /** Newest first, two at most. */
  checkpoints: Checkpoint[];
  /** States that the user keeps. */
  kept: Checkpoint[];
  /** The student's best measured weights. */
  best: StoredWeights | null;
  /** At the end of the run. */
  weights: Partial<Record<Learner, StoredWeights>>;
  savedAt: number;
}

/** Events between two checkpoints. */
export interface LogChunk {
  run: RunId;
  /** 0, 1, 2, ... */
  place: number;
  entries: LogEntry[];
}

/** A data set of the user's own, stored once however many runs use it. */
export interface StoredDataset extends StoredFile {
  hash: string;
  title: string;
  train: number;
  test: number;
  /** [height, width, channels] of images; [1, columns, 1] of vectors */
  shape: [number, number, number];
  /** Names of the target. */
  classes: number;
  /** Missing for images with a class each. */
  inputs?: Dataset['inputs'];
  target?: Dataset['target'];
  attribution?: Attribution;
  at: number;
  /** When the user last kept it; null or missing: it is stored only for the runs that use it. */
  keptAt?: number | null;
  /** When it was imported, while it is not known whether the user takes it. */
  offeredAt?: number | null;
}

/** A file that the user dropped, by name. */
export interface TeacherFile {
  path: string;
  bytes: Uint8Array;
}

/** Description of an imported teacher. */
export interface ImportedTeacher {
  /** Checksum of the files; its name in recipes. */
  id: string;
  /** Of the files. */
  name: string;
  network: string;
  normalisation: { mean: number; deviation: number };
  /** Kind of its outputs. */
  answers: 'logits' | 'log-probabilities' | 'probabilities';
  /** Its score on the test split of a data set (the training split, where it has no answers for the other): an accuracy is 0..1. */
  accuracy: number;
  /** On how many instances it was measured, where these are a part of the split. */
  measured?: number;
  /**
   * How many classes a network has learned that are not those of the set, so that it shows its features alone; `accuracy` is
   * then that of the nearest mean of a class among its features.
   */
  otherClasses?: number;
  /** Of recorded answers: whose they are, with their score on each split. */
  members?: { name: string; train: number; test: number | null }[];
  /** Of recorded answers: what the numbers can be. */
  kinds?: ImportedTeacher['answers'][];
  /** Of recorded answers: the features beside them, as a recipe names them. */
  maps?: string;
  /** Title of that data set. */
  dataset: string;
  /** Sentences for the user before it is used. */
  notes: string[];
}

/** A teacher of the user's own, stored once however many runs use it. */
export interface StoredTeacher extends StoredFile {
  id: string;
  about: ImportedTeacher;
  at: number;
}

/** A teacher that was trained here, kept for other runs with the events of its training. */
export interface KeptTeacherRow extends StoredFile {
  /** Digest of its key (`distill/teachers/teacher-key.ts`). */
  id: string;
  /** Kind and networks, for the user. */
  name: string;
  /** Title of the recipe that it was trained in. */
  recipe: string;
  /** Id or digest of the data set. */
  dataset: string;
  seed: number;
  backend: string;
  /** Milliseconds since 1970 */
  at: number;
  usedAt: number;
  /** Runs that took it up, the one that trained it not counted. */
  uses: number;
}

/** A cell of a stored experiment. */
export interface StoredCell {
  /** Index into the entries of the file. */
  entry: number;
  seed: number;
  /** Null before it is begun. */
  run: RunId | null;
  /** Its `CellResult` once it is over. */
  result: object | null;
}

export interface StoredExperiment {
  id: string;
  name: string;
  /** As `readExperiment` takes it. */
  file: unknown;
  /** Digest of the user's own set that its recipes are trained on; null for bundled sets. */
  dataset: string | null;
  /** Milliseconds since 1970 */
  createdAt: number;
  /** "running" without a tab that holds its lock: it was interrupted. */
  state: 'running' | 'paused' | 'stopped' | 'ended';
  /** All of its cells, in their order. */
  cells: StoredCell[];
}

export interface Schema extends DBSchema {
  runs: { key: RunId; value: RunLabel };
  progress: { key: RunId; value: RunProgress };
  log: { key: [RunId, number]; value: LogChunk };
  datasets: { key: string; value: StoredDataset };
  teachers: { key: string; value: StoredTeacher };
  keptTeachers: { key: string; value: KeptTeacherRow };
  experiments: { key: string; value: StoredExperiment };
}

export type Database = IDBPDatabase<Schema>;

/** The backend that a run was last computed on. */
export function lastBackend({ backend, moves }: RunProgress): BackendMove['to'] {
  return moves.at(-1)?.to ?? (backend as BackendMove['to']);
}

/** Bytes of a run's files and log. */
export function bytesOf(progress: RunProgress): number {
  const files = [...progress.checkpoints, ...progress.kept, ...Object.values(progress.weights)];
  if (progress.best) files.push(progress.best as StoredWeights & Checkpoint);
  return files.reduce((sum, { bytes }) => sum + bytes, progress.logBytes);
}
