/** Route-constrained optimization (RCO): the teacher's training is recorded, and its states teach one after another. */
import { materialKnobs } from '../../distill/material/about';
import { Network } from '../../nn/network';
import type { NamedArray } from '../../nn/module';
import { RandomStream } from '../../random/streams';
import type { RunEvent } from '../events';
import { RunFailure } from '../failure';
import { describeOrRefuse, restoreNetworks, teachingRows } from './teacher-networks';
import { NetworkPhase, type NetworkPhaseState } from './network-phase';
import { keptEpochs, RouteRecord, type RouteKnobs, type RouteState } from './route-record';
import { RouteTeacher, type RouteProgress } from './route-teacher';
import type { Teacher, TeacherKindModule, TeacherBuilder, TeacherSetup, TeacherSetting } from './teacher';

/** Most bytes for the kept states. */
const mostBytes = 1e9;

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as RouteKnobs;

interface BuilderState {
  phase: NetworkPhaseState;
  states: RouteState[];
}

class RouteBuilder implements TeacherBuilder {
  private readonly setup: TeacherSetup;
  private readonly network: Network;
  private readonly phase: NetworkPhase;
  private record: RouteRecord;
  private released = false;

  constructor(setup: TeacherSetup) {
    const { setting, context, normalisation } = setup;
    const knobs = knobsOf(setting);
    this.setup = setup;
    const random = RandomStream.fork(setting.recipe.seed, 'init/teacher');
    this.network = Network.create(knobs.network, setting.input, setting.outputs, random);
    this.record = new RouteRecord(this.network, setup, []);
    this.phase = new NetworkPhase(
      this.network,
      {
        ...teachingRows(setting, knobs),
        text: `The teacher (${knobs.network}) learns first, and its route is recorded.`,
        learningRate: () => context.recipe().teacher.knobs.learningRate!,
        stream: 'teacher',
        afterEpoch: async (epoch) => {
          await this.record.write(epoch);
          return [];
        },
      },
      setting,
      context,
      normalisation,
    );
  }

  async *ticks(): AsyncGenerator<RunEvent[], Teacher, undefined> {
    yield* this.phase.ticks();
    const { states } = this.record;
    const { epochs } = knobsOf(this.setup.setting);
    // The last state is also recorded when the run was stopped early.
    if (states.at(-1)?.epoch !== epochs) await this.record.write((states.at(-1)?.epoch ?? 0) + 1, true);
    this.released = true;
    return new RouteTeacher(this.phase.release(), states, null, this.setup);
  }

  flush(): Promise<RunEvent[]> {
    return this.phase.flush();
  }

  async state(): Promise<BuilderState> {
    return { phase: await this.phase.state(), states: [...this.record.states] };
  }

  restore(state: unknown): void {
    const { phase, states } = state as BuilderState;
    this.phase.restore(phase);
    this.record = new RouteRecord(this.network, this.setup, states);
  }

  dispose(): void {
    if (!this.released) this.phase.dispose();
  }
}

export const route: TeacherKindModule = {
  plan: (setting) => {
    const knobs = knobsOf(setting);
    const description = describeOrRefuse(knobs.network, setting, 'teacher.knobs.network');
    const kept = keptEpochs(knobs);
    if (kept.length * description.parameters * 4 > mostBytes)
      throw new RunFailure(
        `Keeping ${kept.length} states of ${knobs.network} takes more than a gigabyte. Keep fewer, or take a smaller teacher.`,
        { knob: knobs.strategy === 'greedy' ? 'teacher.knobs.snapshotEvery' : 'teacher.knobs.anchors' },
      );
    const blind = setting.material.validation.length === 0;
    return {
      networks: [{ name: knobs.network, description }],
      trace: description.trace,
      steps: teachingRows(setting, knobs).steps,
      normalisation: null,
      notes: blind
        ? [
            `Without a validation split the route is ${knobs.strategy === 'greedy' ? 'searched and ' : ''}measured on instances that the teacher has learned from, where it looks better than it is. Set “${materialKnobs.validation.label}” to measure it on others.`,
          ]
        : [],
    };
  },
  build: (setup) => new RouteBuilder(setup),
  restore: (setup, { networks, more }) => {
    if (!more)
      throw new RunFailure('The states of the teacher’s route are not stored, so it cannot go on elsewhere.');
    const { states, walked } = more as { states: RouteState[]; walked: RouteProgress };
    const [network] = restoreNetworks(setup.setting, setup.plan, { networks: networks as NamedArray[][] });
    return new RouteTeacher(network!, states, walked, setup);
  },
  leaves: ({ more }, { recipe }) => {
    const { states, walked } = more as { states: RouteState[]; walked: RouteProgress };
    const { steps } = recipe.schedule;
    const anchors = [...new Set(walked.legs.map(({ state }) => state))];
    const isSearching =
      recipe.teacher.knobs['strategy'] === 'greedy' && walked.legs.at(-1)!.state !== states.length - 1;
    return {
      ...(isSearching
        ? { cannotGoOn: 'The search for the next state of the teacher’s route goes on in the page alone.' }
        : {}),
      networks: anchors.map((state) => states[state]!.kept!.weights),
      route: walked.legs.map(({ state, from }, leg) => ({
        teacher: anchors.indexOf(state),
        begins: from / steps,
        present: leg === Math.max(0, walked.leg),
      })),
    };
  },
};
