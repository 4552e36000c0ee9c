/** What is shown of a generator while it learns: the same few pictures again and again, and whether the teacher recognises others. */
import type { GeneratedView } from '../../distill/views';
import { tf } from '../../engine/tf';
import type { Module } from '../../nn/module';
import { RandomStream } from '../../random/streams';
import type { RunEvent } from '../events';
import type { Plan } from '../plan';
import { conditionsOf, drawnRows, normals, shownConditions } from './conditions';
import type { Judge } from './judge';
import { picturesOf } from './networks';
import type { GenerationPlan } from './plan';

/** Keys are stored. */
export interface ShowcaseState {
  steps: number[];
  /** Per step [names*H*W*C] bytes. */
  columns: Uint8Array[];
  agreement: number[];
}

/** Pictures of each class or value of a generator that was trained before. */
const atOnce = 10;
/** Pictures that the teacher is asked about. */
const asked = 128;

export class Showcase {
  private readonly generation: GenerationPlan;
  private readonly plan: Plan;
  private readonly judge: Judge | null;
  private present: ShowcaseState = { steps: [], columns: [], agreement: [] };

  /** @param judge null without a teacher */
  constructor(generation: GenerationPlan, plan: Plan, judge: Judge | null) {
    this.generation = generation;
    this.plan = plan;
    this.judge = judge;
  }

  get state(): ShowcaseState {
    return this.present;
  }

  restore(state: ShowcaseState): void {
    this.present = state;
  }

  /** @param step 0 for a generator that was trained before @returns numbers for the charts, and the view */
  async measure(
    generator: Module,
    step: number,
  ): Promise<{ values: Record<string, number>; events: RunEvent[] }> {
    const { seed } = this.plan.recipe;
    const { rows } = this.shown;
    const random = RandomStream.fork(seed, 'generate/shown');
    // One that learns is shown again and again; one that was trained before shows several pictures of each at once.
    const made: Uint8Array[] = [];
    for (let column = 0; column < (step === 0 ? atOnce : 1); column++)
      made.push((await this.made(generator, rows, random)).bytes);
    const agreement = this.judge ? [await this.agreement(generator, this.judge)] : [];
    const { steps, columns, agreement: before } = this.present;
    this.present = {
      steps: [...steps, ...made.map(() => step)],
      columns: [...columns, ...made],
      agreement: [...before, ...agreement],
    };
    const name = this.isOfClasses ? 'gan/teacher-agreement' : 'gan/teacher-error';
    return {
      values: agreement.length > 0 ? { [name]: agreement[0]! } : {},
      events: [{ type: 'views', phase: 'generator', step, views: [this.view()] }],
    };
  }

  /** Once the generator is trained: what the teacher does not recognise teaches nothing. */
  warnings(step: number): RunEvent[] {
    const last = this.present.agreement.at(-1);
    if (last === undefined) return [];
    const text = this.isOfClasses
      ? last < 0.5 &&
        `The teacher recognises only ${Math.round(100 * last)} % of the generated pictures; the student will learn noise. Train the generator longer.`
      : last > this.meanDeviation / 2 &&
        `The values that the teacher reads off generated pictures are ${Number(last.toPrecision(3))} ${this.unit} off on average; the student will learn noise. Train the generator longer.`.replace(
          '  ',
          ' ',
        );
    return text ? [{ type: 'warning', step, text }] : [];
  }

  /** @param more what is known beyond the grid */
  view(more: Pick<GeneratedView, 'sampled' | 'filtered'> = {}): GeneratedView {
    const [height, width, channels] = this.generation.shape;
    const { steps, columns, agreement } = this.present;
    const size = height * width * channels;
    const { names } = this.shown;
    const pixels = new Uint8Array(names.length * steps.length * size);
    columns.forEach((column, c) =>
      names.forEach((_, n) =>
        pixels.set(column.subarray(n * size, (n + 1) * size), (n * steps.length + c) * size),
      ),
    );
    return {
      ...{ view: 'generated', title: 'Generated pictures', height, width, channels },
      ...{ names, steps, pixels, agreement },
      ...(this.isOfClasses ? {} : { unit: this.unit }),
      ...more,
    };
  }

  private get isOfClasses(): boolean {
    return this.generation.condition.kind === 'class';
  }

  private get unit(): string {
    const { target } = this.plan.material.dataset;
    return target.kind === 'number' ? (target.units[0] ?? '') : '';
  }

  /** Mean absolute deviation of the real values from their mean, in the unit. */
  private get meanDeviation(): number {
    const { rows, targets } = this.generation;
    const values = Array.from(rows, (row) => targets.values[row * targets.width]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.reduce((sum, value) => sum + Math.abs(value - mean), 0) / values.length;
  }

  private get shown() {
    const { target } = this.plan.material.dataset;
    const units = target.kind === 'number' ? target.units : [];
    return shownConditions(this.generation, target.names, units);
  }

  /** Pictures for the targets of these rows. */
  private async made(generator: Module, rows: Int32Array, random: RandomStream) {
    const { noise, condition } = this.generation;
    const conditions = conditionsOf(this.generation, this.plan.material.task, rows);
    const from = normals(rows.length, noise, random);
    const pictures = tf.tidy(() =>
      picturesOf(
        this.generation,
        generator,
        tf.tensor2d(from, [rows.length, noise]),
        tf.tensor2d(conditions, [rows.length, condition.width]),
      ),
    );
    const values = await pictures.data<'float32'>();
    pictures.dispose();
    return { conditions, bytes: Uint8Array.from(values, (value) => Math.round(255 * value)) };
  }

  /** Share of the pictures in which the teacher sees their class, or its mean absolute error on the first number. */
  private async agreement(generator: Module, judge: Judge): Promise<number> {
    const random = RandomStream.fork(this.plan.recipe.seed, 'generate/asked');
    const rows = drawnRows(this.generation, asked, random);
    const { bytes, conditions } = await this.made(generator, rows, random);
    const { shape, condition } = this.generation;
    const said = tf.tidy(() => {
      const pictures = tf.tensor(
        Float32Array.from(bytes, (byte) => byte / 255),
        [asked, ...shape],
      );
      return judge(pictures).outputs.clone();
    });
    const outputs = await said.data<'float32'>();
    said.dispose();
    const { width } = condition;
    const row = (values: Float32Array, i: number) => Array.from(values.subarray(i * width, (i + 1) * width));
    const each = Array.from(rows, (_, i) => {
      const [answer, wanted] = [row(outputs, i), row(conditions, i)];
      return this.isOfClasses
        ? Number(wanted[answer.indexOf(Math.max(...answer))] === 1)
        : Math.abs(answer[0]! - wanted[0]!) * this.plan.material.task.scale!.deviation[0]!;
    });
    return each.reduce((sum, value) => sum + value, 0) / asked;
  }
}
