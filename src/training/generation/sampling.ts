/** The third phase: pictures are drawn for each class or value, and kept with a chance that grows with their density ratio. */
import { accept } from '../../distill/material/generated/select';
import type { SampledPictures } from '../../distill/views';
import type { Task } from '../../distill/tasks/task';
import { tf, type Tensor } from '../../engine/tf';
import type { Module } from '../../nn/module';
import { RandomStream } from '../../random/streams';
import type { RunContext } from '../context';
import type { RunEvent } from '../events';
import { Throughput } from '../throughput';
import { conditionsOf, drawnRows, normals, oneClass } from './conditions';
import type { Judge } from './judge';
import { picturesOf, ratiosOf } from './networks';
import type { GenerationPlan } from './plan';

/** Pictures of a class, or of all numbers. */
export interface Group {
  /** Pictures that are wanted in the end. */
  wanted: number;
  draws: number;
  /** Highest ratio so far; null before the first draws, which only find it. */
  highest: number | null;
  count: number;
  /** [count*H*W*C] bytes */
  pixels: Uint8Array;
  /** [count*W] */
  conditions: Float32Array;
  /** [count*C] the teacher's outputs; empty without one */
  outputs: Float32Array;
}

/** Keys are stored. */
export interface SamplingState {
  /** Ticks done. */
  step: number;
  groups: Group[];
  accepted: SampledPictures;
  rejected: SampledPictures;
  random: readonly number[];
}

export interface SamplingSetup {
  plan: GenerationPlan;
  task: Task;
  context: RunContext;
  /** Null without a teacher. */
  judge: Judge | null;
  /** These stay the caller's; no ratio where pictures are not sampled by it. */
  generator: Module;
  ratio: Module | null;
  before: number;
  total: number;
}

/** Examples of either kind that are shown, and most of one group. */
const examples = { all: 20, ofGroup: 2 };

/** One draw of a chunk, read back. */
interface Drawn {
  pixels: Uint8Array;
  conditions: Float32Array;
  outputs: Float32Array;
  /** Empty where nothing is sampled by it. */
  ratios: Float32Array;
}

export class Sampling {
  private readonly setup: SamplingSetup;
  private present: SamplingState;

  constructor(setup: SamplingSetup) {
    const { plan, context } = setup;
    const { places, groups } = plan;
    this.setup = setup;
    this.present = {
      step: 0,
      groups: Array.from({ length: groups }, (_, group) => ({
        wanted: Math.floor(places.length / groups) + Number(group < places.length % groups),
        draws: 0,
        highest: null,
        count: 0,
        pixels: new Uint8Array(),
        conditions: new Float32Array(),
        outputs: new Float32Array(),
      })),
      accepted: { pixels: new Uint8Array(), ratios: [] },
      rejected: { pixels: new Uint8Array(), ratios: [] },
      random: RandomStream.fork(context.recipe().seed, 'generate/pictures').state(),
    };
  }

  get state(): SamplingState {
    return this.present;
  }

  restore(state: SamplingState): void {
    this.present = state;
  }

  async *ticks(): AsyncGenerator<RunEvent[], void, undefined> {
    const { context, before, total, ratio } = this.setup;
    const throughput = new Throughput();
    const text = ratio ? 'Pictures are generated and sampled by their ratio.' : 'Pictures are generated.';
    if (this.present.step === 0) yield [{ type: 'phase', phase: 'generator', steps: total, text }];
    for (let group = this.next(); group !== null && !context.stopRequested(); group = this.next()) {
      const random = RandomStream.restore(this.present.random);
      const drawn = await this.draw(group, random);
      this.take(group, drawn, random);
      const told = before + this.present.step;
      const events: RunEvent[] = context.takeKnobEvents('generator', told);
      if (ratio) {
        const { draws, kept } = this.counts;
        const values = { 'ratio/acceptance': draws > 0 ? kept / draws : 0 };
        events.push({ type: 'step', phase: 'generator', step: told, learningRate: 0, values });
      }
      if (throughput.readingDue) events.push(throughput.reading(told));
      yield events;
    }
  }

  /** Without the draws that only find the highest ratio. */
  get counts(): { draws: number; kept: number } {
    const sum = (of: (group: Group) => number) =>
      this.present.groups.reduce((all, group) => all + of(group), 0);
    return { draws: sum(({ draws }) => draws), kept: sum(({ count }) => count) };
  }

  /** The group whose turn it is of those that are not complete; null at the end. */
  private next(): number | null {
    const { step, groups } = this.present;
    const { mostDraws, useRatio } = this.setup.context.recipe().material;
    const most = useRatio ? mostDraws : 2;
    for (let i = 0; i < groups.length; i++) {
      const place = (step + i) % groups.length;
      const group = groups[place]!;
      if (group.count < this.needed(group) && group.draws < most * group.wanted) return place;
    }
    return null;
  }

  /** So many that the filter leaves what is wanted: it keeps what is strictly below the cut. */
  private needed({ wanted }: Group): number {
    const { useFilter, rho } = this.setup.context.recipe().material;
    return useFilter && wanted > 0 ? Math.ceil(wanted / rho) + 1 : wanted;
  }

  private async draw(group: number, random: RandomStream): Promise<Drawn> {
    const { plan, task, judge, generator, ratio } = this.setup;
    const { chunk, noise, condition } = plan;
    const conditions =
      condition.kind === 'class'
        ? oneClass(group, condition.width, chunk)
        : conditionsOf(plan, task, drawnRows(plan, chunk, random));
    const from = normals(chunk, noise, random);
    const made = tf.tidy(() =>
      picturesOf(
        plan,
        generator,
        tf.tensor2d(from, [chunk, noise]),
        tf.tensor2d(conditions, [chunk, condition.width]),
      ),
    );
    const values = await made.data<'float32'>();
    made.dispose();
    // What is judged is what is kept: pictures in bytes.
    const pixels = Uint8Array.from(values, (value) => Math.round(255 * value));
    const nothing = new Float32Array();
    if (!judge) return { pixels, conditions, outputs: nothing, ratios: nothing };
    const said = tf.tidy((): Record<string, Tensor> => {
      const pictures = tf.tensor(
        Float32Array.from(pixels, (byte) => byte / 255),
        [chunk, ...plan.shape],
      );
      const { features, outputs } = judge(pictures);
      const given = tf.tensor2d(conditions, [chunk, condition.width]);
      const ratios = ratio ? { ratios: ratiosOf(plan, ratio, features, given, null) } : {};
      return { outputs: outputs.clone(), ...ratios };
    });
    const read = async (name: string) => Float32Array.from((await said[name]?.data<'float32'>()) ?? []);
    const answered = { outputs: await read('outputs'), ratios: await read('ratios') };
    tf.dispose(said);
    return { pixels, conditions, ...answered };
  }

  private take(place: number, drawn: Drawn, random: RandomStream): void {
    const { plan, ratio } = this.setup;
    const before = this.present.groups[place]!;
    const group = { ...before };
    let accepted: Uint8Array = new Uint8Array(plan.chunk).fill(1);
    if (ratio) {
      const uniform = Array.from({ length: plan.chunk }, () => random.uniform());
      const finds = group.highest === null;
      const sampled = accept(group.highest ?? 0, drawn.ratios, uniform);
      group.highest = sampled.highest;
      accepted = finds ? accepted.fill(0) : sampled.accepted;
      if (!finds) {
        group.draws += plan.chunk;
        this.show(drawn, accepted);
      }
    } else group.draws += plan.chunk;
    const size = (numbers: ArrayLike<number>) => numbers.length / plan.chunk;
    const room = this.needed(group) - group.count;
    const chosen = Array.from(accepted.keys())
      .filter((i) => accepted[i] === 1)
      .slice(0, room);
    group.count += chosen.length;
    group.pixels = joined(before.pixels, drawn.pixels, chosen, size(drawn.pixels));
    group.conditions = joined(before.conditions, drawn.conditions, chosen, size(drawn.conditions));
    group.outputs = joined(before.outputs, drawn.outputs, chosen, size(drawn.outputs));
    this.present = {
      ...this.present,
      step: this.present.step + 1,
      groups: this.present.groups.with(place, group),
      random: random.state(),
    };
  }

  /** Keeps some pictures of each kind to look at. */
  private show({ pixels, ratios }: Drawn, accepted: Uint8Array): void {
    const size = pixels.length / accepted.length;
    const more = (shown: SampledPictures, kind: number): SampledPictures => {
      const room = Math.min(examples.ofGroup, examples.all - shown.ratios.length);
      const chosen = Array.from(accepted.keys())
        .filter((i) => accepted[i] === kind)
        .slice(0, room);
      return {
        pixels: joined(shown.pixels, pixels, chosen, size),
        ratios: [...shown.ratios, ...chosen.map((i) => ratios[i]!)],
      };
    };
    const { accepted: kept, rejected } = this.present;
    this.present = { ...this.present, accepted: more(kept, 1), rejected: more(rejected, 0) };
  }
}

/** `all` and after it the chosen rows of `from`. */
function joined<Values extends Uint8Array | Float32Array>(
  all: Values,
  from: Values,
  chosen: readonly number[],
  size: number,
): Values {
  const out = new (all.constructor as new (length: number) => Values)(all.length + chosen.length * size);
  out.set(all);
  chosen.forEach((row, i) => out.set(from.subarray(row * size, (row + 1) * size), all.length + i * size));
  return out;
}
