/** A teacher trained alongside (scheme A of Apprentice): it learns from the labels of the student's batches, in its steps. */
import type { ValuesOf } from '../../distill/knobs';
import type { jointKnobs } from '../../distill/teachers/joint/about';
import type { LiveTensor } from '../../engine/capture/capture';
import type { tf, Tensor } from '../../engine/tf';
import { Network, type Trace } from '../../nn/network';
import { namedSlots } from '../../nn/named-slots';
import { RandomStream } from '../../random/streams';
import type { TeacherSlots } from '../stopped-state';
import { createOptimiser, LabelLearner, prepareOptimiser } from '../learner';
import { builtAtOnce } from './built-at-once';
import { describeOrRefuse, restoreNetworks } from './teacher-networks';
import type {
  LearningTeacher,
  StudentStepData,
  Teacher,
  TeacherKindModule,
  TeacherSetup,
  TeacherSetting,
  TeacherState,
} from './teacher';

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as ValuesOf<typeof jointKnobs>;

class JointTeacher implements Teacher {
  readonly version = null;
  readonly learning: LearningTeacher;
  private readonly setup: TeacherSetup;
  private readonly learner: LabelLearner;

  /** Owns the network. */
  constructor(network: Network, setup: TeacherSetup) {
    this.setup = setup;
    const { recipe, material } = setup.setting;
    const { seed, schedule } = recipe;
    const optimiser = createOptimiser(schedule, [...network.module.trainable.values()]);
    this.learner = new LabelLearner(material.task, network, optimiser);
    network.drop(schedule.batch, RandomStream.fork(seed, 'dropout/teacher'));
    this.learning = {
      get inputs(): LiveTensor[] {
        return [...optimiser.inputs, ...(network.dropout?.inputs ?? [])];
      },
      prepare: (learningRate) => {
        network.dropout?.draw();
        prepareOptimiser(optimiser, setup.context.recipe().schedule, learningRate);
      },
      step: (seen) => this.step(seen),
    };
  }

  get networks(): readonly Network[] {
    return [this.learner.network];
  }

  get outputs(): number {
    return this.learner.network.outputs;
  }

  trace(images: Tensor, training: boolean): Trace {
    return this.learner.network.forward(images, { training });
  }

  async state(): Promise<TeacherState> {
    const { network, optimiser } = this.learner;
    return {
      networks: [await network.module.exportState()],
      optimisers: [await optimiser.optimiser.state()],
      more: network.dropout?.state() ?? null,
    };
  }

  async leavingSlots(): Promise<TeacherSlots> {
    const { network, optimiser } = this.learner;
    return { descent: await namedSlots(optimiser.optimiser, network.module.trainable) };
  }

  /** Continues from a `state`. */
  restore({ optimisers, more }: TeacherState): void {
    const { network, optimiser } = this.learner;
    if (optimisers?.[0]) optimiser.optimiser.restore(optimisers[0]);
    if (more) network.dropout?.restore(more as readonly number[]);
  }

  dispose(): void {
    this.learner.dispose();
  }

  private step({ inputs, targets, labelled }: StudentStepData): Record<string, tf.Scalar> {
    const { labelWeight } = this.setup.context.recipe().teacher.knobs;
    return {
      'teacher’s loss/labels': this.learner.step(inputs, targets, labelled, { labelWeight: labelWeight! }),
    };
  }
}

export const joint: TeacherKindModule = {
  plan: (setting) => {
    const { network } = knobsOf(setting);
    const description = describeOrRefuse(network, setting, 'teacher.knobs.network');
    return {
      networks: [{ name: network, description }],
      trace: description.trace,
      steps: 0,
      normalisation: null,
      notes: [
        'The teacher learns from the student’s batches and labels, in the same steps: at first it knows no more than the student.',
      ],
    };
  },
  build: (setup) =>
    builtAtOnce(() => {
      const { setting } = setup;
      const random = RandomStream.fork(setting.recipe.seed, 'init/teacher');
      const network = Network.create(knobsOf(setting).network, setting.input, setting.outputs, random);
      return new JointTeacher(network, setup);
    }),
  restore: (setup, state) => {
    const teacher = new JointTeacher(restoreNetworks(setup.setting, setup.plan, state)[0]!, setup);
    teacher.restore(state);
    return teacher;
  },
};
