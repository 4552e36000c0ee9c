/** One teacher: trained here from labels, or one that ships with the page. */
import { bundledTeachers, type singleTeacherKnobs } from '../../distill/teachers/single/about';
import type { ValuesOf } from '../../distill/knobs';
import { Network } from '../../nn/network';
import { readForeignNetwork } from '../../nn/weight-files';
import { RandomStream } from '../../random/streams';
import { RunFailure } from '../failure';
import { describeOrRefuse, reviveNetworks, teachingRows } from './build';
import { loadBundled, refuseBundled } from './bundled';
import { FrozenTeacher } from './frozen';
import { NetworkPhase, type NetworkPhaseState } from './network-phase';
import type { TeacherKindModule, TeacherMaking, TeacherSetup, TeacherTask } from './teacher';

const knobsOf = ({ recipe }: TeacherTask) => recipe.teacher.knobs as ValuesOf<typeof singleTeacherKnobs>;

/** The network's name, and the bundled teacher's id where it is one. */
function choiceOf(task: TeacherTask) {
  const { source, network, fileNetwork } = knobsOf(task);
  if (source === 'train' || source === 'file')
    return { bundled: null, network: source === 'file' ? fileNetwork : network };
  return { bundled: source, network: bundledTeachers[source].network };
}

export const single: TeacherKindModule = {
  plan: (task) => {
    const { bundled, network } = choiceOf(task);
    const { source, file, fileMean: mean, fileDeviation: deviation } = knobsOf(task);
    if (bundled) refuseBundled(bundled, task);
    if (source === 'file' && file === '')
      throw new RunFailure('Choose the file that holds the teacher, or take another teacher.', {
        knob: 'teacher.knobs.source',
      });
    const normalisation = source === 'file' ? { mean, deviation } : null;
    const description = describeOrRefuse(network, task, 'teacher.knobs.network');
    return {
      networks: [{ name: network, description }],
      trace: description.trace,
      steps: source === 'train' ? teachingRows(task, knobsOf(task)).steps : 0,
      normalisation: bundled ? bundledTeachers[bundled].normalisation : normalisation,
      notes: [],
    };
  },
  make: (setup) => (knobsOf(setup.task).source === 'train' ? training(setup) : loading(setup)),
  revive: ({ task, plan }, state) => new FrozenTeacher(reviveNetworks(task, plan, state)[0]!),
};

/** The network that was trained elsewhere. */
async function loaded({ task, plan, fetchAsset, brought }: TeacherSetup): Promise<Network> {
  const { bundled } = choiceOf(task);
  if (bundled) return loadBundled(bundled, task, fetchAsset);
  const files = await brought(knobsOf(task).file);
  if (!files)
    throw new RunFailure(
      'The teacher of this recipe comes from a file that is not here any more. Choose the file again under “Who teaches”, or take another teacher.',
      { knob: 'teacher.knobs.source' },
    );
  try {
    const { weights } = readForeignNetwork(files, task);
    return reviveNetworks(task, plan, { networks: [weights] })[0]!;
  } catch (error) {
    // It fitted the images at hand when it was brought; these are others.
    throw new RunFailure(error instanceof Error ? error.message : String(error), {
      knob: 'teacher.knobs.source',
    });
  }
}

function loading(setup: TeacherSetup): TeacherMaking {
  return {
    // eslint-disable-next-line require-yield -- there is nothing to tell while a file is read
    ticks: async function* () {
      return new FrozenTeacher(await loaded(setup));
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
