/** From a data set and the material's knobs to what the student studies: which rows, with which labels. */
import { onlyView, targetsOf, type Dataset, type Targets } from '../../data/dataset';
import { RandomStream } from '../../random/streams';
import { knobFor, type ValuesOf } from '../knobs';
import { modalityAbouts } from '../modalities/about';
import type { Task } from '../tasks/task';
import { taskOf } from '../tasks/task-of';
import { materialKnobs } from './about';
import { generatedTargets, mostGenerated } from './generated/about';
import { studiedSet } from './studied-set';

export interface Material {
  /** As it is studied: disturbed or added to where the knobs say so. */
  dataset: Dataset;
  /** What the set asks for. */
  task: Task;
  /** Rows of the training split, of its first domain, that came with a target: what a teacher may learn from. */
  known: Int32Array;
  /** Rows of the training split whose label the student may use. */
  labelled: Int32Array;
  /** Rows it sees without a label. */
  unlabelled: Int32Array;
  /** What these are, where they are no images of the set: stimuli, which belong to no class of it, or generated. */
  made: 'stimuli' | 'generated' | null;
  /** Whether generated pictures are given a label, which the student alone learns from. */
  labelsMade: boolean;
  /** Wanted share of labelled instances in a batch, in %, where there are unlabelled ones. */
  realShare: number;
  /** Clean labelled rows kept apart for HKD's meta step. */
  meta: Int32Array;
  /** Rows kept apart for the live accuracy. */
  validation: Int32Array;
  /** Of the training split: the targets that the student is given; elsewhere none is known. */
  given: Targets;
  /** How many of the given labels were made wrong. */
  wrongLabels: number;
}

export interface MaterialRequest {
  knobs: ValuesOf<typeof materialKnobs>;
  seed: number;
  /** Clean images per class wanted for a held-out meta set, 0 for none. */
  metaPerClass: number;
}

/**
 * Every class is shuffled once; labels are taken from the front, validation and then meta images from the back, so
 * that wanting more of one does not change which images the other gets.
 */
export function prepareMaterial(chosen: Dataset, { knobs, seed, metaPerClass }: MaterialRequest): Material {
  const { dataset, source, unlabelled: apart, made } = studiedSet(chosen, knobs, seed);
  const split = RandomStream.fork(seed, 'split');
  const task = taskOf(dataset);
  const truth = targetsOf(dataset.train);
  // Of the rows of the set: what is added to them has no target, and must not move the tenths of numbers.
  const { count, of } = task.strata(targetsOf(chosen.train));
  const rowsOfStratum: number[][] = Array.from({ length: count }, () => []);
  const nameless: number[] = [];
  const rows = source ?? Int32Array.from(truth.known.keys());
  for (const row of rows) (truth.known[row] === 1 ? rowsOfStratum[of[row]!]! : nameless).push(row);

  const labelled: number[] = [];
  const rest: number[] = [];
  const meta: number[] = [];
  const validation: number[] = [];
  rowsOfStratum.forEach((rows, label) => {
    split.shuffle(rows);
    // At least one image of each class stays for training, however much the others ask for.
    const kept = Math.min(Math.round((rows.length * knobs.validation) / 100), Math.max(0, rows.length - 1));
    validation.push(...rows.splice(rows.length - kept, kept));
    const held = Math.min(metaPerClass, Math.max(0, rows.length - 1));
    meta.push(...rows.splice(rows.length - held, held));
    const named =
      label === knobs.unnamedClass ? 0 : knobs.labelsPerClass === 0 ? rows.length : knobs.labelsPerClass;
    labelled.push(...rows.slice(0, named));
    rest.push(...rows.slice(named));
  });

  const { realShare } = knobs;
  const unlabelled = RandomStream.fork(seed, 'unlabelled')
    .shuffle(apart ? [...apart] : [...rest, ...nameless])
    .slice(0, realShare === 100 ? 0 : knobs.unlabelled);
  const given = onlyKnown(truth, labelled);
  const noise = RandomStream.fork(seed, 'noise');
  const wrongLabels = task.corrupt(given, labelled, knobs.labelNoise, knobs.noiseKind, noise);
  return {
    dataset,
    task,
    known: rows.filter((row) => truth.known[row] === 1),
    labelled: Int32Array.from(labelled),
    unlabelled: Int32Array.from(unlabelled),
    made,
    labelsMade: made === 'generated' && knobs.relabel,
    realShare,
    meta: Int32Array.from(meta),
    validation: Int32Array.from(validation),
    given,
    wrongLabels,
  };
}

/** The targets of some rows; of the others nothing is known. */
function onlyKnown({ values, width, known }: Targets, rows: readonly number[]): Targets {
  const given = { values: values.slice().fill(nothing(values)), width, known: new Uint8Array(known.length) };
  for (const row of rows) {
    given.values.set(values.subarray(row * width, (row + 1) * width), row * width);
    given.known[row] = 1;
  }
  return given;
}

/** In place of a target that is not known: no class has the number -1. */
function nothing(values: Targets['values']): number {
  return values instanceof Int32Array ? -1 : 0;
}

/** Why this data set cannot be studied this way, with the knob to change; null when it can. */
export function materialProblem(
  { dataset, labelled, unlabelled, made }: Material,
  knobs: ValuesOf<typeof materialKnobs>,
): { message: string; knob: keyof typeof materialKnobs } | null {
  const { kind, names } = dataset.target;
  const classes = names.length;
  const spec = dataset.inputs[onlyView]!;
  const { many } = modalityAbouts[spec.kind];
  if (kind === 'class' && knobs.unnamedClass >= classes)
    return {
      message: `“${materialKnobs.unnamedClass.label}” is ${knobs.unnamedClass}, but the data set has classes 0 to ${classes - 1}. Choose one of them, or none.`,
      knob: 'unnamedClass',
    };
  if (labelled.length < 2)
    return {
      message: `Fewer than two ${many} keep their label. Raise “${knobFor(materialKnobs.labelsPerClass, kind).label}”.`,
      knob: 'labelsPerClass',
    };
  if (knobs.halve && spec.kind === 'image' && (spec.height % 2 !== 0 || spec.width % 2 !== 0))
    return {
      message: `“${materialKnobs.halve.label}” needs even sides; these images are ${spec.height}×${spec.width}. Turn it off.`,
      knob: 'halve',
    };
  const drawsDomain = dataset.secondTest !== undefined && knobs.secondDomain !== 'own';
  if (drawsDomain && spec.kind === 'image' && spec.height !== spec.width)
    return {
      message: `A second domain is drawn on square images; these are ${spec.height}×${spec.width}. Set “${materialKnobs.unlabelledFrom.label}” to “The rest of the set”.`,
      knob: 'unlabelledFrom',
    };
  if (made === 'generated' && !generatedTargets.some((target) => target === kind))
    return {
      message: `Pictures are generated for a class or for numbers, and this set asks for several labels at once. Set “${materialKnobs.unlabelledFrom.label}” to “The rest of the set”.`,
      knob: 'unlabelledFrom',
    };
  if (made === 'generated' && knobs.unlabelled > mostGenerated)
    return {
      message: `At most ${mostGenerated.toLocaleString('en-GB')} pictures are generated for a run. Lower “${materialKnobs.unlabelled.label}”.`,
      knob: 'unlabelled',
    };
  if (knobs.unlabelled > 0 && knobs.realShare < 100 && unlabelled.length === 0)
    return {
      message: `No ${many} are left to use without labels: all of them keep their label. Lower “${knobFor(materialKnobs.labelsPerClass, kind).label}”, or set “${materialKnobs.unlabelled.label}” to 0.`,
      knob: 'unlabelled',
    };
  return null;
}
