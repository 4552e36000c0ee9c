/** From a data set and the material's knobs to what the student studies: which rows, with which labels. */
import { classNames, labelsOf, onlyView, type Dataset } from '../../data/dataset';
import { RandomStream } from '../../random/streams';
import type { ValuesOf } from '../knobs';
import type { materialKnobs } from './about';

export interface Material {
  dataset: Dataset;
  /** Rows of the training split whose label the student may use. */
  labelled: Int32Array;
  /** Rows it sees without a label. */
  unlabelled: Int32Array;
  /** Clean labelled rows kept apart for HKD's meta step. */
  meta: Int32Array;
  /** Rows kept apart for the live accuracy. */
  validation: Int32Array;
  /** [Ntrain] the label the student is given, -1 for none */
  givenLabels: Int32Array;
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
export function prepareMaterial(dataset: Dataset, { knobs, seed, metaPerClass }: MaterialRequest): Material {
  const split = RandomStream.fork(seed, 'split');
  const trueLabels = labelsOf(dataset.train);
  const classes = classNames(dataset).length;
  const rowsOfClass: number[][] = Array.from({ length: classes }, () => []);
  trueLabels.forEach((label, row) => rowsOfClass[label]!.push(row));

  const labelled: number[] = [];
  const rest: number[] = [];
  const meta: number[] = [];
  const validation: number[] = [];
  rowsOfClass.forEach((rows, label) => {
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

  const unlabelled = RandomStream.fork(seed, 'unlabelled').shuffle(rest).slice(0, knobs.unlabelled);
  const givenLabels = new Int32Array(dataset.train.count).fill(-1);
  for (const row of labelled) givenLabels[row] = trueLabels[row]!;
  const wrongLabels = spoilLabels(givenLabels, labelled, classes, knobs, RandomStream.fork(seed, 'noise'));
  return {
    dataset,
    labelled: Int32Array.from(labelled),
    unlabelled: Int32Array.from(unlabelled),
    meta: Int32Array.from(meta),
    validation: Int32Array.from(validation),
    givenLabels,
    wrongLabels,
  };
}

/** Makes a share of the labels wrong, in place; returns how many. */
function spoilLabels(
  labels: Int32Array,
  rows: readonly number[],
  classes: number,
  { labelNoise, noiseKind }: ValuesOf<typeof materialKnobs>,
  random: RandomStream,
): number {
  if (classes < 2) return 0;
  const wrong = Math.round((rows.length * labelNoise) / 100);
  for (const row of random.shuffle([...rows]).slice(0, wrong)) {
    const move = noiseKind === 'next' ? 1 : 1 + random.below(classes - 1);
    labels[row] = (labels[row]! + move) % classes;
  }
  return wrong;
}

/** Why this data set cannot be studied this way, with the knob to change; null when it can. */
export function materialProblem(
  { dataset, labelled, unlabelled }: Material,
  knobs: ValuesOf<typeof materialKnobs>,
): { message: string; knob: keyof typeof materialKnobs } | null {
  const classes = classNames(dataset).length;
  const spec = dataset.inputs[onlyView]!;
  if (knobs.unnamedClass >= classes)
    return {
      message: `Class without labels is ${knobs.unnamedClass}, but the data set has classes 0 to ${classes - 1}. Choose one of them, or none.`,
      knob: 'unnamedClass',
    };
  if (labelled.length < 2)
    return {
      message: 'Fewer than two images keep their label. Raise “Labels per class”.',
      knob: 'labelsPerClass',
    };
  if (knobs.halve && spec.kind === 'image' && (spec.height % 2 !== 0 || spec.width % 2 !== 0))
    return {
      message: `“Halve the images” needs even sides; these images are ${spec.height}×${spec.width}. Turn it off.`,
      knob: 'halve',
    };
  if (knobs.unlabelled > 0 && unlabelled.length === 0)
    return {
      message:
        'No images are left to use without labels: all of them keep their label. Lower “Labels per class”, or set “Unlabelled images” to 0.',
      knob: 'unlabelled',
    };
  return null;
}
