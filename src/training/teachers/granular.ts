/** Multi-granularity teacher (MGD): a network, then two self-analysing heads on its embedding. */
import { codeWidths, type granularKnobs } from '../../distill/teachers/granular/about';
import type { Granular } from '../../distill/teachers/granular/heads';
import { stableExcitation } from '../../distill/teachers/granular/losses';
import { headsPrefix, withHeads } from '../../distill/teachers/granular/network';
import type { ValuesOf } from '../../distill/knobs';
import type { View } from '../../distill/views';
import type { JoinOps, TraceOf } from '../../engine/ops';
import type { Tensor } from '../../engine/tf';
import { describeJoined, planNetwork } from '../../nn/describe';
import type { NamedArray } from '../../nn/module';
import { Network, type Trace } from '../../nn/network';
import type { JoinedDefinition } from '../../nn/networks/define-network';
import { RandomStream } from '../../random/streams';
import type { RunEvent } from '../events';
import { RunFailure } from '../failure';
import { comparePredictions } from './compare-predictions';
import type { KeptHead } from './best-heads';
import { HeadsPhase, headsTraining, type HeadsState } from './heads-phase';
import { single } from './single';
import type {
  Teacher,
  TeacherKindModule,
  TeacherBuilder,
  TeacherSetup,
  TeacherState,
  TeacherSetting,
} from './teacher';

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as ValuesOf<typeof granularKnobs>;

/** Plan of the base network, and definition and sizes of the network with heads. */
function partsOf(setting: TeacherSetting) {
  const base = single.plan(setting);
  const { name } = base.networks[0]!;
  const plan = planNetwork(name, setting.input, setting.outputs);
  if ('problem' in plan) throw new RunFailure(plan.problem, { knob: 'teacher.knobs.network' });
  const feature = base.trace.embedding[0]!;
  const widths = codeWidths(knobsOf(setting), feature);
  return {
    base,
    feature,
    widths,
    name: `${name} with heads`,
    define: withHeads(plan.define, widths, setting.outputs),
  };
}

function createNetwork(setting: TeacherSetting): Network {
  const { define, name } = partsOf(setting);
  const random = RandomStream.fork(setting.recipe.seed, 'init/heads');
  return Network.joined(define, name, setting.input, setting.outputs, random);
}

type KeptHeads = Granular<KeptHead>;

class GranularTeacher implements Teacher {
  readonly networks: readonly [Network];
  readonly version = 0;
  private readonly setup: TeacherSetup;
  private readonly kept: KeptHeads | null;
  private shown: View | null = null;

  /** Owns the network. @param kept its selected heads; null where none were measured */
  constructor(network: Network, kept: KeptHeads | null, setup: TeacherSetup) {
    this.networks = [network];
    this.kept = kept;
    this.setup = setup;
  }

  get outputs(): number {
    return this.networks[0].outputs;
  }

  trace(images: Tensor): Trace {
    const trace = this.networks[0].forward(images, { training: false });
    return knobsOf(this.setup.setting).mode === 'stable' ? { ...trace, logits: mean(trace) } : trace;
  }

  async views(images: Tensor): Promise<View[]> {
    this.shown ??= await this.compare(images);
    return [this.shown];
  }

  async state(): Promise<TeacherState> {
    return {
      networks: [await this.networks[0].module.exportState()],
      ...(this.kept ? { more: this.kept } : {}),
    };
  }

  dispose(): void {
    this.networks[0].dispose();
  }

  /** A sentence on the selected heads. */
  private get choice(): string {
    if (!this.kept) return '';
    const { abstract, detailed } = this.kept;
    const { choosing } = headsTraining(this.setup);
    const images = choosing.validation
      ? 'validation instances'
      : 'instances that the heads did not learn from';
    const head = ({ epoch, accuracy: right }: KeptHead) => `epoch ${epoch} (${(100 * right).toFixed(1)} %)`;
    return ` Kept are the abstract head of ${head(abstract)} and the detailed head of ${head(detailed)}: the best on ${choosing.rows.length} ${images}.`;
  }

  private compare(images: Tensor): Promise<View> {
    const kinds = [
      { name: 'own', pick: (trace: Trace) => trace.logits },
      { name: 'abstract', pick: (trace: Trace) => trace.more!['abstractLogits']! },
      { name: 'detailed', pick: (trace: Trace) => trace.more!['detailedLogits']! },
      { name: 'mean of the three', pick: mean },
    ];
    const predictors = kinds.map(({ name, pick }) => ({
      name,
      logits: (batch: Tensor) => pick(this.networks[0].forward(batch, { training: false })),
    }));
    const about = {
      title: 'Three answers of one teacher',
      line: `The abstract head must do with a narrow code, the detailed one has room to spare; their mean is the calmer target.${this.choice}`,
    };
    return comparePredictions(about, predictors, images, this.setup);
  }
}

const mean = ({ logits, more }: Trace) =>
  stableExcitation(logits, { abstract: more!['abstractLogits']!, detailed: more!['detailedLogits']! });

interface BuilderState {
  /** State of the base network's builder, while it runs. */
  base: unknown;
  /** Weights of the network with heads and state of the heads' training, once it has begun. */
  network: NamedArray[] | null;
  heads: HeadsState | null;
}

class GranularBuilder implements TeacherBuilder {
  private readonly setup: TeacherSetup;
  private readonly base: TeacherBuilder;
  private network: Network | null = null;
  private heads: HeadsPhase | null = null;
  private restored: BuilderState | null = null;

  constructor(setup: TeacherSetup) {
    this.setup = setup;
    this.base = single.build(setup);
  }

  async *ticks(): AsyncGenerator<RunEvent[], Teacher, undefined> {
    const { setting } = this.setup;
    const { base, widths, feature } = partsOf(setting);
    const network = createNetwork(setting);
    this.network = network;
    if (this.restored?.network) network.module.loadState(this.restored.network);
    else {
      const own = yield* this.trainBase();
      await placeHeads(network, own.networks[0]!);
      own.dispose();
    }
    this.heads = new HeadsPhase(network, widths, feature, base.steps, this.setup);
    if (this.restored?.heads) this.heads.restore(this.restored.heads);
    yield* this.heads.ticks();
    const kept = this.heads.placeBest();
    this.heads.dispose();
    this.heads = null;
    this.network = null;
    return new GranularTeacher(network, kept, this.setup);
  }

  /** The base network's ticks, with the number of steps of the whole teacher. */
  private async *trainBase(): AsyncGenerator<RunEvent[], Teacher, undefined> {
    const { steps } = this.setup.plan;
    const ticks = this.base.ticks();
    for (;;) {
      const tick = await ticks.next();
      if (tick.done) return tick.value;
      yield tick.value.map((event) => (event.type === 'phase' ? { ...event, steps } : event));
    }
  }

  async flush(): Promise<RunEvent[]> {
    return this.heads ? this.heads.flush() : this.base.flush();
  }

  async state(): Promise<BuilderState> {
    if (!this.heads || !this.network) return { base: await this.base.state(), network: null, heads: null };
    return {
      base: null,
      network: await this.network.module.exportState(),
      heads: await this.heads.state(),
    };
  }

  restore(state: unknown): void {
    this.restored = state as BuilderState;
    if (this.restored.base) this.base.restore(this.restored.base);
  }

  dispose(): void {
    this.base.dispose();
    this.heads?.dispose();
    this.network?.dispose();
    this.heads = null;
    this.network = null;
  }
}

/** Copies the base network's weights into the network with heads. */
async function placeHeads(network: Network, own: Network): Promise<void> {
  const fresh = await network.module.exportState();
  network.module.loadState([
    ...(await own.module.exportState()),
    ...fresh.filter(({ name }) => name.startsWith(headsPrefix)),
  ]);
}

export const granular: TeacherKindModule = {
  plan: (setting) => {
    const { base, define, name } = partsOf(setting);
    const description = describeJoined(define, name, setting.input);
    if ('problem' in description)
      throw new RunFailure(description.problem, { knob: 'teacher.knobs.network' });
    return {
      ...base,
      networks: [{ name, description }],
      trace: description.trace,
      steps: base.steps + headsTraining({ setting }).steps,
    };
  },
  build: (setup) => new GranularBuilder(setup),
  restore: (setup, { networks, more }) => {
    const network = createNetwork(setup.setting);
    network.module.loadState(networks[0]!);
    return new GranularTeacher(network, (more as KeptHeads | undefined) ?? null, setup);
  },
  body: (setting) => {
    const { define } = partsOf(setting);
    return knobsOf(setting).mode === 'stable' ? meanAnswers(define, setting.outputs) : define;
  },
  parts: (setting) => {
    const { base, feature, widths } = partsOf(setting);
    const { name } = base.networks[0]!;
    return {
      kind: 'heads',
      network: name,
      features: feature,
      widths,
      mean: knobsOf(setting).mode === 'stable',
    };
  },
};

/** The network with heads, with the mean of its three logits as logits (see `stableExcitation`). */
function meanAnswers(define: JoinedDefinition, classes: number): JoinedDefinition {
  const thirds = Array.from({ length: 3 * classes }, (_, row) =>
    Array.from({ length: classes }, (_, column) => (row % classes === column ? 1 / 3 : 0)),
  );
  return <T>(ops: JoinOps<T>, images: T): TraceOf<T> => {
    const trace = define(ops, images);
    const { abstractLogits, detailedLogits } = trace.more!;
    return {
      ...trace,
      logits: ops.blend(ops.concat([trace.logits, abstractLogits!, detailedLogits!]), thirds),
    };
  };
}
