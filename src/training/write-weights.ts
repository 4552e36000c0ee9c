/** Weights of a learner as a safetensors file, with its network, input and classes as metadata. */
import { classNames, type Dataset, type InputSpec } from '../data/dataset';
import { writeDown } from '../nn/graph/emit';
import type { JoinedDefinition } from '../nn/networks/define-network';
import type { NamedArray } from '../nn/module';
import { readSafetensors, readSafetensorsMetadata, writeSafetensors } from '../nn/safetensors';
import {
  aboutToMetadata,
  memberPrefix,
  membersFromMetadata,
  membersToMetadata,
  writtenToMetadata,
  type FeedAbout,
  type WeightsAbout,
} from '../nn/weights-about';
import { RandomStream } from '../random/streams';
import { writeVariables } from '../engine/variables';
import type { SetSources } from './asset-readers';
import type { Learner } from './events';
import { withOtherImages } from './other-images';
import { feedsOf, planRun, type Plan } from './plan';
import { createStudentNetwork, lowPrecisionOf } from './student-network';
import type { Feed } from '../distill/modalities/input-source';
import type { Checkpoint } from './checkpoint';
import { teacherKinds } from './teachers/teacher-kinds';
import type { TeacherState } from './teachers/teacher';

/** PyTorch's names and layouts. */
export interface NamedState {
  name: string;
  weights: NamedArray[];
  /** Its definition, where `nn/network-names.ts` has no name for it. */
  body?: JoinedDefinition;
  /** What else its kind of teacher must know to be built from the file, as JSON. */
  more?: string;
}

/**
 * @param networks one, or several that teach together: then each one's names begin with its place (`memberPrefix`)
 * @param feed what they are given
 */
function weightsFile(networks: readonly NamedState[], plan: Plan, feed: Feed): Uint8Array {
  const several = networks.length > 1;
  const about = { network: networks.map(({ name }) => name).join(' + '), ...feedAbout(plan, feed) };
  const arrays = networks.flatMap(({ weights }, i) =>
    several ? weights.map((array) => ({ ...array, name: memberPrefix(i) + array.name })) : weights,
  );
  const members = several ? membersToMetadata(networks.map(({ name }) => name)) : {};
  const body = several ? undefined : networks[0]?.body;
  const written = body ? writtenToMetadata(writeDown(body, about.input)) : {};
  const more = networks[0]?.more;
  return writeSafetensors(arrays, {
    ...aboutToMetadata(about),
    ...members,
    ...written,
    ...(more === undefined ? {} : { more }),
  });
}

/** What networks of a run are given and asked. @param feed what they are given */
export function feedAbout(plan: Plan, { source: { shape, spec }, normalisation }: Feed): FeedAbout {
  return {
    input: shape,
    classes: classNames(plan.material.dataset),
    normalisation,
    ...columnsOf(spec),
    ...targetsAbout(plan),
  };
}

function columnsOf(spec: InputSpec): Pick<WeightsAbout, 'columns' | 'fileColumns'> {
  if (spec.kind !== 'vector') return {};
  return { columns: spec.names, ...(spec.columns ? { fileColumns: spec.columns } : {}) };
}

function targetsAbout({ facts: { targets }, material }: Plan): Pick<WeightsAbout, 'targets'> {
  if (!targets) return {};
  const { scale } = material.task;
  return {
    targets: { ...targets, scale: scale && { mean: [...scale.mean], deviation: [...scale.deviation] } },
  };
}

/**
 * What `teacherFile` wrote down, as the state that its kind is restored from.
 * @throws Error when the file is none of those
 */
export function teacherStateOf({ recipe }: Plan, file: Uint8Array): TeacherState {
  const arrays = readSafetensors(file);
  const metadata = readSafetensorsMetadata(file);
  const members = membersFromMetadata(metadata) ?? [''];
  const networks = members.map((_, i) => {
    const prefix = members.length > 1 ? memberPrefix(i) : '';
    return arrays.flatMap((array) =>
      array.name.startsWith(prefix) ? [{ ...array, name: array.name.slice(prefix.length) }] : [],
    );
  });
  const { kind } = recipe.teacher;
  const { more } = metadata;
  if (kind === 'none' || more === undefined) return { networks };
  return { networks, more: teacherKinds[kind].readMore?.(more) };
}

/**
 * The teacher's networks as a file, or null when it has none of its own.
 * @param state of a teacher of the plan's kind, live or saved
 */
export function teacherFile(plan: Plan, state: TeacherState): Uint8Array | null {
  const { kind } = plan.recipe.teacher;
  if (kind === 'none' || state.networks.length === 0) return null;
  const module = teacherKinds[kind];
  const body = module.body?.(plan.teaching, state);
  const networks = state.networks.map((weights, i) => ({
    name: plan.teacher!.networks[i]!.name,
    weights,
    ...(body ? { body } : {}),
    ...(module.readMore ? { more: JSON.stringify(state.more) } : {}),
  }));
  return weightsFile(networks, plan, feedsOf(plan).teacher);
}

/** A line of the student's phase as a file: what is trained, and in low precision how it is computed. */
export function lineFile(plan: Plan, learner: Learner, weights: NamedArray[]): Uint8Array {
  const low = learner === 'full' ? null : lowPrecisionOf(plan);
  const line = { name: plan.recipe.student.network, weights, ...(low ? { body: low.define } : {}) };
  return weightsFile([line], plan, feedsOf(plan).student);
}

/**
 * Weights of a learner from a checkpoint, or null when it had none then. Needs a backend; leaves no tensor.
 * @param dataset that the run studies
 * @throws RunFailure when the checkpoint and the data set do not fit
 */
export async function weightsOfCheckpoint(
  state: Checkpoint,
  dataset: Dataset,
  learner: Learner,
  sources: SetSources,
): Promise<Uint8Array | null> {
  const plan = planRun(state.recipe, await withOtherImages(dataset, state.recipe, sources));
  if (learner === 'teacher') return state.teacher && teacherFile(plan, state.teacher);
  // The order of the lines in `StudentLines`.
  const lines = [
    'student',
    ...(plan.control ? ['control'] : []),
    ...(plan.recipe.objective.hardAnswers && plan.teacher ? ['hard'] : []),
    ...(plan.twin ? ['full'] : []),
  ];
  const place = lines.indexOf(learner);
  if (!state.students || place < 0) return null;
  const network = createStudentNetwork(plan, RandomStream.fork(0, 'loaded'));
  try {
    const { trainable, statistics } = network.module;
    const variables = [...trainable.values(), ...statistics.values()];
    const from = place * variables.length;
    writeVariables(variables, state.students.lines.variables.slice(from, from + variables.length));
    return lineFile(plan, learner, await network.module.exportState());
  } finally {
    network.dispose();
  }
}
