/** A single teacher: trained here on labels, bundled with the page, or imported from files. */
import { imageShape } from '../../nn/network';
import { imageSourceOf, type ImageNormalisation } from '../../distill/modalities/image/image-source';
import { targetNames } from '../../distill/hints/refusal';
import { outputOnly } from '../../distill/about';
import {
  bundledTeachers,
  foreignModel,
  isForeignModel,
  type singleTeacherKnobs,
} from '../../distill/teachers/single/about';
import type { ValuesOf } from '../../distill/knobs';
import { Network } from '../../nn/network';
import { readForeignModel, readForeignNetwork, withoutAnswers, type WeightFile } from '../../nn/read-weights';
import { RandomStream } from '../../random/streams';
import { RunFailure } from '../failure';
import { describeOrRefuse, restoreNetworks, teachingRows } from './teacher-networks';
import { loadBundled, refuseBundled } from './bundled-teacher';
import { builtAtOnce } from './built-at-once';
import { FrozenTeacher } from './frozen-teacher';
import { NetworkPhase, type NetworkPhaseState } from './network-phase';
import { ForeignModelTeacher, openForeignModel } from './tfjs-teacher';
import type {
  Teacher,
  TeacherKindModule,
  TeacherBuilder,
  TeacherSetup,
  TeacherSetting,
  TeacherState,
} from './teacher';
import { sentenceOf } from '../../limits/texts';

type SingleKnobs = ValuesOf<typeof singleTeacherKnobs>;

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as SingleKnobs;

/** The network's name, and the bundled teacher's id where it is one. */
function choiceOf(setting: TeacherSetting) {
  const { source, network, fileNetwork } = knobsOf(setting);
  if (source === 'train' || source === 'file')
    return { bundled: null, network: source === 'file' ? fileNetwork : network };
  return { bundled: source, network: bundledTeachers[source].network };
}

/** Rows and steps of a teacher that is trained here; training may stop before the end of the learning-rate schedule. */
function rowsOf(setting: TeacherSetting): ReturnType<typeof teachingRows> & { curve: number } {
  const knobs = knobsOf(setting);
  const whole = teachingRows(setting, knobs);
  const { stopAfter, epochs } = knobs;
  const steps = isStopped(knobs) ? Math.round((whole.steps / epochs) * stopAfter) : whole.steps;
  return { ...whole, steps, curve: whole.steps };
}

const isStopped = ({ source, stopAfter, epochs }: Pick<SingleKnobs, 'source' | 'stopAfter' | 'epochs'>) =>
  source === 'train' && stopAfter > 0 && stopAfter < epochs;

export const single: TeacherKindModule = {
  plan: (setting) => {
    const { bundled, network } = choiceOf(setting);
    const knobs = knobsOf(setting);
    const { source, file, fileMean: mean, fileDeviation: deviation, fileClasses, stopAfter, epochs } = knobs;
    if (bundled) refuseBundled(bundled, setting);
    if (source === 'file' && file === '')
      throw new RunFailure('Choose the file that holds the teacher, or take another teacher.', {
        knob: 'teacher.knobs.source',
      });
    const { kind } = setting.material.dataset.target;
    if (source === 'file' && (kind !== 'class' || setting.input.length === 1))
      throw new RunFailure(
        `A teacher from a file answers for images of classes; ${kind === 'class' ? 'this set is a table' : `this set’s targets are ${targetNames[kind]}`}. Choose “Train it here”.`,
        { knob: 'teacher.knobs.source' },
      );
    // An imported model has its own input normalisation; the student's images keep theirs.
    if (isForeignModel(setting.recipe.teacher))
      return {
        networks: [],
        trace: outputOnly,
        steps: 0,
        normalisation: null,
        notes: ['The teacher is an imported model: it gives its predictions and no features.'],
      };
    const normalisation = source === 'file' ? { mean, deviation } : null;
    const featuresOnly = hasOtherClasses(setting);
    const description = describeOrRefuse(network, setting, 'teacher.knobs.network');
    return {
      networks: [{ name: network, description }],
      trace: description.trace,
      steps: source === 'train' ? rowsOf(setting).steps : 0,
      normalisation: bundled ? bundledTeachers[bundled].normalisation : normalisation,
      ...(featuresOnly ? { featuresOnly } : {}),
      notes: [
        ...(isStopped(knobs)
          ? [
              `The teacher stops early: after ${stopAfter} of the ${epochs} epochs of its learning-rate schedule.`,
            ]
          : []),
        ...(featuresOnly
          ? [
              `The teacher has learned ${fileClasses.toLocaleString('en-GB')} classes, and this set has ${setting.outputs}: it shows its features, its answers are not used, and it is not scored.`,
            ]
          : []),
      ],
    };
  },
  build: (setup) =>
    knobsOf(setup.setting).source === 'train' ? trainedBuilder(setup) : builtAtOnce(() => loadTeacher(setup)),
  restore: (setup, state) =>
    isForeignModel(setup.setting.recipe.teacher) ? loadTeacher(setup) : frozen(setup, state.networks),
};

/** Whether a file's network has learned other classes than those of the set: its last layer is then left out. */
function hasOtherClasses(setting: TeacherSetting): boolean {
  const { source, fileClasses } = knobsOf(setting);
  return source === 'file' && fileClasses > 0 && fileClasses !== setting.outputs;
}

const frozen = ({ setting, plan }: TeacherSetup, networks: TeacherState['networks']) =>
  new FrozenTeacher(restoreNetworks(setting, plan, { networks })[0]!, plan.featuresOnly);

/** A bundled or imported teacher. */
async function loadTeacher(setup: TeacherSetup): Promise<Teacher> {
  const { setting, fetchAsset, importedFiles } = setup;
  const { bundled } = choiceOf(setting);
  if (bundled) return new FrozenTeacher(await loadBundled(bundled, setting, fetchAsset));
  const files = await importedFiles(knobsOf(setting).file);
  if (!files)
    throw new RunFailure(
      'The teacher of this recipe comes from a file that is not here any more. Choose the file again under “Teacher”, or take another teacher.',
      { knob: 'teacher.knobs.source' },
    );
  try {
    return await importedTeacher(files, setup);
  } catch (error) {
    // The files were checked against the images at their import, which may have been others.
    throw new RunFailure(sentenceOf(error), {
      knob: 'teacher.knobs.source',
    });
  }
}

/** @throws Error with a sentence when it does not fit these images */
async function importedTeacher(files: readonly WeightFile[], setup: TeacherSetup): Promise<Teacher> {
  const { setting, plan, normalisation } = setup;
  const { fileNetwork, fileMean, fileDeviation, fileAnswers, fileClasses } = knobsOf(setting);
  const model = fileNetwork === foreignModel ? readForeignModel(files) : null;
  if (!model) {
    const wanted = { input: imageShape(setting.input), classes: setting.outputs };
    const found = readForeignNetwork(
      files,
      plan.featuresOnly ? { ...wanted, classes: fileClasses } : wanted,
      { network: fileNetwork, normalisation: { mean: fileMean, deviation: fileDeviation } },
    );
    const weights = plan.featuresOnly ? withoutAnswers(found, wanted) : found.weights;
    return frozen(setup, [[...weights]]);
  }
  return new ForeignModelTeacher(
    await openForeignModel(model, imageSourceOf(setting.source), setting.outputs),
    setting.outputs,
    normalisation as ImageNormalisation,
    {
      feed: { mean: fileMean, deviation: fileDeviation },
      answers: fileAnswers,
    },
  );
}

function trainedBuilder({ setting, context, normalisation }: TeacherSetup): TeacherBuilder {
  const { network } = choiceOf(setting);
  const phase = new NetworkPhase(
    Network.create(
      network,
      setting.input,
      setting.outputs,
      RandomStream.fork(setting.recipe.seed, 'init/teacher'),
    ),
    {
      ...rowsOf(setting),
      text: `The teacher (${network}) learns first.`,
      learningRate: () => context.recipe().teacher.knobs.learningRate!,
      stream: 'teacher',
    },
    setting,
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
