/** Ensemble: networks with different initial weights and batch orders, whose predictions are averaged. */
import { memberNetworks, type ensembleKnobs } from '../../distill/teachers/ensemble/about';
import { memberOfStep } from '../../distill/teachers/ensemble/turns';
import { averageAnswers } from '../../distill/teachers/ensemble/average';
import type { ValuesOf } from '../../distill/knobs';
import type { View } from '../../distill/views';
import type { Tensor } from '../../engine/tf';
import { Network, type Trace } from '../../nn/network';
import { RandomStream } from '../../random/streams';
import { comparePredictions } from './compare-predictions';
import { describeOrRefuse, restoreNetworks, teachingRows } from './teacher-networks';
import { SequentialTraining, type SequentialState } from './sequential';
import { RunFailure } from '../failure';
import type {
  Teacher,
  TeacherKindModule,
  TeacherSetup,
  TeacherState,
  TeacherSetting,
  TeacherTurns,
} from './teacher';

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as ValuesOf<typeof ensembleKnobs>;

function membersOf(setting: TeacherSetting): string[] {
  const { network, others, members } = knobsOf(setting);
  return memberNetworks(network, others, members);
}

/** The member's outputs in a trace, where members take turns. */
const nameOf = (member: number) => `member${member + 1}`;

/** Rows and steps of a member's training: all that a teacher may learn from, or a part that no other member has. */
function rowsOf(setting: TeacherSetting, member: number): ReturnType<typeof teachingRows> {
  const knobs = knobsOf(setting);
  const all = teachingRows(setting, knobs);
  if (knobs.labelsOf === 'all') return all;
  // Labelled rows are sorted by class, so a member takes every so many-th one.
  const rows = all.rows.filter((_, place) => place % knobs.members === member);
  if (rows.length < 2)
    throw new RunFailure(
      `Shared among ${knobs.members} members, ${all.rows.length} labels leave fewer than two for each. Take fewer members, or let every member learn from all labels.`,
      { knob: 'teacher.knobs.labelsOf' },
    );
  const batch = Math.min(knobs.batch, rows.length);
  return { ...all, rows, batch, steps: knobs.epochs * Math.max(1, Math.floor(rows.length / batch)) };
}

class EnsembleTeacher implements Teacher {
  readonly networks: readonly Network[];
  readonly version = 0;
  readonly turns?: TeacherTurns;
  private readonly setup: TeacherSetup;
  private shown: View | null = null;

  /** Owns the networks. */
  constructor(networks: readonly Network[], setup: TeacherSetup) {
    this.networks = networks;
    this.setup = setup;
    const { mode, rule } = knobsOf(setup.setting);
    if (mode === 'average') return;
    const { seed } = setup.setting.recipe;
    this.turns = {
      members: networks.map((_, member) => nameOf(member)),
      copies: mode === 'augment',
      memberAt: (step) =>
        memberOfStep(
          rule,
          step - 1,
          RandomStream.fork(seed, `teacher/turns/${step}`).uniform(),
          networks.length,
        ),
    };
  }

  get outputs(): number {
    return this.networks[0]!.outputs;
  }

  trace(images: Tensor): Trace {
    const traces = this.networks.map((network) => network.forward(images, { training: false }));
    const logits = traces.map((trace) => trace.logits);
    return {
      ...traces[0]!,
      logits: this.together(logits),
      ...(this.turns ? { more: Object.fromEntries(logits.map((own, member) => [nameOf(member), own])) } : {}),
    };
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
    const { trace } = networks[0]!.description;
    const takeTurns = knobsOf(setting).mode !== 'average';
    return {
      networks,
      trace: takeTurns
        ? { ...trace, more: Object.fromEntries(networks.map((_, m) => [nameOf(m), [setting.outputs]])) }
        : trace,
      steps: networks.reduce((sum, _, member) => sum + rowsOf(setting, member).steps, 0),
      normalisation: null,
      notes: [],
    };
  },
  build: (setup) => {
    const { setting, context, normalisation } = setup;
    const names = membersOf(setting);
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
          ...rowsOf(setting, i),
          text: `Member ${i + 1} of ${names.length} (${name}) learns.`,
          learningRate: () => context.recipe().teacher.knobs.learningRate!,
          stream: `teacher/${i}`,
        }),
        steps: rowsOf(setting, i).steps,
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
