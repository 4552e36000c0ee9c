/** One teacher: trained here from labels, or one that ships with the page. */
import { bundledTeachers, type singleTeacherKnobs } from '../../distill/teachers/single/about';
import type { ValuesOf } from '../../distill/knobs';
import { Network } from '../../nn/network';
import { RandomStream } from '../../random/streams';
import { describeOrRefuse, reviveNetworks, teachingRows } from './build';
import { loadBundled, refuseBundled } from './bundled';
import { FrozenTeacher } from './frozen';
import { NetworkPhase, type NetworkPhaseState } from './network-phase';
import type { TeacherKindModule, TeacherMaking, TeacherSetup, TeacherTask } from './teacher';

const knobsOf = ({ recipe }: TeacherTask) => recipe.teacher.knobs as ValuesOf<typeof singleTeacherKnobs>;

/** The network's name, and the bundled teacher's id where it is one. */
function choiceOf(task: TeacherTask) {
  const { source, network } = knobsOf(task);
  return source === 'train'
    ? { bundled: null, network }
    : { bundled: source, network: bundledTeachers[source].network };
}

export const single: TeacherKindModule = {
  plan: (task) => {
    const { bundled, network } = choiceOf(task);
    if (bundled) refuseBundled(bundled, task);
    const description = describeOrRefuse(network, task, 'teacher.knobs.network');
    return {
      networks: [{ name: network, description }],
      trace: description.trace,
      steps: bundled ? 0 : teachingRows(task, knobsOf(task)).steps,
      normalisation: bundled ? bundledTeachers[bundled].normalisation : null,
      notes: [],
    };
  },
  make: (setup) => (choiceOf(setup.task).bundled ? loading(setup) : training(setup)),
  revive: ({ task, plan }, state) => new FrozenTeacher(reviveNetworks(task, plan, state)[0]!),
};

function loading({ task, fetchAsset }: TeacherSetup): TeacherMaking {
  return {
    // eslint-disable-next-line require-yield -- there is nothing to tell while a file is read
    ticks: async function* () {
      return new FrozenTeacher(await loadBundled(choiceOf(task).bundled!, task, fetchAsset));
    },
    flush: () => Promise.resolve([]),
    state: () => Promise.resolve(null),
    restore: () => undefined,
    dispose: () => undefined,
  };
}

function training({ task, context, normalisation }: TeacherSetup): TeacherMaking {
  const { network } = choiceOf(task);
  const phase = new NetworkPhase(
    Network.create(network, task.input, task.classes, RandomStream.fork(task.recipe.seed, 'init/teacher')),
    {
      ...teachingRows(task, knobsOf(task)),
      text: `The teacher (${network}) learns first.`,
      learningRate: () => Number(context.recipe().teacher.knobs['learningRate']),
      stream: 'teacher',
    },
    task,
    context,
    normalisation,
  );
  return {
    ticks: async function* () {
      yield* phase.ticks();
      return new FrozenTeacher(phase.release());
    },
    flush: () => phase.flush(),
    state: () => phase.state(),
    restore: (state) => phase.restore(state as NetworkPhaseState),
    dispose: () => phase.dispose(),
  };
}
