/** Tracked samples: a fixed sample of the student's images, measured over the whole run. */
import { pickTargets, targetsOf, type Split, type Targets } from '../data/dataset';
import { tf } from '../engine/tf';
import { mostCharacters, shortened } from '../limits/texts';
import { poolOf } from '../distill/material/batch-split';
import type { Material } from '../distill/material/material';
import { ImageSource } from '../distill/modalities/image/image-source';
import type { InputSource } from '../distill/modalities/input-source';
import type { Weighting } from '../distill/weighting/weighting';
import type { Network } from '../nn/network';
import { RandomStream } from '../random/streams';
import type { StudentBatches } from './batches';
import { mostTogether, stratifiedSample } from './evaluate';
import type { MethodView } from '../distill/views';
import type { MethodViewTensors } from '../distill/hints/hint';
import type { Plan } from './plan';
import type { InstanceSnapshot, Learner, TrackedSamples } from './events';
import type { StudentBatch, StudentPass } from './student-pass';
import type { KeptTrace } from './kept-trace';
import { uniformTrace } from './student-lines';
import type { TeacherView } from './teacher-view';
import type { View } from '../distill/views';

/**
 * Rows of the training split to track, balanced over the true classes, labelled and unlabelled alike.
 * @param size numbers of one instance
 */
export function trackedRows(material: Material, seed: number, size: number): Int32Array {
  const { task, dataset, made, labelled } = material;
  // Generated images are not there yet.
  const pool = made === 'generated' ? labelled : poolOf(material);
  return stratifiedSample(
    pool,
    task.strata(targetsOf(dataset.train)),
    mostTogether(size),
    RandomStream.fork(seed, 'watched'),
  );
}

/** The samples as they are shown: what the teacher sees, and what the student sees where that is something else. */
export function trackedSamples(
  { material, source, teaching, teacher }: Plan,
  rows: Int32Array,
): TrackedSamples {
  const { train } = material.dataset;
  const differ =
    teacher !== null &&
    source !== teaching.source &&
    source instanceof ImageSource &&
    teaching.source instanceof ImageSource;
  return {
    images: Array.from(rows, (index) => ({
      index,
      trueLabel: classAt(targetsOf(train), index),
      givenLabel: classAt(material.given, index),
      ...namedAs(train.sources?.names?.[index]),
    })),
    ...shownInputs(differ ? teaching.source : source, train, rows),
    ...(differ ? { student: stackOf(source, train, rows) } : {}),
    ...shownTargetsOf(material, rows),
  };
}

const namedAs = (name: string | undefined) => (name ? { name: shortened(name, mostCharacters.label) } : {});

function stackOf(source: ImageSource, split: Split, rows: Int32Array) {
  const { height, width, channels } = source;
  return { height, width, channels, pixels: source.pictures(split, rows) };
}

/** Targets that are no class, which has its place beside the row's number. */
function shownTargetsOf(
  { task, dataset, given }: Material,
  rows: Int32Array,
): Pick<TrackedSamples, 'targets'> {
  if (task.oneOfMany) return {};
  return { targets: { truth: numbersOf(targetsOf(dataset.train), rows), given: numbersOf(given, rows) } };
}

/** [rows*width], NaN where none is known */
function numbersOf(targets: Targets, rows: Int32Array): Float32Array {
  const { values, width, known } = pickTargets(targets, rows);
  return Float32Array.from(values, (value, i) => (known[Math.floor(i / width)] === 1 ? value : NaN));
}

/** The inputs as they are shown: pixels, or the numbers of each row. */
function shownInputs(source: InputSource, split: Split, rows: Int32Array): Omit<TrackedSamples, 'images'> {
  if (source instanceof ImageSource) return stackOf(source, split, rows);
  const { spec, size, view } = source;
  const { values } = split.inputs[view.input]!;
  const vectors = Float32Array.from({ length: rows.length * size }, (_, i) =>
    Number(values[rows[Math.floor(i / size)]! * size + (i % size)]),
  );
  const names = spec.kind === 'vector' ? spec.names : [];
  return { height: 0, width: 0, channels: 0, pixels: new Uint8Array(), vectors: { names, values: vectors } };
}

/** Class number of a row; -1 where none is known, or the target is no class. */
function classAt({ values, known }: Targets, row: number): number {
  return known[row] === 1 && values instanceof Int32Array ? values[row]! : -1;
}

/** The method view of a hint on the tracked samples. */
interface HintView {
  hint: number;
  view: MethodViewTensors;
}

export interface TrackedSetup {
  rows: Int32Array;
  material: Material;
  batches: StudentBatches;
  teacher: TeacherView | null;
  /** What the teacher says of the rows; null where it is asked anew. */
  kept: KeptTrace | null;
  pass: StudentPass;
  weighting: Weighting;
  hintKeys: readonly string[];
  /** Further networks whose predictions are shown. */
  others: readonly { learner: Learner; network: Network }[];
}

/**
 * The tensors of a snapshot by name, in the caller's tidy: losses, weights and logits of the tracked samples, and method
 * views, in evaluation mode. Leaves the run unchanged.
 */
export function trackedNumbers(
  { rows, material, batches, teacher, kept, pass, weighting, others }: TrackedSetup,
  progress: number,
): { numbers: Record<string, tf.Tensor>; views: HintView[] } {
  const { task } = material;
  const batch = trackedBatch({ rows, material, batches, teacher, kept }, progress);
  const { inputs: pixels, teacher: trace } = batch;
  const forward = pass.run(batch, { training: false });
  const views = pass.methodViews(batch, forward.trace);
  // Without a given label, the loss against the true label is shown.
  const shown = tf.tensor2d(task.encode(shownTargets(material), rows), [rows.length, task.width]);
  const ce = task.shownLosses(forward.trace.logits, shown);
  const weighed = forward.raw ? weighting.weigh(pass.instances(batch, forward), false) : null;
  const spread = weighed?.spreads;
  const numbers: Record<string, tf.Tensor> = {
    ce,
    student: forward.trace.logits,
    ...(forward.raw ? { raw: forward.raw } : {}),
    ...(weighed ? { weights: tf.add(weighed.weights, tf.zeros([rows.length, 1])) } : {}),
    ...(spread ? { spread } : {}),
    ...(teacher && !teacher.teacher.featuresOnly ? { teacher: trace.logits.clone() } : {}),
    ...Object.fromEntries(views.flatMap(tensorsOf)),
    ...Object.fromEntries(
      others.map(({ learner, network }) => [learner, network.forward(pixels, { training: false }).logits]),
    ),
  };
  return { numbers, views };
}

export type BatchParts = Pick<TrackedSetup, 'rows' | 'material' | 'batches' | 'teacher' | 'kept'>;

/** As the student is given them; where it has none, the true ones. */
export function shownTargets({ given, dataset }: Material): Targets {
  const truth = targetsOf(dataset.train);
  const values = truth.values.slice();
  const { width } = truth;
  given.known.forEach((known, row) => {
    if (known === 1) values.set(given.values.subarray(row * width, (row + 1) * width), row * width);
  });
  return { ...truth, values };
}

/** Rows of the training split as one batch, with the teacher's trace of them; in the caller's tidy. */
export function trackedBatch(
  { rows, material, batches, teacher, kept }: BatchParts,
  progress: number,
): StudentBatch {
  const { task } = material;
  const arrays = batches.of(rows);
  const inputs = batches.images(arrays);
  const teacherInputs = batches.sameView ? inputs : batches.teacherImages(arrays);
  const targets = tf.tensor2d(arrays.targets, [rows.length, task.width]);
  return {
    inputs,
    teacherInputs,
    targets,
    labelled: rows.length,
    rows: tf.tensor1d(arrays.rows, 'int32'),
    teacher:
      kept?.of(teacherInputs) ??
      teacher?.trace(teacherInputs, false) ??
      uniformTrace(rows.length, task.outputs),
    asked: teacher,
    progress: tf.scalar(progress),
  };
}

/**
 * What the hints show of the watched images, with their knobs as the recipe has them when this is called: all ops are
 * issued before the first wait. Changes nothing.
 */
export async function hintViews(parts: TrackedSetup, progress: number): Promise<MethodView[]> {
  const views: HintView[] = [];
  const numbers = tf.tidy(() => {
    const batch = trackedBatch(parts, progress);
    const trace = parts.pass.network.forward(batch.inputs, { training: false });
    views.push(...parts.pass.methodViews(batch, trace));
    return Object.fromEntries(views.flatMap(tensorsOf));
  });
  const read = await readAll(numbers);
  return views.map((view) => viewOf(view, parts.hintKeys, read));
}

/** Tensors by name, read back together and disposed. */
export async function readAll(tensors: Record<string, tf.Tensor>): Promise<Record<string, Float32Array>> {
  const read = Object.fromEntries(
    await Promise.all(
      Object.entries(tensors).map(async ([name, tensor]) => [name, await tensor.data<'float32'>()] as const),
    ),
  );
  tf.dispose(tensors);
  return read;
}

function viewOf(
  { hint, view }: HintView,
  hintKeys: readonly string[],
  read: Readonly<Record<string, Float32Array>>,
): MethodView {
  return {
    view: 'look',
    title: hintKeys[hint]!,
    line: view.line,
    panels: view.panels.map(({ values, ...panel }, p) => ({
      ...panel,
      shape: values.shape,
      values: Float32Array.from(read[panelName(hint, p)]!),
    })),
  };
}

/**
 * `watchedNumbers` read back, as events tell them, and what the teacher shows of itself; `moves` [N*2*D] normalised, where a
 * hint has moved rows.
 */
export async function snapshot(
  parts: TrackedSetup,
  step: number,
  progress: number,
): Promise<{ instances: InstanceSnapshot; views: View[]; moves: Float32Array | null }> {
  const { rows, material, hintKeys, others } = parts;
  const { task } = material;
  const views: HintView[] = [];
  const numbers = tf.tidy(() => {
    const seen = trackedNumbers(parts, progress);
    views.push(...seen.views);
    return seen.numbers;
  });

  const read = await readAll(numbers);
  const columns = (name: string): Record<string, number[]> => {
    const values = read[name];
    if (!values) return {};
    return Object.fromEntries(
      hintKeys.map((key, h) => [key, Array.from(rows, (_, i) => values[i * hintKeys.length + h]!)]),
    );
  };
  const learners: Learner[] = [
    'student',
    ...(read['teacher'] ? ['teacher' as const] : []),
    ...others.map((o) => o.learner),
  ];
  const shown = Object.fromEntries(
    learners.map((learner) => [learner, Array.from(task.shown(read[learner]!))]),
  );
  const instances: InstanceSnapshot = {
    step,
    losses: { [task.about.loss.key]: Array.from(read['ce']!), ...columns('raw') },
    weights: columns('weights'),
    spreads: columns('spread'),
    ...(task.oneOfMany ? { probabilities: shown } : { probabilities: {}, answers: shown }),
    ...(read['teacher'] ? { fidelity: task.fidelity(read['student']!, read['teacher']) } : {}),
  };
  const methodViews = views.map((view) => viewOf(view, hintKeys, read));
  const moved = views.find(({ view }) => view.moves);
  return {
    instances,
    views: [...methodViews, ...(await teacherViews(parts))],
    moves: moved ? Float32Array.from(read[movesName(moved.hint)]!) : null,
  };
}

const panelName = (hint: number, panel: number) => `view/${hint}/${panel}`;

const movesName = (hint: number) => `moves/${hint}`;

/** A view's tensors under unique names, so that all are read back together. */
function tensorsOf({ hint, view }: HintView): [string, tf.Tensor][] {
  const { panels, moves } = view;
  const named = panels.map(({ values }, p): [string, tf.Tensor] => [panelName(hint, p), values.clone()]);
  return moves ? [...named, [movesName(hint), moves.clone()]] : named;
}

async function teacherViews({ teacher, batches, rows }: TrackedSetup): Promise<View[]> {
  if (!teacher?.teacher.views) return [];
  const images = batches.teacherImages(batches.of(rows));
  try {
    return await teacher.teacher.views(images, rows);
  } finally {
    images.dispose();
  }
}
