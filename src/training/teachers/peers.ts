/** Peers (deep mutual learning): networks trained in the student's steps, each distilling from all others. */
import { dmlLosses } from '../../distill/hints/dml/loss';
import { meanOverLabelled } from '../../distill/objective';
import type { peersKnobs } from '../../distill/teachers/peers/about';
import type { ValuesOf } from '../../distill/knobs';
import type { View } from '../../distill/views';
import type { LiveTensor } from '../../engine/capture/capture';
import { constantOf } from '../../engine/constant';
import { gradientsOf } from '../../engine/gradients';
import { KeptTensors } from '../../engine/kept-tensors';
import { tf, type Tensor } from '../../engine/tf';
import type { DrivenOptimiser } from '../../nn/driven-optimiser';
import { namedSlots } from '../../nn/named-slots';
import { Observed } from '../../nn/module';
import { Network, type Trace } from '../../nn/network';
import { RandomStream } from '../../random/streams';
import type { TeacherSlots } from '../stopped-state';
import { createOptimiser, prepareOptimiser } from '../learner';
import { builtAtOnce } from './built-at-once';
import { comparePredictions } from './compare-predictions';
import { describeOrRefuse, restoreNetworks } from './teacher-networks';
import type {
  LearningTeacher,
  StudentStepData,
  Teacher,
  TeacherKindModule,
  TeacherSetup,
  TeacherState,
  TeacherSetting,
} from './teacher';

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as ValuesOf<typeof peersKnobs>;

/** State of each peer's dropout streams; null without dropout. */
type DropoutStates = (readonly number[] | null)[];

class PeersTeacher implements Teacher {
  readonly networks: readonly Network[];
  readonly version = null;
  readonly learning: LearningTeacher;
  private readonly setup: TeacherSetup;
  /** One for all peers: each parameter has its own update. */
  private readonly optimiser: DrivenOptimiser;

  /** Owns the networks. */
  constructor(networks: readonly Network[], setup: TeacherSetup) {
    this.networks = networks;
    this.setup = setup;
    this.optimiser = createOptimiser(setup.setting.recipe.schedule, this.variables);
    const { optimiser } = this;
    const { seed, schedule } = setup.setting.recipe;
    networks.forEach((network, i) =>
      network.drop(schedule.batch, RandomStream.fork(seed, `dropout/peer/${i + 1}`)),
    );
    this.learning = {
      get inputs(): LiveTensor[] {
        return [...optimiser.inputs, ...networks.flatMap((network) => network.dropout?.inputs ?? [])];
      },
      prepare: (learningRate) => {
        networks.forEach((network) => network.dropout?.draw());
        prepareOptimiser(optimiser, setup.context.recipe().schedule, learningRate);
      },
      step: (seen) => this.step(seen),
    };
  }

  get outputs(): number {
    return this.networks[0]!.outputs;
  }

  /**
   * The first peer's trace; with several peers its logits are those of the mean of their probabilities. Each peer's own
   * logits are in `more` (`peer1`, `peer2`, ...).
   */
  trace(images: Tensor, training: boolean): Trace {
    const traces = this.networks.map((network) => network.forward(images, { training }));
    const logits = traces.map((trace) => trace.logits);
    return {
      ...traces[0]!,
      logits:
        logits.length === 1 ? logits[0]! : this.setup.setting.material.task.averageProbabilities(logits),
      more: Object.fromEntries(logits.map((own, i) => [`peer${i + 1}`, own])),
    };
  }

  async views(images: Tensor): Promise<View[]> {
    const predictors = this.networks.map((network, i) => ({
      name: `Peer ${i + 1}`,
      logits: (batch: Tensor) => network.forward(batch, { training: false }).logits,
    }));
    const about = {
      title: 'Peers',
      line: 'They start from nothing, like the student, and grow alike as they imitate each other.',
    };
    return [await comparePredictions(about, predictors, images, this.setup)];
  }

  async state(): Promise<TeacherState> {
    return {
      networks: await Promise.all(this.networks.map((network) => network.module.exportState())),
      optimisers: [await this.optimiser.optimiser.state()],
      more: this.networks.map((network) => network.dropout?.state() ?? null) satisfies DropoutStates,
    };
  }

  async leavingSlots(): Promise<TeacherSlots> {
    const named = this.networks.flatMap((network, i) =>
      [...network.module.trainable].map(([name, variable]) => [`peer${i + 1}.${name}`, variable] as const),
    );
    return { descent: await namedSlots(this.optimiser.optimiser, new Map(named)) };
  }

  /** Continues from a `state`. */
  restore({ optimisers, more }: TeacherState): void {
    (more as DropoutStates | undefined)?.forEach((dropout, i) => {
      if (dropout) this.networks[i]!.dropout?.restore(dropout);
    });
    if (optimisers?.[0]) this.optimiser.optimiser.restore(optimisers[0]);
  }

  dispose(): void {
    this.optimiser.dispose();
    this.networks.forEach((network) => network.dispose());
  }

  private get variables(): tf.Variable[] {
    return this.networks.flatMap((network) => [...network.module.trainable.values()]);
  }

  /** Each peer: CE on the labelled images + lambda * mean over the others, student included, of KL(other || own). */
  private step({
    inputs: images,
    targets,
    labelled,
    logits: student,
  }: StudentStepData): Record<string, tf.Scalar> {
    const lambda = this.setup.context.recipe().teacher.knobs.lambda!;
    const observed = new Observed();
    const held = new KeptTensors();
    const named: Record<string, tf.Scalar> = {};
    const { gradients } = gradientsOf(() => {
      const answers = this.networks.map(
        (network) => network.forward(images, { training: true, observed }).logits,
      );
      const constants: Tensor[] = answers.map((own) => constantOf(() => own.clone()));
      const losses = answers.map((own, i) => {
        const ce = meanOverLabelled(this.setup.setting.material.task.losses(own, targets), labelled);
        const others = [student, ...constants.filter((_, j) => j !== i)];
        const mutual = tf.mean<tf.Scalar>(dmlLosses(own, others, 'mean'));
        named[`peers’ CE/${i + 1}`] = held.keep(ce);
        named[`peers’ KL/${i + 1}`] = held.keep(mutual);
        return tf.add<tf.Scalar>(ce, tf.mul(mutual, lambda));
      });
      return losses.reduce((sum, loss) => tf.add(sum, loss));
    }, this.variables);
    observed.absorb();
    this.optimiser.apply(gradients);
    const scalars = Object.fromEntries(Object.entries(named).map(([name, value]) => [name, value.clone()]));
    held.dispose();
    return scalars;
  }
}

export const peers: TeacherKindModule = {
  plan: (setting) => {
    const { peers: count, network } = knobsOf(setting);
    const description = describeOrRefuse(network, setting, 'teacher.knobs.network');
    const names = Array.from({ length: count }, (_, i) => `peer${i + 1}`);
    return {
      networks: names.map(() => ({ name: network, description })),
      trace: {
        ...description.trace,
        more: Object.fromEntries(names.map((name) => [name, description.trace.logits])),
      },
      steps: 0,
      normalisation: null,
      notes: [
        'The peers learn from the student’s batches and labels, in the same steps: no network is trained beforehand.',
      ],
    };
  },
  build: (setup) =>
    builtAtOnce(() => {
      const { setting, plan } = setup;
      const networks = plan.networks.map(({ name }, i) =>
        Network.create(
          name,
          setting.input,
          setting.outputs,
          RandomStream.fork(setting.recipe.seed, `init/peer/${i + 1}`),
        ),
      );
      return new PeersTeacher(networks, setup);
    }),
  restore: (setup, state) => {
    const teacher = new PeersTeacher(restoreNetworks(setup.setting, setup.plan, state), setup);
    teacher.restore(state);
    return teacher;
  },
};
