/** Specialists in one body: parallel branches that each know a few classes, trained together. */
import type { specialistsKnobs } from '../../distill/teachers/specialists/about';
import type { ValuesOf } from '../../distill/knobs';
import {
  confusionOrder,
  layouts,
  readSets,
  ringSets,
  setsProblem,
  type ClassSets,
} from '../../distill/teachers/specialists/split';
import { unified, type Joining } from '../../distill/teachers/specialists/unified';
import { describeJoined } from '../../nn/describe';
import { confusion } from '../../nn/metrics';
import { parseNetworkName, type NetworkSpec } from '../../nn/names';
import { Network } from '../../nn/network';
import { defineNetwork } from '../../nn/networks';
import { RandomStream } from '../../random/streams';
import { stratifiedSample } from '../evaluate';
import { RunFailure } from '../failure';
import { logitsOn } from './answers';
import { describeOrRefuse, teachingRows } from './build';
import { InTurn, type InTurnState, type Pupil } from './in-turn';
import { SpecialistsTeacher } from './specialists-teacher';
import type { TeacherKindModule, TeacherSetup, TeacherTask } from './teacher';

/** The generalist whose mistakes share out the classes learns for this part of the epochs. */
const generalistShare = 0.25;
/** Its mistakes are counted on so many of its training images. */
const confusionImages = 1000;

const knobsOf = ({ recipe }: TeacherTask) => recipe.teacher.knobs as ValuesOf<typeof specialistsKnobs>;

/** Who knows what; `order` is how the classes lie on the ring, by index when left out. */
function setsOf(task: TeacherTask, order?: readonly number[]): ClassSets {
  const { split, branches, coverage, groups } = knobsOf(task);
  switch (split) {
    case 'ring':
    case 'confusion':
      return ringSets(task.classes, branches, coverage, order);
    case 'layout-a':
      return layouts.A;
    case 'layout-b':
      return layouts.B;
    case 'manual': {
      const read = readSets(groups);
      if ('problem' in read)
        throw new RunFailure(`Groups ${read.problem}.`, { knob: 'teacher.knobs.groups' });
      return read.sets;
    }
  }
}

function refuseSets(task: TeacherTask): void {
  const { split } = knobsOf(task);
  const published = split === 'layout-a' || split === 'layout-b';
  if (published && task.classes !== 10)
    throw new RunFailure(
      `The published layouts share out ten classes, but these images have ${task.classes}. Choose “By class number”.`,
      { knob: 'teacher.knobs.split' },
    );
  const problem = setsProblem(setsOf(task), task.material.dataset.classes);
  if (problem) throw new RunFailure(problem, { knob: 'teacher.knobs.groups' });
}

function joiningOf(task: TeacherTask, sets: ClassSets): Joining {
  const faithful = knobsOf(task).heads === 'faithful';
  return {
    sets,
    classes: task.classes,
    activation: faithful ? 'softmax' : 'linear',
    // Without a softmax nothing would ever teach a branch's “none of mine”.
    other: sets.map(() => (faithful ? 'last' : 'none')),
  };
}

/** Every second branch with one convolution per block instead of two, or the other way round. */
function branchSpec(spec: NetworkSpec, branch: number, diverse: boolean): NetworkSpec {
  if (!diverse || branch % 2 === 0 || spec.family !== 'cnn') return spec;
  return { ...spec, convsPerBlock: spec.convsPerBlock === 1 ? 2 : 1 };
}

function definitionOf(task: TeacherTask, sets: ClassSets) {
  const { network, diversity, trunk } = knobsOf(task);
  const spec = parseNetworkName(network);
  if ('problem' in spec)
    throw new RunFailure(`The network “${network}” ${spec.problem}.`, { knob: 'teacher.knobs.network' });
  return unified({
    joining: joiningOf(task, sets),
    branches: sets.map((_, b) => (outputs: number) => defineNetwork(branchSpec(spec, b, diversity), outputs)),
    trunk,
  });
}

const nameOf = (task: TeacherTask, sets: ClassSets) => `${sets.length} × ${knobsOf(task).network}`;

function createUnified(task: TeacherTask, sets: ClassSets): Network {
  return Network.joined(
    definitionOf(task, sets),
    nameOf(task, sets),
    task.input,
    task.classes,
    RandomStream.fork(task.recipe.seed, 'init/teacher'),
  );
}

const generalistEpochs = (epochs: number) => Math.max(1, Math.round(epochs * generalistShare));

/** Classes as a trained generalist mixes them up, on images that it has learned from. */
async function orderBy(generalist: Network, { task, normalisation }: TeacherSetup): Promise<number[]> {
  const { rows, labels } = teachingRows(task, knobsOf(task));
  const random = RandomStream.fork(task.recipe.seed, 'specialists/confusion');
  const sample = stratifiedSample(rows, labels, task.classes, confusionImages, random);
  const logits = await logitsOn(
    { split: task.material.dataset.train, rows: sample },
    (images) => generalist.forward(images, { training: false }).logits,
    task,
    normalisation,
  );
  const truth = sample.map((row) => labels[row]!);
  return confusionOrder(confusion(logits, truth, task.classes), task.classes);
}

export const specialists: TeacherKindModule = {
  plan: (task) => {
    const knobs = knobsOf(task);
    const branch = describeOrRefuse(knobs.network, task, 'teacher.knobs.network');
    refuseSets(task);
    const sets = setsOf(task);
    const name = nameOf(task, sets);
    const description = describeJoined(definitionOf(task, sets), name, task.input);
    if ('problem' in description)
      throw new RunFailure(description.problem, { knob: 'teacher.knobs.network' });
    const asked = knobs.split === 'confusion';
    const quick = asked ? teachingRows(task, { ...knobs, epochs: generalistEpochs(knobs.epochs) }).steps : 0;
    return {
      networks: [{ name, description }, ...(asked ? [{ name: knobs.network, description: branch }] : [])],
      trace: description.trace,
      steps: teachingRows(task, knobs).steps + quick,
      normalisation: null,
      notes:
        knobs.heads === 'faithful'
          ? [
              'The specialists’ outputs go through two softmaxes, as published: the teacher’s answers are almost flat.',
            ]
          : [],
    };
  },
  make: (setup) => {
    const { task, context, normalisation } = setup;
    const knobs = knobsOf(task);
    const training = (text: string, stream: string, epochs: number) => () => ({
      ...teachingRows(task, { ...knobs, epochs }),
      text,
      learningRate: () => Number(context.recipe().teacher.knobs['learningRate']),
      stream,
    });
    let sets = setsOf(task);
    const generalist: Pupil = {
      create: () =>
        Network.create(
          knobs.network,
          task.input,
          task.classes,
          RandomStream.fork(task.recipe.seed, 'init/generalist'),
        ),
      training: training(
        `A quick generalist (${knobs.network}) learns first: what it mixes up decides who knows what.`,
        'generalist',
        generalistEpochs(knobs.epochs),
      ),
      steps: teachingRows(task, { ...knobs, epochs: generalistEpochs(knobs.epochs) }).steps,
    };
    const together: Pupil = {
      create: async ([quick]) => {
        if (quick) sets = setsOf(task, await orderBy(quick, setup));
        return createUnified(task, sets);
      },
      training: training(`${sets.length} specialists learn together.`, 'teacher', knobs.epochs),
      steps: teachingRows(task, knobs).steps,
    };
    const asked = knobs.split === 'confusion';
    const pupils = new InTurn(asked ? [generalist, together] : [together], task, context, normalisation);
    return {
      ticks: async function* () {
        const networks = yield* pupils.ticks();
        const network = networks.pop()!;
        networks.forEach((quick) => quick.dispose());
        return new SpecialistsTeacher(network, joiningOf(task, sets), setup);
      },
      flush: () => pupils.flush(),
      state: () => pupils.state(),
      restore: (state) => pupils.restore(state as InTurnState),
      dispose: () => pupils.dispose(),
    };
  },
  revive: (setup, { networks, more }) => {
    const { sets } = more as { sets: ClassSets };
    const network = createUnified(setup.task, sets);
    network.module.loadState(networks[0]!);
    return new SpecialistsTeacher(network, joiningOf(setup.task, sets), setup);
  },
};
