/**
 * Makes the pictures of a run that studies generated ones, after the teacher is built and before the student's first step:
 * a generator learns, then a density ratio, then pictures are drawn and sampled, then the teacher filters and labels them.
 */
import { materialKnobs } from '../../distill/material/about';
import type { Normalisation } from '../../distill/modalities/input-source';
import type { GeneratedView } from '../../distill/views';
import type { Module, NamedArray } from '../../nn/module';
import { readSafetensors } from '../../nn/safetensors';
import type { FetchAsset } from '../asset-readers';
import type { RunContext } from '../context';
import type { RunEvent } from '../events';
import type { Plan } from '../plan';
import type { Teacher } from '../teachers/teacher';
import { filtered, type KeptPictures } from './filter';
import { GanPhase, type GanState } from './gan-phase';
import { judgeOf, type Judge } from './judge';
import { createGenerator, createRatio } from './networks';
import type { GenerationPlan } from './plan';
import { RatioPhase, type RatioState } from './ratio-phase';
import { Sampling, type SamplingState } from './sampling';
import { Showcase, type ShowcaseState } from './showcase';

/** Once all pictures are there. Keys are stored. */
export interface Generated {
  kept: KeptPictures;
  /** The average generator and the density ratio, in PyTorch's names; no ratio where pictures are not sampled by it. */
  generator: NamedArray[];
  ratio: NamedArray[] | null;
}

/** Everything that the next step depends on. Keys are stored. */
export interface GenerationState {
  gan: GanState | null;
  /** Once it is trained. */
  generator: NamedArray[] | null;
  ratioPhase: RatioState | null;
  /** Once it is trained. */
  ratio: NamedArray[] | null;
  sampling: SamplingState | null;
  shown: ShowcaseState;
}

export interface GenerationSetup {
  plan: Plan;
  generation: GenerationPlan;
  /** Stays the caller's; null without one. */
  teacher: Teacher | null;
  /** Of the teacher's view. */
  normalisation: Normalisation;
  context: RunContext;
  fetchAsset: FetchAsset;
}

export class Generation {
  private readonly setup: GenerationSetup;
  private readonly judge: Judge | null;
  private readonly showcase: Showcase;
  private gan: GanPhase | null = null;
  private ratioPhase: RatioPhase | null = null;
  private sampling: Sampling | null = null;
  /** Once they are trained or loaded. */
  private generator: Module | null = null;
  private ratio: Module | null = null;
  private restored: GenerationState | null = null;
  private started = false;

  constructor(setup: GenerationSetup) {
    const { plan, generation, teacher, normalisation } = setup;
    this.setup = setup;
    this.judge =
      teacher &&
      judgeOf(teacher, normalisation, {
        hasEmbedding: (plan.teacher?.trace.embedding.length ?? 0) > 0,
        isRotated: plan.recipe.teacher.knobs.corruption === 'rotated',
      });
    this.showcase = new Showcase(generation, plan, this.judge);
  }

  /** One element per step; returns the pictures, or null where a stop was requested before they were there. */
  async *ticks(): AsyncGenerator<RunEvent[], Generated | null, undefined> {
    const { plan, generation, context } = this.setup;
    const { gan, ratio } = generation.steps;
    const total = gan + ratio + generation.steps.sampling;
    const { task } = plan.material;
    const from = this.restored;
    this.started = true;
    if (from?.generator) this.generator = createGenerator(generation, from.generator);
    const generator = this.generator ?? (yield* this.getGenerator(total));
    if (context.stopRequested()) return null;
    const { useRatio, useFilter, rho } = context.recipe().material;
    if (useRatio && this.judge) {
      this.ratio = from?.ratio ? createRatio(generation, from.ratio) : null;
      this.ratio ??= yield* this.getRatio(generator, this.judge, gan, total);
    }
    if (context.stopRequested()) return null;
    this.sampling = new Sampling({
      plan: generation,
      task,
      context,
      judge: this.judge,
      generator,
      ratio: this.ratio,
      before: gan + ratio,
      total,
    });
    if (from?.sampling) this.sampling.restore(from.sampling);
    yield* this.sampling.ticks();
    if (context.stopRequested()) return null;
    const { kept, view } = filtered(this.sampling.state.groups, generation, task, useFilter ? rho : null);
    yield this.results(kept, view, gan + ratio);
    return {
      kept,
      generator: await generator.exportState(),
      ratio: (await this.ratio?.exportState()) ?? null,
    };
  }

  async flush(): Promise<RunEvent[]> {
    return (await (this.gan ?? this.ratioPhase)?.flush()) ?? [];
  }

  async state(): Promise<GenerationState> {
    if (!this.started && this.restored) return this.restored;
    return {
      gan: (await this.gan?.state()) ?? null,
      generator: (await this.generator?.exportState()) ?? null,
      ratioPhase: (await this.ratioPhase?.state()) ?? null,
      ratio: (await this.ratio?.exportState()) ?? null,
      sampling: this.sampling?.state ?? null,
      shown: this.showcase.state,
    };
  }

  /** Continues from a `state` of a generation of the same plan; call before `ticks`. */
  restore(state: GenerationState): void {
    this.restored = state;
    this.showcase.restore(state.shown);
  }

  dispose(): void {
    this.gan?.dispose();
    this.ratioPhase?.dispose();
    this.generator?.dispose();
    this.ratio?.dispose();
  }

  /** Trains the generator, or loads the bundled one. */
  private async *getGenerator(total: number): AsyncGenerator<RunEvent[], Module, undefined> {
    const { plan, generation, context } = this.setup;
    if (generation.bundled) {
      const module = createGenerator(generation, await this.bundled('generator'));
      const { events } = await this.showcase.measure(module, 0);
      this.generator = module;
      yield events;
      return module;
    }
    this.gan = new GanPhase({
      plan: generation,
      task: plan.material.task,
      context,
      total,
      measure: (average, step) => this.showcase.measure(average, step),
    });
    if (this.restored?.gan) this.gan.restore(this.restored.gan);
    yield* this.gan.ticks();
    const module = this.gan.release();
    this.gan = null;
    this.generator = module;
    yield this.showcase.warnings(generation.steps.gan);
    return module;
  }

  /** Trains the density ratio, or loads the bundled one. */
  private async *getRatio(
    generator: Module,
    judge: Judge,
    before: number,
    total: number,
  ): AsyncGenerator<RunEvent[], Module, undefined> {
    const { plan, generation, context } = this.setup;
    if (generation.bundledRatio) return createRatio(generation, await this.bundled('ratio'));
    const { task } = plan.material;
    this.ratioPhase = new RatioPhase({ plan: generation, task, context, judge, generator, before, total });
    if (this.restored?.ratioPhase) this.ratioPhase.restore(this.restored.ratioPhase);
    yield* this.ratioPhase.ticks();
    const module = this.ratioPhase.release();
    this.ratioPhase = null;
    return module;
  }

  /** Weights of one of the networks that ship with the page. */
  private async bundled(part: 'generator' | 'ratio'): Promise<NamedArray[]> {
    const { generation, fetchAsset } = this.setup;
    const file = await fetchAsset(`generators/${generation.bundled}.safetensors`);
    return readSafetensors(new Uint8Array(file)).flatMap(({ name, ...rest }) =>
      name.startsWith(`${part}.`) ? [{ name: name.slice(part.length + 1), ...rest }] : [],
    );
  }

  /** What was sampled and filtered, and what to be told of it. */
  private results(kept: KeptPictures, view: GeneratedView['filtered'], before: number): RunEvent[] {
    const { generation, plan } = this.setup;
    const { state, counts } = this.sampling!;
    const step = before + state.step + 1;
    const changed =
      view && (generation.condition.kind === 'class' ? 'filter/relabelled' : 'filter/correction');
    const events: RunEvent[] = changed
      ? [{ type: 'step', phase: 'generator', step, learningRate: 0, values: { [changed]: view.changed } }]
      : [];
    const views = [
      this.showcase.view({
        ...(this.ratio ? { sampled: { ...counts, accepted: state.accepted, rejected: state.rejected } } : {}),
        ...(view ? { filtered: view } : {}),
      }),
    ];
    events.push({ type: 'views', phase: 'generator', step, views });
    const wanted = plan.material.unlabelled.length;
    if (kept.count < wanted)
      events.push({
        type: 'warning',
        step,
        text: `${kept.count.toLocaleString('en-GB')} of the ${wanted.toLocaleString('en-GB')} wanted pictures were kept of ${counts.draws.toLocaleString('en-GB')} drawn. Raise “${materialKnobs.mostDraws.label}” for more.`,
      });
    return events;
  }
}
