/**
 * Memory that the steps of a run take on the device, estimated before anything is made, and the refusal of what exceeds
 * the device.
 *
 * Measured on WebAssembly as the blocks of recorded steps and the tensors beside them (vgg8, resnet8, ResNet18, ResNet18-stem7,
 * ResNet50-stem7, MobileNetV2-32, CNN; Adam, batches of 2 to 32, sides 32 to 96): a step holds 1.6 to 2.1 times the maps that
 * the layers write, for each line three times its parameters (gradients, updates), and for one more two times; HKD's meta step holds
 * 8 times the parameters and the maps twice more.
 */
import type { Recipe } from '../distill/recipe';
import type { TeacherAbout } from '../distill/about';
import { teacherAbouts } from '../distill/teachers/abouts';
import type { DeviceLimits } from '../engine/device-limits';
import { instancesPerPass, mostTogether } from './evaluate';
import type { RunFacts } from './events';
import { RunFailure } from './failure';

type Network = RunFacts['networks'][number];

/** Bytes of a number. */
const float = 4;
/** Of the maps that layers write: held in a step with gradients, and in a forward pass with fused layers. */
const [heldInStep, heldInPass] = [2, 0.7];
/**
 * In a step that keeps its maps in half precision. Measured as the buffers of recorded steps (cnn-8-16-32, resnet8, resnet20,
 * MobileNetV2, without parameters): 0.75 to 0.78 of those in single precision, because gradients of maps stay as they are.
 */
const heldInHalf = 1.55;
/** Of the parameters: gradients and updates of a line in a step, kernels arranged for the processor. */
const [inStep, arranged] = [3, 2];
/** Of the parameters and the maps: further passes of HKD's meta step. */
const ofMeta = { parameters: 8, maps: 2 };

/** Estimated bytes on the device of the phase that takes the most. */
export interface MemoryNeed {
  bytes: number;
  /** The knob with the batch of that phase. */
  knob: 'schedule.batch' | 'teacher.knobs.batch';
}

type Sized = Pick<RunFacts, 'networks' | 'extraParameters' | 'teacherSteps' | 'test'> & {
  /** Numbers of one instance. */
  size: number;
  /** Whether a student in full precision learns beside. */
  twin: boolean;
};

/** @param batch in place of the recipe's, for the phase that it belongs to */
export function memoryNeed(recipe: Recipe, sized: Sized, batch?: number): MemoryNeed {
  const { schedule } = recipe;
  const knobs: { batch?: number } = recipe.teacher.knobs;
  const ofStudent = studentPhase(recipe, sized, batch ?? schedule.batch);
  const ofTeacher =
    sized.teacherSteps > 0 ? teacherPhase(recipe, sized, batch ?? knobs.batch ?? schedule.batch) : 0;
  return ofTeacher > ofStudent && knobs.batch !== undefined
    ? { bytes: ofTeacher, knob: 'teacher.knobs.batch' }
    : { bytes: Math.max(ofStudent, ofTeacher), knob: 'schedule.batch' };
}

const heldIn = ({ schedule }: Recipe) => (schedule.maps === 'half' ? heldInHalf : heldInStep);

const sumOf = (networks: readonly Network[], of: (network: Network) => number) =>
  networks.reduce((sum, network) => sum + of(network), 0);

function studentPhase(recipe: Recipe, sized: Sized, batch: number): number {
  const { objective, schedule, teacher, weighting, hints } = recipe;
  const by = (role: Network['role']) => sized.networks.filter((network) => network.role === role);
  const [students, teachers] = [by('student'), by('teacher')];
  const lines =
    1 + Number(objective.control) + Number(objective.hardAnswers && teachers.length > 0) + Number(sized.twin);
  const held = heldIn(recipe);
  const moments = schedule.optimiser === 'sgd' ? 1 : 2;
  const { trainedBefore }: TeacherAbout = teacherAbouts[teacher.kind];
  // Kinds that are not trained ahead learn beside the student.
  const learnsBeside = teacher.kind !== 'none' && trainedBefore === undefined;
  const parameters = float * (sumOf(students, (one) => one.parameters) + sized.extraParameters);
  const ofTeacher = float * sumOf(teachers, (one) => one.parameters);
  const mapsOf = (networks: readonly Network[], instances: number) =>
    (sumOf(networks, (one) => one.activationBytes) / schedule.batch) * instances;
  const maps = mapsOf(students, batch);
  const meta = hints.length > 0 && weighting.id === 'hint-dynamic' ? ofMeta : { parameters: 0, maps: 0 };
  const step =
    (lines * (1 + moments + inStep) + arranged + meta.parameters) * parameters +
    (held + meta.maps) * maps +
    (learnsBeside
      ? (1 + moments + inStep) * ofTeacher + held * mapsOf(teachers, batch)
      : (1 + arranged) * ofTeacher + heldInPass * mapsOf(teachers, batch));
  // Blocks of a recorded step stay while networks are measured.
  const measured = Math.max(mostTogether(sized.size), Math.min(sized.test, instancesPerPass(sized.size)));
  return step + heldInPass * mapsOf(sized.networks, measured);
}

/** Networks of a teacher are trained one after the other. */
function teacherPhase(recipe: Recipe, { networks }: Sized, batch: number): number {
  const countedFor = recipe.schedule.batch;
  const own = networks.filter(({ role }) => role === 'teacher');
  return Math.max(
    0,
    ...own.map(
      ({ parameters, activationBytes }) =>
        (1 + 2 + inStep + arranged) * float * parameters +
        (heldIn(recipe) * activationBytes * batch) / countedFor,
    ),
  );
}

/**
 * @param limits of the device; null where they are not known
 * @throws RunFailure with the bytes that are needed, those that there are, and what to change
 */
export function refuseMemory(recipe: Recipe, sized: Sized, limits: DeviceLimits | null): void {
  if (!limits) return;
  const need = memoryNeed(recipe, sized);
  if (limits.all !== null && need.bytes > limits.all) {
    const { all } = limits;
    const batch = need.knob === 'schedule.batch' ? recipe.schedule.batch : Number(recipe.teacher.knobs.batch);
    const fits = (rows: number) => memoryNeed(recipe, sized, rows).bytes <= all;
    throw new RunFailure(
      `This run needs about ${inWords(need.bytes)} of memory on the device, and ${limits.what} has ${inWords(all)} at most. ${advice(largestBatch(batch, fits))}`,
      { knob: need.knob },
    );
  }
  const { batch } = recipe.schedule;
  for (const { name, largestBytes } of sized.networks) {
    if (!largestBytes || Math.max(largestBytes.map, largestBytes.parameter) <= limits.tensor) continue;
    const isMap = largestBytes.map > limits.tensor;
    const what = isMap ? `largest map of ${name} takes` : `largest layer of ${name} has weights of`;
    const bytes = isMap ? largestBytes.map : largestBytes.parameter;
    const fits = (rows: number) => (largestBytes.map / batch) * rows <= limits.tensor;
    const rest = isMap ? advice(largestBatch(batch, fits)) : 'Use a smaller network.';
    throw new RunFailure(
      `The ${what} ${inWords(bytes)}${isMap ? ` with ${batch} instances a batch` : ''}, and ${limits.what} takes at most ${inWords(limits.tensor)} in one piece. ${rest}`,
      { knob: isMap ? 'schedule.batch' : 'student.network' },
    );
  }
}

/** The largest batch that fits, halved from the present one; 0 where none does. */
function largestBatch(from: number, fits: (batch: number) => boolean): number {
  let batch = from >> 1;
  while (batch >= 2 && !fits(batch)) batch >>= 1;
  return batch >= 2 ? batch : 0;
}

function advice(batch: number): string {
  return batch > 0
    ? `Use a batch of ${batch}, smaller pictures or a smaller network.`
    : 'Use smaller pictures or a smaller network; a smaller batch is not enough.';
}

/** "4.3 GB", "128 MB" */
function inWords(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}
