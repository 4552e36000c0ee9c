/** One run on its own worker, from recipe to metrics and weights, with progress as lines of text: for scripts. */
import { isFeature, readsOf } from '../distill/about';
import { hintAbouts } from '../distill/hints/abouts';
import { defaultsOf, type Knobs } from '../distill/knobs';
import { withValue, type Recipe } from '../distill/recipe';
import { knobsOfFiles, teacherAbouts } from '../distill/teachers/abouts';
import { scoreText, taskAboutOf } from '../distill/tasks/about';
import type { BackendChoice, BackendName } from '../engine/backend-names';
import { metricsOf, type Metrics } from '../record/run-metrics';
import { RunRecord } from '../record/run-record';
import type { OwnSetRef } from '../storage/set-handle';
import type { ByLearner, Learner, RunEvent, SetAnswers, TestPredictions } from '../training/events';
import { isOnnx } from '../training/onnx/about';
import { onnxClient } from './onnx-client';
import { TrainingClient } from './training-client';
import type { RunStatus, TrainingEvent } from './training-protocol';

/** Run ids separate late messages of earlier runs; this worker has one run. */
const run = 'alone';

const ends: readonly RunStatus[] = ['finished', 'stopped', 'failed', 'interrupted'];

const backendPatience = 120_000;

export interface RunResult {
  metrics: Metrics;
  /** Weights as safetensors files; a recipe may have no teacher. */
  weights: Partial<Record<Learner, Uint8Array>>;
  /** What the networks put out for the test split; null where it could not be had. */
  predictions: TestPredictions | null;
  /** What they put out for the whole set, where that was asked for. */
  answers: Partial<Record<Learner, SetAnswers>>;
}

type TeacherFiles = readonly { path: string; bytes: Blob }[];

export interface HeadlessExtras {
  /** Files of the teacher, in place of the recipe's. */
  teacher?: TeacherFiles;
  /** Whether the answers of student and teacher are asked for. */
  answers?: boolean;
}

type Client = Pick<TrainingClient, 'call' | 'dispose'>;

export class HeadlessRun {
  private readonly client: Client;
  private readonly print: (text: string) => void;
  private onEvent: (event: TrainingEvent) => void = () => undefined;
  private break: (reason: Error) => void = () => undefined;

  /** `connect` is there for tests. */
  constructor(
    say: (text: string) => void,
    connect: (hear: (event: TrainingEvent) => void) => Client = (hear) => new TrainingClient(hear),
    private readonly onnx: () => ReturnType<typeof onnxClient> = onnxClient,
  ) {
    this.print = say;
    this.client = connect((event) => this.onEvent(event));
  }

  /** Ends the worker; pending calls reject. */
  abort(): void {
    this.client.dispose();
    this.break(new Error('The run was stopped.'));
  }

  /** The recipe with a teacher from files; prints what was found in them. Rejects with a sentence for the user. */
  private async withTeacher(recipe: Recipe, dataset: OwnSetRef | null, files: TeacherFiles): Promise<Recipe> {
    const shown = files.some(isOnnx) ? await this.shownBy(files, recipe, dataset) : { files: [...files] };
    const { teacher } = await this.client.call('importTeacher', { ...shown, recipe, dataset });
    const { kind, knobs } = knobsOfFiles(teacher);
    const first: Recipe = {
      ...recipe,
      teacher: { kind, knobs: { ...defaultsOf(teacherAbouts[kind].knobs as Knobs) } },
    };
    const taught = Object.entries(knobs).reduce(
      (next, [name, value]) => withValue(next, `teacher.knobs.${name}`, value),
      first,
    );
    const facts = await this.client.call('inspect', { recipe: taught, dataset });
    const known = 'problem' in facts ? undefined : facts;
    const [score] = taskAboutOf(known).scores;
    const text = (value: number) => `${score.short} ${scoreText(score, value, known?.targets)}`;
    for (const { name, train, test } of teacher.members ?? [])
      this.print(
        `${name}: ${text(train)} on the training split, ${test === null ? 'no answers for' : `${text(test)} on`} the test split`,
      );
    teacher.notes.forEach((note) => this.print(note));
    return taught;
  }

  /** What ONNX models show of the set; features of a single one where a loss of the recipe reads such. */
  private async shownBy(files: TeacherFiles, recipe: Recipe, dataset: OwnSetRef | null) {
    const features = recipe.hints.some(({ id, knobs }) => readsOf(hintAbouts[id], knobs).some(isFeature));
    const set = dataset ?? { kind: 'bundled' as const, id: recipe.material.dataset };
    const order = { files: [...files], set, features };
    this.print('The ONNX model is asked about each instance of the set.');
    const { lines, ...made } = await this.onnx().call('together', order);
    lines.forEach((line) => this.print(line));
    const name = files
      .filter(isOnnx)
      .map(({ path }) => path)
      .join(', ');
    return { files: made.files, as: { id: made.id, name, note: made.note } };
  }

  /** Runs a recipe and returns metrics and weights. Rejects with a sentence for the user. */
  async distill(
    recipe: Recipe,
    dataset: OwnSetRef | null,
    forced: BackendName | null,
    threads?: number,
    { teacher = [], answers: wanted = false }: HeadlessExtras = {},
  ): Promise<RunResult> {
    try {
      await this.choose(forced, threads);
      const taught = teacher.length > 0 ? await this.withTeacher(recipe, dataset, teacher) : recipe;
      // The metrics file holds every snapshot; only charts drop some.
      const record = await this.train(taught, dataset, Infinity);
      const weights: RunResult['weights'] = {};
      for (const learner of ['student', 'teacher'] as const) {
        const safetensors = await this.client.call('weights', { run, learner, from: 'end' });
        if (safetensors) weights[learner] = safetensors;
      }
      const predictions = await this.client.call('testPredictions', { run });
      const answers: RunResult['answers'] = {};
      for (const learner of wanted ? (['student', 'teacher'] as const) : []) {
        const given = await this.client.call('answers', { run, learner, from: 'end' });
        if (given) answers[learner] = given;
      }
      return { metrics: metricsOf(record, { name: recipe.title, number: 1 }), weights, predictions, answers };
    } finally {
      this.client.dispose();
    }
  }

  private async choose(forced: BackendName | null, threads?: number): Promise<void> {
    const choice = await chooseBackend(this.client, forced, threads);
    this.print(`${choice.name} on ${choice.device}: ${choice.reason}`);
  }

  /** @param moments most snapshots of the tracked samples to keep */
  private train(recipe: Recipe, dataset: OwnSetRef | null, moments: number): Promise<RunRecord> {
    const record = new RunRecord(run, recipe, moments);
    let fault = 'The run ended without a result.';
    const end = new Promise<RunStatus>((resolve, reject) => {
      this.break = reject;
      this.onEvent = (event) => {
        if (event.type === 'events') {
          record.take(event.events);
          for (const emitted of event.events) {
            if (emitted.type === 'failed') fault = emitted.message;
            if (emitted.type === 'warning') fault = emitted.text;
            const line = lineOf(emitted, record);
            if (line) this.print(line);
          }
        }
        if (event.type === 'state' && ends.includes(event.state)) resolve(event.state);
      };
    });
    // A crash is also reported as the end of the run, after its last events.
    this.client.call('start', { run, recipe, dataset }).catch(() => undefined);
    return end.then((state) => {
      if (state === 'failed' || state === 'interrupted' || !record.outcome) throw new Error(fault);
      return record;
    });
  }
}

/** Chooses the backend of a worker. @throws Error with a sentence when the wanted one cannot be used */
export async function chooseBackend(
  client: Pick<TrainingClient, 'call'>,
  forced: BackendName | null,
  threads?: number,
): Promise<BackendChoice> {
  const choice = await Promise.race([
    client.call('backend', { forced, threads }),
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('The training worker did not answer.')), backendPatience);
    }),
  ]);
  if (forced && choice.name !== forced) {
    const why = choice.rejected.find(({ name }) => name === forced)?.why ?? choice.reason;
    throw new Error(`The backend ${forced} cannot be used here: ${why}`);
  }
  return choice;
}

function lineOf(event: RunEvent, record: RunRecord): string | null {
  const [score] = record.task.scores;
  const scored = (values: ByLearner<number> = {}) =>
    Object.entries(values)
      .map(([learner, value]) => `${learner} ${scoreText(score, value, record.facts?.targets)}`)
      .join(', ');
  switch (event.type) {
    case 'started':
      return `${event.facts.dataset.title}: ${event.facts.labelled} labelled ${event.facts.dataset.shape.length === 1 ? 'rows' : 'images'}, ${event.facts.test} for testing`;
    case 'phase':
      return event.text;
    case 'evaluation':
      return `${event.phase} step ${event.step}, ${event.split}: ${scored(event.scores[score.id])}`;
    case 'warning':
      return `Warning: ${event.text}`;
    case 'finished':
      return `Finished after ${event.seconds.toFixed(1)} s. Test ${score.short}: ${scored(event.final)}`;
    default:
      return null;
  }
}
