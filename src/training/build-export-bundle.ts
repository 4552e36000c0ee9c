/** Builds the export bundle of a run: initial weights, rows, and losses of the first batch. */
import { targetsOf, type Dataset, type Split } from '../data/dataset';
import type { Hint } from '../distill/hints/hint';
import type { Feed, Feeds } from '../distill/modalities/input-source';
import { batchSplit, poolOf } from '../distill/material/batch-split';
import { BatchOrder } from '../distill/material/order';
import { meanOverLabelled } from '../distill/objective';
import { primaryScore } from '../distill/tasks/task';
import { Balance } from '../distill/weighting/balance';
import { tf, type Tensor } from '../engine/tf';
import { writeDown, writeNetwork } from '../nn/graph/emit';
import type { NamedArray } from '../nn/layouts';
import type { Network } from '../nn/network';
import { RandomStream } from '../random/streams';
import { logitsOf, type LogitsFn } from './evaluate';
import type { ExportBundle, SetAbout } from './export-bundle';
import { createHints } from './run-factories';
import type { Plan } from './plan';
import { uniformTrace } from './student-lines';
import { createStudentNetwork, writeStudent } from './student-network';
import { StudentPass } from './student-pass';
import { TeacherView } from './teacher-view';
import { teacherKinds } from './teachers/teacher-kinds';
import type { Teacher } from './teachers/teacher';
import { feedAbout } from './write-weights';

export interface ExportBundleSetup {
  plan: Plan;
  feeds: Feeds;
  /** The run's teacher, frozen; null when the recipe has none. */
  teacher: Teacher | null;
  /** The run's student. */
  student: Network;
  /** Weights to export in place of the student's present ones. */
  weights: NamedArray[] | null;
}

/**
 * The export bundle of a run with a finished teacher. Leaves the run unchanged.
 * Only for recipes whose hints need only the traces of a batch (see export/pytorch).
 */
export async function buildExportBundle(setup: ExportBundleSetup): Promise<ExportBundle> {
  const { plan, feeds, teacher } = setup;
  const { recipe, material, hintKeys } = plan;
  const start = createStudentNetwork(plan, RandomStream.fork(recipe.seed, 'init/student'));
  const network = teacher?.networks[0] ?? null;
  if (recipe.student.start === 'teacher' && network) start.module.copyFrom(network.module);
  const hints = createHints(plan, network);
  try {
    const { labelled, unlabelled, meta, validation, given } = material;
    const student = setup.weights ?? (await setup.student.module.exportState());
    const studentStart = await start.module.exportState();
    const first = await firstBatch(setup, start, hints);
    start.module.loadState(student);
    const score = await scores(setup, start);
    const hintsStart = await Promise.all(
      hints.map(async ({ module }, h) =>
        ((await module?.exportState()) ?? []).map((entry) => ({
          ...entry,
          name: `${hintKeys[h]}.${entry.name}`,
        })),
      ),
    );
    return {
      recipe,
      dataset: aboutOf(material.dataset),
      hintKeys: [...hintKeys],
      feed: feedAbout(plan, feeds.student),
      ...(feeds.teacher === feeds.student ? {} : { teacherFeed: feedAbout(plan, feeds.teacher) }),
      rows: { labelled, unlabelled, meta, validation },
      given,
      teachers: await teachersOf(setup),
      student,
      writtenStudent: writeStudent(plan),
      studentStart,
      hintsStart: hintsStart.flat(),
      firstBatch: first,
      score,
    };
  } finally {
    hints.forEach((hint) => hint.dispose());
    start.dispose();
  }
}

function aboutOf({ id, title, task, inputs, target, train, test, attribution }: Dataset): SetAbout {
  const outline = ({ count, targets, known }: Split) => ({ count, targets, known });
  return {
    ...{ id, title, task, inputs, target, train: outline(train), test: outline(test) },
    ...(attribution ? { attribution } : {}),
  };
}

async function teachersOf({ plan, teacher }: ExportBundleSetup): Promise<ExportBundle['teachers']> {
  const { kind } = plan.recipe.teacher;
  if (!teacher || kind === 'none') return [];
  const state = await teacher.state();
  const { input } = plan.teaching;
  const body = teacherKinds[kind].body?.(plan.teaching, state);
  return state.networks.map((weights, i) => {
    const { name } = teacher.networks[i]!;
    const written = body ? writeDown(body, input) : writeNetwork(name, input, plan.outputs);
    return { network: name, written, weights };
  });
}

/** On the whole test split. @param student with the exported weights */
async function scores(
  { plan, feeds, teacher }: ExportBundleSetup,
  student: Network,
): Promise<ExportBundle['score']> {
  const { material, outputs } = plan;
  const { dataset, task } = material;
  const { test } = dataset;
  const rows = Int32Array.from({ length: test.count }, (_, row) => row);
  const measure = async (answers: LogitsFn, { source, normalisation }: Feed) =>
    primaryScore(
      task,
      task.measure(await logitsOf(answers, source, test, rows, normalisation, outputs), targetsOf(test)),
    );
  return {
    student: await measure((images) => student.forward(images, { training: false }).logits, feeds.student),
    ...(teacher
      ? { teacher: await measure((images) => teacher.trace(images, false).logits, feeds.teacher) }
      : {}),
  };
}

async function firstBatch(
  { plan, feeds, teacher }: ExportBundleSetup,
  start: Network,
  hints: readonly Hint[],
): Promise<ExportBundle['firstBatch']> {
  const { recipe, material, hintKeys } = plan;
  const { rows, labelled } = firstRows(plan);
  const pool = poolOf(material);
  const seenBy = ({ source, normalisation }: Feed): Tensor =>
    tf.tensor(source.batch(material.dataset.train, rows, normalisation), [rows.length, ...source.shape]);
  const balance = new Balance(hints.length, false, 'export-bundle');
  const pass = new StudentPass(material.task, start, hints, balance, () => recipe);
  const shown = teacher && new TeacherView(teacher, recipe.teacher.knobs.corruption ?? 'none', rows.length);
  const losses = tf.tidy(() => {
    const inputs = seenBy(feeds.student);
    const teacherInputs = feeds.teacher === feeds.student ? inputs : seenBy(feeds.teacher);
    const { task } = material;
    const targets = tf.tensor2d(task.encode(material.given, rows), [rows.length, task.width]);
    const { taskLosses, raw } = pass.run(
      {
        inputs,
        teacherInputs,
        targets,
        labelled,
        rows: tf.tensor1d(
          rows.map((row) => pool.indexOf(row)),
          'int32',
        ),
        progress: tf.scalar(0),
        teacher: shown ? shown.trace(teacherInputs, true) : uniformTrace(rows.length, task.outputs),
        asked: shown,
      },
      { training: true },
    );
    const means = raw ? tf.unstack(tf.mean(raw, 0)) : [];
    return [meanOverLabelled(taskLosses, labelled), ...means];
  });
  const values = await Promise.all(losses.map(async (loss) => (await loss.data())[0]!));
  losses.forEach((loss) => loss.dispose());
  shown?.dispose();
  balance.dispose();
  const names = [material.task.about.loss.key, ...hintKeys];
  return {
    rows: Array.from(rows),
    losses: Object.fromEntries(values.map((value, i) => [names[i]!, value])),
  };
}

/** Rows of the student's first batch, labelled ones first. */
function firstRows({ recipe, material }: Plan): { rows: Int32Array; labelled: number } {
  const { batch } = recipe.schedule;
  const { labelled, unlabelled } = material;
  const fork = (name: string) => RandomStream.fork(recipe.seed, name);
  const split = batchSplit(material, batch);
  const first = new BatchOrder(labelled, split.labelled, fork('order/labelled')).next();
  if (unlabelled.length === 0) return { rows: first, labelled: first.length };
  const rest = new BatchOrder(unlabelled, split.unlabelled, fork('order/unlabelled')).next();
  return { rows: Int32Array.from([...first, ...rest]), labelled: first.length };
}
