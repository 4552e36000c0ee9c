/** Specialists in one body: parallel branches that each know a few classes, trained together. */
import * as z from 'zod/mini';
import { classNames } from '../../data/dataset';
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
import { penaltiesOf, unlikeBranches, type Branch } from '../../distill/teachers/specialists/branches';
import { unified, type Joining } from '../../distill/teachers/specialists/unified';
import { describeJoined } from '../../nn/describe';
import { confusion } from '../../nn/classification-metrics';
import { parseNetworkName } from '../../nn/network-names';
import { Network } from '../../nn/network';
import { defineNetwork } from '../../nn/networks';
import { eluCnn } from '../../nn/networks/elu-cnn';
import { RandomStream } from '../../random/streams';
import { stratifiedSample } from '../evaluate';
import { RunFailure } from '../failure';
import { logitsOn } from './answers';
import { describeOrRefuse, teachingRows } from './teacher-networks';
import { SequentialTraining, type SequentialState, type SequentialNetwork } from './sequential';
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

const storedSets = z.object({ sets: z.array(z.array(z.int().check(z.nonnegative()))) });

/** The sets of a trained teacher. Files of older pages do not name them; where they follow from the knobs they are found. */
function knownSets(task: TeacherTask, more: unknown): ClassSets {
  if (more) return (more as { sets: ClassSets }).sets;
  if (knobsOf(task).split !== 'confusion') return setsOf(task);
  throw new RunFailure(
    'This run was stored by an older version of the page, which did not store the class assignment of the specialists. Run its recipe again.',
  );
}

function refuseSets(task: TeacherTask): void {
  const { split } = knobsOf(task);
  const published = split === 'layout-a' || split === 'layout-b';
  if (published && task.classes !== 10)
    throw new RunFailure(
      `The published layouts share out ten classes, but these images have ${task.classes}. Choose “By class number”.`,
      { knob: 'teacher.knobs.split' },
    );
  const problem = setsProblem(setsOf(task), classNames(task.material.dataset));
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

/** The branches where they are unlike, else null. */
function unlikeOf(task: TeacherTask, count: number): Branch[] | null {
  const { diversity, split, width } = knobsOf(task);
  const [height, across] = task.input;
  if (!diversity) return null;
  return unlikeBranches(split === 'layout-a' ? 'A' : 'B', count, width, Math.min(height, across));
}

function definitionOf(task: TeacherTask, sets: ClassSets) {
  const { network, trunk } = knobsOf(task);
  const unlike = unlikeOf(task, sets.length);
  const spec = parseNetworkName(network);
  if ('problem' in spec)
    throw new RunFailure(`The network “${network}” ${spec.problem}.`, { knob: 'teacher.knobs.network' });
  return unified({
    joining: joiningOf(task, sets),
    branches: sets.map((_, b) => (outputs: number) => {
      const branch = unlike?.[b];
      return branch ? eluCnn(branch.network, outputs) : defineNetwork(spec, outputs);
    }),
    trunk,
  });
}

function nameOf(task: TeacherTask, { length }: ClassSets): string {
  const { network, width } = knobsOf(task);
  return unlikeOf(task, length)
    ? `${length} unlike branches from ${width} filters`
    : `${length} × ${network}`;
}

/** One network for all classes, like a branch: the quick generalist. */
function generalistOf(task: TeacherTask): string {
  const [first] = unlikeOf(task, 1) ?? [];
  return first
    ? `elu2-${first.network.blocks.map(({ filters }) => filters).join('-')}`
    : knobsOf(task).network;
}

function createUnified(task: TeacherTask, sets: ClassSets): Network {
  return Network.joined(
    definitionOf(task, sets),
    nameOf(task, sets),
    task.input,
    task.classes,
    RandomStream.fork(task.recipe.seed, 'init/teacher'),
  );
}

/** Unlike branches have penalties of their own in place of the weight decay. */
function penalised(task: TeacherTask, { module }: Network): { penalties?: Map<string, number> } {
  const branches = unlikeOf(task, 8);
  const penalties = penaltiesOf(branches ?? [], module.specs);
  return penalties.size > 0 ? { penalties } : {};
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
    const generalist = generalistOf(task);
    const alone = describeOrRefuse(generalist, task, 'teacher.knobs.network');
    refuseSets(task);
    const sets = setsOf(task);
    const name = nameOf(task, sets);
    const description = describeJoined(definitionOf(task, sets), name, task.input);
    if ('problem' in description)
      throw new RunFailure(description.problem, { knob: 'teacher.knobs.network' });
    const asked = knobs.split === 'confusion';
    const quick = asked ? teachingRows(task, { ...knobs, epochs: generalistEpochs(knobs.epochs) }).steps : 0;
    return {
      networks: [{ name, description }, ...(asked ? [{ name: generalist, description: alone }] : [])],
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
  build: (setup) => {
    const { task, context, normalisation } = setup;
    const knobs = knobsOf(task);
    const training = (text: string, stream: string, epochs: number) => (network: Network) => ({
      ...teachingRows(task, { ...knobs, epochs }),
      text,
      learningRate: () => context.recipe().teacher.knobs.learningRate!,
      stream,
      ...penalised(task, network),
    });
    let sets = setsOf(task);
    const generalist: SequentialNetwork = {
      create: () =>
        Network.create(
          generalistOf(task),
          task.input,
          task.classes,
          RandomStream.fork(task.recipe.seed, 'init/generalist'),
        ),
      training: training(
        `A quick generalist (${generalistOf(task)}) learns first: what it mixes up decides who knows what.`,
        'generalist',
        generalistEpochs(knobs.epochs),
      ),
      steps: teachingRows(task, { ...knobs, epochs: generalistEpochs(knobs.epochs) }).steps,
    };
    const together: SequentialNetwork = {
      create: async ([quick]) => {
        if (quick) sets = setsOf(task, await orderBy(quick, setup));
        return createUnified(task, sets);
      },
      training: training(`${sets.length} specialists learn together.`, 'teacher', knobs.epochs),
      steps: teachingRows(task, knobs).steps,
    };
    const asked = knobs.split === 'confusion';
    const pupils = new SequentialTraining(
      asked ? [generalist, together] : [together],
      task,
      context,
      normalisation,
    );
    return {
      ticks: async function* () {
        const networks = yield* pupils.ticks();
        const network = networks.pop()!;
        networks.forEach((quick) => quick.dispose());
        return new SpecialistsTeacher(network, joiningOf(task, sets), setup);
      },
      flush: () => pupils.flush(),
      state: () => pupils.state(),
      restore: (state) => pupils.restore(state as SequentialState),
      dispose: () => pupils.dispose(),
    };
  },
  restore: (setup, { networks, more }) => {
    const sets = knownSets(setup.task, more);
    const network = createUnified(setup.task, sets);
    network.module.loadState(networks[0]!);
    return new SpecialistsTeacher(network, joiningOf(setup.task, sets), setup);
  },
  body: (task, { more }) => definitionOf(task, knownSets(task, more)),
  readMore: (text) => storedSets.parse(JSON.parse(text)),
};
