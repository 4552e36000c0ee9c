/**
 * Validates rows of the database. They may come from an older page, from a file or from manual changes: an invalid
 * row must not make the list of runs unreadable. Invalid fields are left out.
 */
import type { TaskId } from '../data/dataset';
import { mostCharacters, shortened } from '../limits/texts';
import type { BackendMove, Learner, Phase } from '../training/events';
import { emptyCurve, type Curve } from '../record/summary';
import type {
  Checkpoint,
  DatasetRef,
  RunLabel,
  RunProgress,
  StoredFile,
  StoredState,
  StoredWeights,
} from './schema';

type IsNumber = (input: unknown) => input is number;
type Row = Record<string, unknown>;

/** Largest number of a run; the next one must be a valid number too. */
const mostNumber = 1e9;
/** Most moves of a run from one backend to another. */
const mostMoves = 100;

const phases: readonly Phase[] = ['teacher', 'generator', 'prelude', 'student'];
const states: readonly StoredState[] = ['open', 'finished', 'stopped', 'failed'];
const tasks: readonly TaskId[] = ['classification', 'regression', 'multilabel'];
const learners: readonly Learner[] = ['student', 'control', 'hard', 'full', 'rounded', 'teacher'];

const backends: readonly BackendMove['to'][] = ['webgpu', 'wasm', 'webgl', 'cpu'];

/** The recipe is left unchanged; callers read it with `readRecipe`. */
export function soundLabel(input: RunLabel): RunLabel {
  const row = rowOf(input);
  const { deletedAt, recipe, experiment } = row;
  return {
    id: text(row['id']),
    number: Math.min(Math.max(whole(row['number']), 1), mostNumber),
    name: shortened(text(row['name']), mostCharacters.name),
    note: shortened(text(row['note']), mostCharacters.notes),
    notes: shortened(text(row['notes']), mostCharacters.notes),
    recipe: rowOf(recipe) as unknown as RunLabel['recipe'],
    createdAt: number(row['createdAt']),
    deletedAt: typeof deletedAt === 'number' ? deletedAt : null,
    ...(typeof experiment === 'string' ? { experiment } : {}),
  };
}

export function soundProgress(input: RunProgress): RunProgress {
  const row = rowOf(input);
  const task = tasks.find((name) => name === row['task']);
  // Accuracies are shares; scores of other tasks may be any number.
  const isScore = (task ?? 'classification') === 'classification' ? isShare : isNumber;
  return {
    run: text(row['run']),
    writer: text(row['writer']),
    state: oneOf(states, row['state'], 'open'),
    phase: oneOf(phases, row['phase'], 'teacher'),
    step: whole(row['step']),
    steps: whole(row['steps']),
    backend: shortened(text(row['backend']), mostCharacters.label),
    moves: list(row['moves'], moveOf).slice(-mostMoves),
    dataset: datasetOf(row['dataset']),
    ...(task ? { task } : {}),
    ...(typeof row['unit'] === 'string' ? { unit: shortened(row['unit'], mostCharacters.label) } : {}),
    final: finalOf(row['final'], isScore),
    curve: curveOf(row['curve'], isScore),
    chunks: whole(row['chunks']),
    logBytes: whole(row['logBytes']),
    checkpoints: list(row['checkpoints'], checkpointOf),
    kept: list(row['kept'], checkpointOf),
    best: weightsOf(row['best']),
    weights: Object.fromEntries(
      learners.flatMap((learner) => {
        const file = weightsOf(rowOf(row['weights'])[learner]);
        return file ? [[learner, file]] : [];
      }),
    ),
    savedAt: number(row['savedAt']),
  };
}

function fileOf(input: unknown): StoredFile | null {
  const { path, bytes, digest } = rowOf(input);
  if (typeof path !== 'string' || typeof digest !== 'string' || !isCount(bytes)) return null;
  return { path, bytes, digest };
}

function checkpointOf(input: unknown): Checkpoint | null {
  const file = fileOf(input);
  const { phase, step, at, chunks } = rowOf(input);
  const known = phases.find((name) => name === phase);
  if (!file || !known || !isCount(step) || !isCount(chunks)) return null;
  return { ...file, phase: known, step, at: number(at), chunks };
}

function moveOf(input: unknown): BackendMove | null {
  const { phase, step, from, to } = rowOf(input);
  const [at, before, after] = [
    phases.find((name) => name === phase),
    backends.find((name) => name === from),
    backends.find((name) => name === to),
  ];
  if (!at || !before || !after || !isCount(step)) return null;
  return { phase: at, step, from: before, to: after };
}

function weightsOf(input: unknown): StoredWeights | null {
  const file = fileOf(input);
  const row = rowOf(input);
  const score = row['score'] ?? row['accuracy'];
  return file && { ...file, step: whole(row['step']), score: isNumber(score) ? score : null };
}

/**
 * A bundled set without a name when the reference is invalid: the run can be viewed, and resuming it reports what is
 * missing.
 */
function datasetOf(input: unknown): DatasetRef {
  const { kind, id, hash } = rowOf(input);
  if (kind === 'stored' && typeof hash === 'string') return { kind, hash };
  return { kind: 'bundled', id: shortened(text(id), mostCharacters.label) };
}

function finalOf(input: unknown, isScore: IsNumber): RunProgress['final'] {
  const row = rowOf(input);
  const measured = learners.flatMap((learner) => {
    const score = row[learner];
    return isScore(score) ? [[learner, score] as const] : [];
  });
  return measured.length > 0 ? Object.fromEntries(measured) : null;
}

function curveOf(input: unknown, isScore: IsNumber): Curve {
  const { steps, student, control } = rowOf(input);
  if (!Array.isArray(steps) || !steps.every(isCount)) return emptyCurve();
  const line = (values: unknown) =>
    steps.map((_, i) => {
      const value: unknown = Array.isArray(values) ? values[i] : null;
      return isScore(value) ? value : null;
    });
  return { steps, student: line(student), control: line(control) };
}

function rowOf(input: unknown): Row {
  return typeof input === 'object' && input !== null ? (input as Row) : {};
}

function list<T>(input: unknown, read: (item: unknown) => T | null): T[] {
  return Array.isArray(input) ? input.map(read).filter((item) => item !== null) : [];
}

function oneOf<T extends string>(known: readonly T[], input: unknown, otherwise: T): T {
  return known.find((name) => name === input) ?? otherwise;
}

const isCount = (input: unknown): input is number => Number.isSafeInteger(input) && (input as number) >= 0;
const isShare: IsNumber = (input): input is number => typeof input === 'number' && input >= 0 && input <= 1;
const isNumber: IsNumber = (input): input is number => typeof input === 'number' && Number.isFinite(input);
const whole = (input: unknown) => (isCount(input) ? input : 0);
const number = (input: unknown) => (typeof input === 'number' && Number.isFinite(input) ? input : 0);
const text = (input: unknown) => (typeof input === 'string' ? input : '');
