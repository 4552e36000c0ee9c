/** Unified ensemble of specialised teachers: parallel branches for a few classes each, trained together. */
import * as z from 'zod/mini';
import { classNames, pickTargets } from '../../data/dataset';
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
import { outputsOf, unified, type Joining } from '../../distill/teachers/specialists/unified';
import { describeJoined } from '../../nn/describe';
import { confusion } from '../../nn/classification-metrics';
import { parseNetworkName } from '../../nn/network-names';
import { Network } from '../../nn/network';
import { defineNetwork } from '../../nn/networks/define-network';
import { eluCnn } from '../../nn/networks/elu-cnn';
import { RandomStream } from '../../random/streams';
import { logitsOf, stratifiedSample } from '../evaluate';
import { RunFailure } from '../failure';
import { describeOrRefuse, teachingRows } from './teacher-networks';
import { SequentialTraining, type SequentialState, type SequentialNetwork } from './sequential';
import { SpecialistsTeacher } from './specialists-teacher';
import type { TeacherKindModule, TeacherSetup, TeacherSetting } from './teacher';

/** Part of the epochs for the generalist, whose confusion decides the class assignment. */
const generalistShare = 0.25;
/** Training images on which the generalist's confusion is counted. */
const confusionImages = 1000;

const knobsOf = ({ recipe }: TeacherSetting) => recipe.teacher.knobs as ValuesOf<typeof specialistsKnobs>;

/** The class assignment; `order` is the order of the classes on the ring, by index when left out. */
function setsOf(setting: TeacherSetting, order?: readonly number[]): ClassSets {
  const { split, branches, coverage, groups } = knobsOf(setting);
  switch (split) {
    case 'ring':
    case 'confusion':
      return ringSets(setting.outputs, branches, coverage, order);
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
function knownSets(setting: TeacherSetting, more: unknown): ClassSets {
  if (more) return (more as { sets: ClassSets }).sets;
  if (knobsOf(setting).split !== 'confusion') return setsOf(setting);
  throw new RunFailure(
    'This run was stored by an older version of the page, which did not store the class assignment of the specialists. Run its recipe again.',
  );
}

function refuseSets(setting: TeacherSetting): void {
  const { split } = knobsOf(setting);
  const published = split === 'layout-a' || split === 'layout-b';
  if (published && setting.outputs !== 10)
    throw new RunFailure(
      `The published layouts share out ten classes, but these images have ${setting.outputs}. Choose “By class number”.`,
      { knob: 'teacher.knobs.split' },
    );
  const problem = setsProblem(setsOf(setting), classNames(setting.material.dataset));
  if (problem) throw new RunFailure(problem, { knob: 'teacher.knobs.groups' });
}

function joiningOf(setting: TeacherSetting, sets: ClassSets): Joining {
  const faithful = knobsOf(setting).heads === 'faithful';
  return {
    sets,
    classes: setting.outputs,
    activation: faithful ? 'softmax' : 'linear',
    // Without a softmax no loss trains a branch's output for "none of mine".
    other: sets.map(() => (faithful ? 'last' : 'none')),
  };
}

/** The branches where they differ from each other, else null. */
function unlikeOf(setting: TeacherSetting, count: number): Branch[] | null {
  const { diversity, split, width } = knobsOf(setting);
  if (!diversity) return null;
  if (setting.input.length === 1)
    throw new RunFailure(
      'Unlike branches are convolutional, and a table has no neighbouring pixels. Take like branches, of an MLP.',
      {
        knob: 'teacher.knobs.diversity',
      },
    );
  const [height, across] = setting.input;
  return unlikeBranches(split === 'layout-a' ? 'A' : 'B', count, width, Math.min(height, across));
}

function definitionOf(setting: TeacherSetting, sets: ClassSets) {
  const { network, trunk } = knobsOf(setting);
  const unlike = unlikeOf(setting, sets.length);
  const spec = parseNetworkName(network);
  if ('problem' in spec)
    throw new RunFailure(`The network “${network}” ${spec.problem}.`, { knob: 'teacher.knobs.network' });
  return unified({
    joining: joiningOf(setting, sets),
    branches: sets.map((_, b) => (outputs: number) => {
      const branch = unlike?.[b];
      return branch ? eluCnn(branch.network, outputs) : defineNetwork(spec, outputs);
    }),
    trunk,
  });
}

function nameOf(setting: TeacherSetting, { length }: ClassSets): string {
  const { network, width } = knobsOf(setting);
  return unlikeOf(setting, length)
    ? `${length} unlike branches from ${width} filters`
    : `${length} × ${network}`;
}

/** Name of the generalist: one network for all classes, like a branch. */
function generalistOf(setting: TeacherSetting): string {
  const [first] = unlikeOf(setting, 1) ?? [];
  return first
    ? `elu2-${first.network.blocks.map(({ filters }) => filters).join('-')}`
    : knobsOf(setting).network;
}

function createUnified(setting: TeacherSetting, sets: ClassSets): Network {
  return Network.joined(
    definitionOf(setting, sets),
    nameOf(setting, sets),
    setting.input,
    setting.outputs,
    RandomStream.fork(setting.recipe.seed, 'init/teacher'),
  );
}

/** Branches that differ have their own L2 penalties in place of weight decay. */
function penalised(setting: TeacherSetting, { module }: Network): { penalties?: Map<string, number> } {
  const branches = unlikeOf(setting, 8);
  const penalties = penaltiesOf(branches ?? [], module.specs);
  return penalties.size > 0 ? { penalties } : {};
}

const generalistEpochs = (epochs: number) => Math.max(1, Math.round(epochs * generalistShare));

/** Order of the classes by a trained generalist's confusion on training images. */
async function orderBy(generalist: Network, { setting, normalisation }: TeacherSetup): Promise<number[]> {
  const { rows, targets } = teachingRows(setting, knobsOf(setting));
  const random = RandomStream.fork(setting.recipe.seed, 'specialists/confusion');
  const sample = stratifiedSample(rows, setting.material.task.strata(targets), confusionImages, random);
  const logits = await logitsOf(
    (images) => generalist.forward(images, { training: false }).logits,
    setting.source,
    setting.material.dataset.train,
    sample,
    normalisation,
    setting.outputs,
  );
  const truth = pickTargets(targets, sample).values;
  return confusionOrder(confusion(logits, truth, setting.outputs), setting.outputs);
}

export const specialists: TeacherKindModule = {
  plan: (setting) => {
    const knobs = knobsOf(setting);
    const generalist = generalistOf(setting);
    const alone = describeOrRefuse(generalist, setting, 'teacher.knobs.network');
    refuseSets(setting);
    const sets = setsOf(setting);
    const name = nameOf(setting, sets);
    const description = describeJoined(definitionOf(setting, sets), name, setting.input);
    if ('problem' in description)
      throw new RunFailure(description.problem, { knob: 'teacher.knobs.network' });
    const asked = knobs.split === 'confusion';
    const quick = asked
      ? teachingRows(setting, { ...knobs, epochs: generalistEpochs(knobs.epochs) }).steps
      : 0;
    return {
      networks: [{ name, description }, ...(asked ? [{ name: generalist, description: alone }] : [])],
      trace: description.trace,
      steps: teachingRows(setting, knobs).steps + quick,
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
    const { setting, context, normalisation } = setup;
    const knobs = knobsOf(setting);
    const training = (text: string, stream: string, epochs: number) => (network: Network) => ({
      ...teachingRows(setting, { ...knobs, epochs }),
      text,
      learningRate: () => context.recipe().teacher.knobs.learningRate!,
      stream,
      ...penalised(setting, network),
    });
    let sets = setsOf(setting);
    const generalist: SequentialNetwork = {
      create: () =>
        Network.create(
          generalistOf(setting),
          setting.input,
          setting.outputs,
          RandomStream.fork(setting.recipe.seed, 'init/generalist'),
        ),
      training: training(
        `A quick generalist (${generalistOf(setting)}) learns first: what it mixes up decides who knows what.`,
        'generalist',
        generalistEpochs(knobs.epochs),
      ),
      steps: teachingRows(setting, { ...knobs, epochs: generalistEpochs(knobs.epochs) }).steps,
    };
    const together: SequentialNetwork = {
      create: async ([quick]) => {
        if (quick) sets = setsOf(setting, await orderBy(quick, setup));
        return createUnified(setting, sets);
      },
      training: training(`${sets.length} specialists learn together.`, 'teacher', knobs.epochs),
      steps: teachingRows(setting, knobs).steps,
    };
    const asked = knobs.split === 'confusion';
    const pupils = new SequentialTraining(
      asked ? [generalist, together] : [together],
      setting,
      context,
      normalisation,
    );
    return {
      ticks: async function* () {
        const networks = yield* pupils.ticks();
        const network = networks.pop()!;
        networks.forEach((quick) => quick.dispose());
        return new SpecialistsTeacher(network, joiningOf(setting, sets), setup);
      },
      flush: () => pupils.flush(),
      state: () => pupils.state(),
      restore: (state) => pupils.restore(state as SequentialState),
      dispose: () => pupils.dispose(),
    };
  },
  restore: (setup, { networks, more }) => {
    const sets = knownSets(setup.setting, more);
    const network = createUnified(setup.setting, sets);
    network.module.loadState(networks[0]!);
    return new SpecialistsTeacher(network, joiningOf(setup.setting, sets), setup);
  },
  body: (setting, { more }) => definitionOf(setting, knownSets(setting, more)),
  parts: (setting, { more }) => {
    const sets = knownSets(setting, more);
    const { network, trunk } = knobsOf(setting);
    const unlike = unlikeOf(setting, sets.length);
    const joining = joiningOf(setting, sets);
    const outputs = outputsOf(joining);
    return {
      kind: 'specialists',
      branches: sets.map((classes, b) => ({
        network: unlike?.[b]?.network ?? network,
        ...{ classes, outputs: outputs[b]! },
      })),
      softmax: joining.activation === 'softmax',
      trunk,
    };
  },
  readMore: (text) => storedSets.parse(JSON.parse(text)),
};
