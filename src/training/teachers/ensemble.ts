/** Ensemble: networks with different initial weights and batch orders, whose predictions are averaged. */
import { memberNetworks, type ensembleKnobs } from '../../distill/teachers/ensemble/about';
import { averageAnswers } from '../../distill/teachers/ensemble/average';
import type { ValuesOf } from '../../distill/knobs';
import type { View } from '../../distill/views';
import type { Tensor } from '../../engine/tf';
import { Network, type Trace } from '../../nn/network';
import { RandomStream } from '../../random/streams';
import { comparePredictions } from './compare-predictions';
import { describeOrRefuse, restoreNetworks, teachingRows } from './teacher-networks';
import { SequentialTraining, type SequentialState } from './sequential';
import type { Teacher, TeacherKindModule, TeacherSetup, TeacherState, TeacherSetting } from './teacher';

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as ValuesOf<typeof ensembleKnobs>;

function membersOf(setting: TeacherSetting): string[] {
  const { network, others, members } = knobsOf(setting);
  return memberNetworks(network, others, members);
}

class EnsembleTeacher implements Teacher {
  readonly networks: readonly Network[];
  readonly version = 0;
  private readonly setup: TeacherSetup;
  private shown: View | null = null;

  /** Owns the networks. */
  constructor(networks: readonly Network[], setup: TeacherSetup) {
    this.networks = networks;
    this.setup = setup;
  }

  get outputs(): number {
    return this.networks[0]!.outputs;
  }

  trace(images: Tensor): Trace {
    const traces = this.networks.map((network) => network.forward(images, { training: false }));
    return { ...traces[0]!, logits: this.together(traces.map(({ logits }) => logits)) };
  }

  async views(images: Tensor): Promise<View[]> {
    this.shown ??= await this.compare(images);
    return [this.shown];
  }

  async state(): Promise<TeacherState> {
    return { networks: await Promise.all(this.networks.map((network) => network.module.exportState())) };
  }

  dispose(): void {
    this.networks.forEach((network) => network.dispose());
  }

  private together(logits: readonly Tensor[]): Tensor {
    return averageAnswers(logits, knobsOf(this.setup.setting).average, this.setup.setting.material.task);
  }

  private compare(images: Tensor): Promise<View> {
    const members = this.networks.map((network, i) => ({
      name: `${i + 1}: ${network.name}`,
      logits: (batch: Tensor) => network.forward(batch, { training: false }).logits,
    }));
    const together = { name: 'together', logits: (batch: Tensor) => this.trace(batch).logits };
    const about = {
      title: 'Members of the ensemble',
      line: 'Where members disagree, the average is unsure: that doubt is part of what is taught.',
    };
    return comparePredictions(about, [together, ...members], images, this.setup);
  }
}

export const ensemble: TeacherKindModule = {
  plan: (setting) => {
    const networks = membersOf(setting).map((name, i) => ({
      name,
      description: describeOrRefuse(name, setting, `teacher.knobs.${i === 0 ? 'network' : 'others'}`),
    }));
    return {
      networks,
      trace: networks[0]!.description.trace,
      steps: networks.length * teachingRows(setting, knobsOf(setting)).steps,
      normalisation: null,
      notes: [],
    };
  },
  build: (setup) => {
    const { setting, context, normalisation } = setup;
    const names = membersOf(setting);
    const rows = teachingRows(setting, knobsOf(setting));
    const members = new SequentialTraining(
      names.map((name, i) => ({
        create: () =>
          Network.create(
            name,
            setting.input,
            setting.outputs,
            RandomStream.fork(setting.recipe.seed, `init/teacher/${i}`),
          ),
        training: () => ({
          ...rows,
          text: `Member ${i + 1} of ${names.length} (${name}) learns.`,
          learningRate: () => context.recipe().teacher.knobs.learningRate!,
          stream: `teacher/${i}`,
        }),
        steps: rows.steps,
      })),
      setting,
      context,
      normalisation,
    );
    return {
      ticks: async function* () {
        return new EnsembleTeacher(yield* members.ticks(), setup);
      },
      flush: () => members.flush(),
      state: () => members.state(),
      restore: (state) => members.restore(state as SequentialState),
      dispose: () => members.dispose(),
    };
  },
  restore: (setup, state) => new EnsembleTeacher(restoreNetworks(setup.setting, setup.plan, state), setup),
};
