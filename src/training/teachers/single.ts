/** One teacher: trained here from labels, or one that ships with the page. */
import {
  bundledTeachers,
  foreignModel,
  isForeignModel,
  type singleTeacherKnobs,
} from '../../distill/teachers/single/about';
import type { ValuesOf } from '../../distill/knobs';
import { Network } from '../../nn/network';
import { readForeignModel, readForeignNetwork, type WeightFile } from '../../nn/read-weights';
import { RandomStream } from '../../random/streams';
import { RunFailure } from '../failure';
import { describeOrRefuse, restoreNetworks, teachingRows } from './teacher-networks';
import { loadBundled, refuseBundled } from './bundled-teacher';
import { FrozenTeacher } from './frozen-teacher';
import { NetworkPhase, type NetworkPhaseState } from './network-phase';
import { ForeignModelTeacher, openForeignModel } from './tfjs-teacher';
import type { Teacher, TeacherKindModule, TeacherBuilder, TeacherSetup, TeacherTask } from './teacher';
import { sentenceOf } from '../../limits/texts';

type SingleKnobs = ValuesOf<typeof singleTeacherKnobs>;

const knobsOf = ({ recipe }: TeacherTask) => recipe.teacher.knobs as SingleKnobs;

/** The network's name, and the bundled teacher's id where it is one. */
function choiceOf(task: TeacherTask) {
  const { source, network, fileNetwork } = knobsOf(task);
  if (source === 'train' || source === 'file')
    return { bundled: null, network: source === 'file' ? fileNetwork : network };
  return { bundled: source, network: bundledTeachers[source].network };
}

/** The training of one that is trained here, which may end before its rate curve does. */
function rowsOf(task: TeacherTask): ReturnType<typeof teachingRows> & { curve: number } {
  const knobs = knobsOf(task);
  const whole = teachingRows(task, knobs);
  const { stopAfter, epochs } = knobs;
  const steps = isStopped(knobs) ? Math.round((whole.steps / epochs) * stopAfter) : whole.steps;
  return { ...whole, steps, curve: whole.steps };
}

const isStopped = ({ source, stopAfter, epochs }: Pick<SingleKnobs, 'source' | 'stopAfter' | 'epochs'>) =>
  source === 'train' && stopAfter > 0 && stopAfter < epochs;

export const single: TeacherKindModule = {
  plan: (task) => {
    const { bundled, network } = choiceOf(task);
    const knobs = knobsOf(task);
    const { source, file, fileMean: mean, fileDeviation: deviation, stopAfter, epochs } = knobs;
    if (bundled) refuseBundled(bundled, task);
    if (source === 'file' && file === '')
      throw new RunFailure('Choose the file that holds the teacher, or take another teacher.', {
        knob: 'teacher.knobs.source',
      });
    // What is fed to a model is its own matter: the student's images stay as they are best for the student.
    if (isForeignModel(task.recipe.teacher))
      return {
        networks: [],
        trace: { stem: [], stages: [], embedding: [] },
        answersOnly: true,
        steps: 0,
        normalisation: null,
        notes: [
          'The teacher is a model that was made elsewhere: it is asked for its answers and nothing else.',
        ],
      };
    const normalisation = source === 'file' ? { mean, deviation } : null;
    const description = describeOrRefuse(network, task, 'teacher.knobs.network');
    return {
      networks: [{ name: network, description }],
      trace: description.trace,
      steps: source === 'train' ? rowsOf(task).steps : 0,
      normalisation: bundled ? bundledTeachers[bundled].normalisation : normalisation,
      notes: isStopped(knobs)
        ? [
            `The teacher stops early: after ${stopAfter} of the ${epochs} epochs that its rate curve is made for.`,
          ]
        : [],
    };
  },
  build: (setup) => (knobsOf(setup.task).source === 'train' ? trainedBuilder(setup) : loadedBuilder(setup)),
  restore: (setup, state) =>
    isForeignModel(setup.task.recipe.teacher)
      ? loadTeacher(setup)
      : new FrozenTeacher(restoreNetworks(setup.task, setup.plan, state)[0]!),
};

/** The teacher that was trained elsewhere. */
async function loadTeacher(setup: TeacherSetup): Promise<Teacher> {
  const { task, fetchAsset, importedFiles: brought } = setup;
  const { bundled } = choiceOf(task);
  if (bundled) return new FrozenTeacher(await loadBundled(bundled, task, fetchAsset));
  const files = await brought(knobsOf(task).file);
  if (!files)
    throw new RunFailure(
      'The teacher of this recipe comes from a file that is not here any more. Choose the file again under “Teacher”, or take another teacher.',
      { knob: 'teacher.knobs.source' },
    );
  try {
    return await importedTeacher(files, setup);
  } catch (error) {
    // It fitted the images at hand when it was brought; these are others.
    throw new RunFailure(sentenceOf(error), {
      knob: 'teacher.knobs.source',
    });
  }
}

/** @throws Error with a sentence when it does not fit these images */
async function importedTeacher(
  files: readonly WeightFile[],
  { task, plan, normalisation }: TeacherSetup,
): Promise<Teacher> {
  const { fileNetwork, fileMean, fileDeviation, fileAnswers } = knobsOf(task);
  const model = fileNetwork === foreignModel ? readForeignModel(files) : null;
  if (!model) {
    const { weights } = readForeignNetwork(files, task);
    return new FrozenTeacher(restoreNetworks(task, plan, { networks: [weights] })[0]!);
  }
  return new ForeignModelTeacher(
    await openForeignModel(model, task.source, task.classes),
    task.classes,
    normalisation,
    {
      feed: { mean: fileMean, deviation: fileDeviation },
      answers: fileAnswers,
    },
  );
}

function loadedBuilder(setup: TeacherSetup): TeacherBuilder {
  return {
    // oxlint-disable-next-line require-yield -- there is nothing to tell while a file is read
    ticks: async function* () {
      return loadTeacher(setup);
    },
    flush: () => Promise.resolve([]),
    state: () => Promise.resolve(null),
    restore: () => undefined,
    dispose: () => undefined,
  };
}

function trainedBuilder({ task, context, normalisation }: TeacherSetup): TeacherBuilder {
  const { network } = choiceOf(task);
  const phase = new NetworkPhase(
    Network.create(network, task.input, task.classes, RandomStream.fork(task.recipe.seed, 'init/teacher')),
    {
      ...rowsOf(task),
      text: `The teacher (${network}) learns first.`,
      learningRate: () => context.recipe().teacher.knobs.learningRate!,
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
