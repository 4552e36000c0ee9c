/** Builds the export bundle of a run: initial weights, rows, and losses of the first batch. */
import { showsStrongView } from '../distill/recipe';
import { changesImages } from '../distill/material/about';
import { targetsOf, type Dataset, type Split } from '../data/dataset';
import type { Hint } from '../distill/hints/hint';
import type { Feed, Feeds } from '../distill/modalities/input-source';
import { meanOverLabelled } from '../distill/objective';
import { primaryScore } from '../distill/tasks/task';
import { Balance } from '../distill/weighting/balance';
import { precisionOf } from '../distill/students/precision';
import { tf } from '../engine/tf';
import { isRounded } from '../nn/graph/emit';
import type { NamedArray } from '../nn/layouts';
import type { Network } from '../nn/network';
import { RandomStream } from '../random/streams';
import { StudentBatches } from './batches';
import { logitsOf, type LogitsFn } from './evaluate';
import type { ExportBundle, SetAbout } from './export-bundle';
import { leavingAnswers } from './leaving-answers';
import { leavingHints } from './leaving-hints';
import { prepareHints, surveyPool } from './prepare-hints';
import { createHints, createWeighting } from './run-factories';
import type { Plan } from './plan';
import { seenRows } from './step-inputs';
import { uniformTrace } from './student-lines';
import { createStudentNetwork, writeStudent } from './student-network';
import { StudentPass } from './student-pass';
import { teacherApart } from './teacher-apart';
import { TeacherView } from './teacher-view';
import { FrozenTeacher } from './teachers/frozen-teacher';
import { teacherKinds } from './teachers/teacher-kinds';
import type { StoppedState } from './stopped-state';
import type { LeavingParts, Teacher } from './teachers/teacher';
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
  /** Where the student stands; null where the run is not to go on from there. */
  stopped: StoppedState | { why: string } | null;
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
  const hints = createHints(plan, teacher instanceof FrozenTeacher ? network : null);
  const started = await startedTeacher(setup);
  try {
    const { labelled, unlabelled, meta, validation, given } = material;
    const student = setup.weights ?? (await setup.student.module.exportState());
    const studentStart = await start.module.exportState();
    const first = await firstBatch(setup, started ?? teacher, start, hints);
    start.module.loadState(student);
    const score = await scores(setup, start);
    const { cannotGoOn, ...teachers } = await teachersOf(setup, started);
    const hintsStart = await leavingHints(hints, hintKeys);
    const answers = await leavingAnswers(plan, feeds, teacher, hints);
    return {
      recipe,
      dataset: aboutOf(material.dataset),
      ...(changesImages(recipe.material) ? { studied: material.dataset } : {}),
      hintKeys: [...hintKeys],
      feed: feedAbout(plan, feeds.student),
      ...(feeds.teacher === feeds.student || answers ? {} : { teacherFeed: feedAbout(plan, feeds.teacher) }),
      rows: { labelled, unlabelled, meta, validation },
      given,
      ...teachers,
      ...(answers ? { answers } : {}),
      copies: copiesOf(teacher),
      ...(setup.stopped ? { stopped: cannotGoOn ? { why: cannotGoOn } : setup.stopped } : {}),
      student,
      precision: isRounded(writeStudent(plan)) ? precisionOf(recipe.student) : null,
      studentStart,
      hintsStart,
      weightingStart: await weightingStart(plan),
      strongView: showsStrongView(recipe.hints),
      firstBatch: first,
      score,
    };
  } finally {
    hints.forEach((hint) => hint.dispose());
    start.dispose();
    started?.dispose();
  }
}

function aboutOf({ id, title, task, inputs, target, train, test, attribution }: Dataset): SetAbout {
  const outline = ({ count, targets, known }: Split) => ({ count, targets, known });
  return {
    ...{ id, title, task, inputs, target, train: outline(train), test: outline(test) },
    ...(attribution ? { attribution } : {}),
  };
}

/** @param started the teacher before its first step, where it learns in the student's */
async function teachersOf(
  { plan, teacher }: ExportBundleSetup,
  started: Teacher | null,
): Promise<Pick<ExportBundle, 'teachers' | 'route'> & Pick<LeavingParts, 'cannotGoOn'>> {
  const { kind } = plan.recipe.teacher;
  if (!teacher || kind === 'none') return { teachers: [] };
  const module = teacherKinds[kind];
  const partsOf = async (of: Teacher) => {
    const state = await of.state();
    const parts: LeavingParts = module.leaves?.(state, plan.teaching) ?? { networks: state.networks };
    return { state, ...parts };
  };
  const { state, networks, route, cannotGoOn } = await partsOf(teacher);
  const start = started && (await partsOf(started)).networks;
  const composed = module.parts?.(plan.teaching, state);
  const teachers = networks.map((weights, i) => {
    // A route has the states of one network.
    const { name } = teacher.networks[i] ?? teacher.networks[0]!;
    return {
      ...{ network: name, weights },
      ...(composed ? { parts: composed } : {}),
      ...(start ? { start: start[i]! } : {}),
    };
  });
  return { teachers, ...(route ? { route } : {}), ...(cannotGoOn ? { cannotGoOn } : {}) };
}

/** See `ExportBundle.copies`. */
const copiesOf = (teacher: Teacher | null): number =>
  teacher?.turns?.copies ? teacher.turns.members.length : 1;

/** A teacher that learns in the student's steps, as it begins; null for others. The caller disposes it. */
async function startedTeacher({ plan, feeds, teacher }: ExportBundleSetup): Promise<Teacher | null> {
  if (!teacher?.learning) return null;
  const apart = teacherApart(plan, feeds, {
    fetchAsset: () => Promise.reject(new Error('A teacher that learns beside the student reads no files.')),
    importedFiles: () => Promise.resolve(null),
  });
  if (!apart) return null;
  const builder = apart.module.build(apart.setup);
  const { value } = await builder.ticks().next();
  builder.dispose();
  return value as Teacher;
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
    ...(teacher && !teacher.featuresOnly && !teacher.unmeasured
      ? { teacher: await measure((images) => teacher.trace(images, false).logits, feeds.teacher) }
      : {}),
  };
}

async function firstBatch(
  { plan, feeds }: ExportBundleSetup,
  teacher: Teacher | null,
  start: Network,
  hints: readonly Hint[],
): Promise<ExportBundle['firstBatch']> {
  const { recipe, material, hintKeys } = plan;
  const batches = new StudentBatches({
    ...{ material, seen: seenRows(feeds, material.dataset.train), batch: recipe.schedule.batch },
    ...{ seed: recipe.seed, shift: 0, flip: false, strongView: false, partners: plan.partners },
    copies: copiesOf(teacher),
  });
  const drawn = batches.next();
  const { trainRows: rows, rows: poolRows, members } = drawn;
  const balance = new Balance(hints.length, false, 'export-bundle');
  const pass = new StudentPass(material.task, start, hints, balance, () => recipe);
  const shown = teacher && new TeacherView(teacher, recipe.teacher.knobs.corruption ?? 'none', rows.length);
  if (shown) await surveyPool(hints, shown, { plan, feeds });
  prepareHints(hints, plan, { rows: poolRows, step: 1, rate: 1 });
  shown?.takeTurns(1, members ?? new Int32Array(rows.length));
  const losses = tf.tidy(() => {
    const inputs = batches.images(drawn);
    const teacherInputs = batches.sameView ? inputs : batches.teacherImages(drawn);
    const { task } = material;
    const { taskLosses, raw } = pass.run(
      {
        inputs,
        teacherInputs,
        targets: tf.tensor2d(drawn.targets, [rows.length, task.width]),
        labelled: batches.givenSize,
        rows: tf.tensor1d(poolRows, 'int32'),
        progress: tf.scalar(0),
        teacher: shown ? shown.trace(teacherInputs, true) : uniformTrace(rows.length, task.outputs),
        asked: shown,
        apart: plan.teacher?.apart ?? false,
      },
      { training: true },
    );
    const means = raw ? tf.unstack(tf.mean(raw, 0)) : [];
    return [meanOverLabelled(taskLosses, batches.givenSize), ...means];
  });
  const values = await Promise.all(losses.map(async (loss) => (await loss.data())[0]!));
  losses.forEach((loss) => loss.dispose());
  shown?.dispose();
  balance.dispose();
  const names = [material.task.about.loss.key, ...hintKeys];
  return {
    rows: Array.from(rows),
    ...(drawn.shown ? { partners: Array.from(drawn.shown.trainRows) } : {}),
    ...(teacher?.turns?.copies ? { members: Array.from(members!) } : {}),
    labelled: batches.givenSize,
    losses: Object.fromEntries(values.map((value, i) => [names[i]!, value])),
  };
}

/** First values of a weighting that learns. */
async function weightingStart(plan: Plan): Promise<NamedArray[]> {
  if (plan.recipe.hints.length === 0) return [];
  const weighting = createWeighting(plan, () => plan.recipe, 1);
  try {
    return (await weighting.leaves?.())?.values ?? [];
  } finally {
    weighting.dispose();
  }
}
