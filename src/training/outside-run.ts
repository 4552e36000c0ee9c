/**
 * A run that was trained by another program, as the events of a run of this page: its curves are those of its file; scores,
 * confusion and tracked samples are measured here on its weights.
 */
import type { Dataset } from '../data/dataset';
import type { Feed, Feeds } from '../distill/modalities/input-source';
import { tf } from '../engine/tf';
import { sentenceOf } from '../limits/texts';
import { readSafetensors } from '../nn/safetensors';
import type { Network } from '../nn/network';
import { phaseOrder, type OutsideEvaluation, type OutsideMetrics } from '../record/outside-metrics';
import type { ImportedFiles, SetSources } from './asset-readers';
import { logitsOf, type LogitsFn } from './evaluate';
import { Evaluator } from './evaluator';
import type { ByLearner, InstanceSnapshot, Learner, Phase, RunEvent } from './events';
import { RunFailure } from './failure';
import { withOtherImages } from './other-images';
import { feedsOf, planRun, type Plan } from './plan';
import { factsOf } from './run-factories';
import { createStudentNetwork } from './student-network';
import { restoredTeacher, teacherApart } from './teacher-apart';
import { TeacherView } from './teacher-view';
import type { Teacher } from './teachers/teacher';
import { shownTargets, trackedRows, trackedSamples } from './tracked-samples';
import { lineFile, teacherFile, teacherStateOf } from './write-weights';

export interface OutsideRun {
  metrics: OutsideMetrics;
  dataset: Dataset;
  /** A file of the student's weights; null for curves alone. */
  student: Uint8Array | null;
  /** A file of the teacher's; null where there is none, or the teacher is at hand here. */
  teacher: Uint8Array | null;
}

export interface TakenRun {
  events: RunEvent[];
  /** Files of the networks, as this page writes them. */
  weights: Partial<Record<'student' | 'teacher', Uint8Array>>;
}

/** How far apart scores may be that are the same but for rounding, as a share of the larger one. */
const rounding = 5e-3;

/**
 * Needs a backend; leaves no tensor.
 * @throws RunFailure with a sentence where weights, recipe and data set do not belong together
 */
export async function takeOutsideRun(
  { metrics, dataset, student: weights, teacher: ofTeacher }: OutsideRun,
  help: SetSources & { importedFiles: ImportedFiles },
): Promise<TakenRun> {
  const { recipe } = metrics;
  const plan = planRun(recipe, await withOtherImages(dataset, recipe, help));
  const size = Math.max(plan.source.size, plan.teaching.source.size);
  const rows = trackedRows(plan.material, recipe.seed, size);
  const feeds = feedsOf(plan);
  const student = weights && studentOf(plan, weights);
  let teacher: Teacher | null = null;
  let without: string | null = null;
  try {
    if (student) ({ teacher, without } = await teacherOf(plan, feeds, ofTeacher, help));
    const measured =
      student && (await measure(plan, feeds, { student, teacher, rows, step: lastStep(metrics) }));
    const state = teacher && ofTeacher ? await teacher.state() : null;
    const file = state && teacherFile(plan, state);
    return {
      events: [
        {
          type: 'started',
          recipe,
          facts: { ...factsOf(plan, null), trainedIn: metrics.trainedIn },
          watched: trackedSamples(plan, student ? rows : new Int32Array()),
          hintKeys: plan.hintKeys,
        },
        ...curves(metrics, plan.facts, measured),
        ...ending(plan, metrics, measured, without),
      ],
      weights: {
        ...(student ? { student: lineFile(plan, 'student', await student.module.exportState()) } : {}),
        ...(file ? { teacher: file } : {}),
      },
    };
  } finally {
    teacher?.dispose();
    student?.dispose();
  }
}

function studentOf(plan: Plan, file: Uint8Array): Network {
  try {
    return createStudentNetwork(plan, readSafetensors(file));
  } catch (error) {
    throw new RunFailure(
      `These weights are not those of the recipe’s student (${plan.recipe.student.network}): ${sentenceOf(error)}`,
      { cause: error },
    );
  }
}

interface OutsideTeacher {
  teacher: Teacher | null;
  /** Why the run is shown without the teacher of its recipe, a sentence; null where it has it, or needs none. */
  without: string | null;
}

/** What the page can show of the run's teacher. */
async function teacherOf(
  plan: Plan,
  feeds: Feeds,
  file: Uint8Array | null,
  help: SetSources & { importedFiles: ImportedFiles },
): Promise<OutsideTeacher> {
  if (file) {
    const teacher = await restoredTeacher(plan, feeds, teacherStateOf(plan, file), help);
    return { teacher, without: null };
  }
  const apart = teacherApart(plan, feeds, help);
  if (!apart) return { teacher: null, without: null };
  const unknown = (why: string) => ({ teacher: null, without: `The teacher is not shown: ${why}` });
  if (plan.facts.teacherSteps > 0)
    return unknown(
      'it was trained, and its weights did not come with the run. Choose teacher.safetensors too.',
    );
  const builder = apart.module.build(apart.setup);
  try {
    const ticks = builder.ticks();
    let tick = await ticks.next();
    while (!tick.done) tick = await ticks.next();
    const teacher = tick.value;
    if (!teacher.learning) return { teacher, without: null };
    teacher.dispose();
    return unknown('it learned beside the student, and its weights did not come with the run.');
  } catch (error) {
    return unknown(`it cannot be made here. ${sentenceOf(error)}`);
  } finally {
    builder.dispose();
  }
}

interface Measured {
  evaluation: Extract<RunEvent, { type: 'evaluation' }>;
  instances: InstanceSnapshot;
  final: Awaited<ReturnType<Evaluator['final']>>;
}

async function measure(
  plan: Plan,
  feeds: Feeds,
  parts: { student: Network; teacher: Teacher | null; rows: Int32Array; step: number },
): Promise<Measured> {
  const { student, teacher, rows, step } = parts;
  const view = teacher && new TeacherView(teacher, 'none', rows.length);
  try {
    const evaluator = new Evaluator(plan, feeds, [{ learner: 'student', network: student }], view);
    const answers: [Learner, LogitsFn, Feed][] = [
      ['student', (inputs) => student.forward(inputs, { training: false }).logits, feeds.student],
    ];
    if (view && !teacher.unmeasured)
      answers.push(['teacher', (inputs) => view.answers(inputs), feeds.teacher]);
    return {
      evaluation: await evaluator.evaluate(step),
      instances: await snapshotOf(plan, rows, answers, step),
      final: await evaluator.final(false),
    };
  } finally {
    view?.dispose();
  }
}

/** What the tracked samples show at the end: the task's own loss, and what the networks answer. */
async function snapshotOf(
  { material, outputs }: Plan,
  rows: Int32Array,
  networks: readonly [Learner, LogitsFn, Feed][],
  step: number,
): Promise<InstanceSnapshot> {
  const { task, dataset } = material;
  const outputsOf = new Map<Learner, Float32Array>();
  for (const [learner, answers, { source, normalisation }] of networks)
    outputsOf.set(learner, await logitsOf(answers, source, dataset.train, rows, normalisation, outputs));
  const student = outputsOf.get('student')!;
  const losses = tf.tidy(() =>
    task.shownLosses(
      tf.tensor2d(student, [rows.length, outputs]),
      tf.tensor2d(task.encode(shownTargets(material), rows), [rows.length, task.width]),
    ),
  );
  const own = Array.from(await losses.data());
  losses.dispose();
  const shown: ByLearner<number[]> = {};
  for (const [learner, output] of outputsOf) shown[learner] = Array.from(task.shown(output));
  const teacher = outputsOf.get('teacher');
  return {
    step,
    losses: { [task.about.loss.key]: own },
    weights: {},
    spreads: {},
    ...(task.oneOfMany ? { probabilities: shown } : { probabilities: {}, answers: shown }),
    ...(teacher ? { fidelity: task.fidelity(student, teacher) } : {}),
  };
}

function lastStep({ steps, evaluations }: OutsideMetrics): number {
  const measured = evaluations.filter(({ phase }) => phase === 'student').map(({ step }) => step);
  return Math.max(steps.student?.steps.at(-1) ?? 0, measured.at(-1) ?? 0);
}

/** Steps and measurements of each phase, in the order in which a run tells them. */
function curves(metrics: OutsideMetrics, facts: Plan['facts'], measured: Measured | null): RunEvent[] {
  return phaseOrder.flatMap((phase): RunEvent[] => {
    const steps = metrics.steps[phase]?.steps ?? [];
    const evaluations = metrics.evaluations.filter((one) => one.phase === phase);
    const isStudent = phase === 'student';
    if (steps.length + evaluations.length === 0 && !isStudent) return [];
    const last = isStudent ? lastStep(metrics) : (steps.at(-1) ?? 0);
    const events: RunEvent[] = [{ type: 'phase', phase, steps: last, text: metrics.trainedIn }];
    let at = 0;
    const stepsUntil = (step: number) => {
      for (; at < steps.length && steps[at]! <= step; at++) events.push(stepEvent(metrics, phase, at));
    };
    for (const one of evaluations) {
      stepsUntil(one.step);
      // The last one is measured here, with all that belongs to it.
      if (!(isStudent && measured && one.step >= last))
        events.push(evaluationEvent(one, facts[one.split], measured));
    }
    stepsUntil(Infinity);
    if (isStudent && measured)
      events.push(measured.evaluation, { type: 'instances', snapshot: measured.instances });
    return events;
  });
}

function stepEvent({ steps }: OutsideMetrics, phase: Phase, at: number): RunEvent {
  const { steps: numbers, columns } = steps[phase]!;
  const values: Record<string, number> = {};
  for (const [name, column] of Object.entries(columns)) if (column[at] != null) values[name] = column[at];
  return { type: 'step', phase, step: numbers[at]!, learningRate: Number.NaN, values };
}

/** The teacher, which does not change, is drawn beside the student. */
function evaluationEvent(
  { scores, further, ...place }: OutsideEvaluation,
  images: number,
  measured: Measured | null,
): RunEvent {
  const all = Object.entries(scores).map(([id, of]) => {
    const teacher = measured?.evaluation.scores[id]?.teacher;
    return [id, teacher === undefined ? of : { teacher, ...of }] as const;
  });
  return {
    type: 'evaluation',
    ...place,
    images,
    scores: Object.fromEntries(all),
    trainScores: {},
    confusion: {},
    loss: {},
    ...(further ? { further } : {}),
  };
}

function ending(
  plan: Plan,
  metrics: OutsideMetrics,
  measured: Measured | null,
  without: string | null,
): RunEvent[] {
  const { final, scores, perClass, further, times, seconds, stopped } = metrics;
  const step = lastStep(metrics);
  const said = final.student;
  const found = measured?.final.final.student;
  const differs =
    said !== undefined &&
    found !== undefined &&
    Math.abs(said - found) > rounding * Math.max(Math.abs(said), Math.abs(found), 1e-6);
  const { title } = plan.material.task.about.scores[0];
  const ends = measured?.final ?? {
    final,
    ...(scores ? { scores } : {}),
    perClass: plan.material.task.oneOfMany ? wholeOf(perClass, plan.outputs) : {},
    ...(further ? { further } : {}),
  };
  return [
    ...(differs
      ? [
          {
            type: 'warning' as const,
            step,
            text: `The file says that the student’s ${title.toLowerCase()} is ${said.toPrecision(4)}; measured here on this data set it is ${found.toPrecision(4)}. Was it trained on other data?`,
          },
        ]
      : []),
    ...(without === null ? [] : [{ type: 'warning' as const, step, text: without }]),
    ...(times ? [{ type: 'times' as const, seconds: times }] : []),
    { type: 'finished', step, stopped, ...ends, seconds },
  ];
}

/** Those with a number for each class. */
function wholeOf(perClass: OutsideMetrics['perClass'], classes: number): ByLearner<number[]> {
  return Object.fromEntries(Object.entries(perClass).filter(([, of]) => of.length === classes));
}
