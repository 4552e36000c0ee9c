/** Inspects imported teacher files: network, input normalisation, and accuracy on the data set. */
import { taskOf } from '../distill/tasks/task-of';
import {
  onlyView,
  classNames,
  labelsOf,
  pickTargets,
  targetsOf,
  type Dataset,
  type Split,
} from '../data/dataset';
import { ImageSource, type ImageNormalisation } from '../distill/modalities/image/image-source';
import { plainView, type InputView } from '../distill/modalities/input-view';
import { Network } from '../nn/network';
import { accuracy as accuracyOf } from '../nn/classification-metrics';
import {
  readForeignModel,
  readForeignNetwork,
  type ForeignNetwork,
  type ForeignTfjsModel,
  type WeightFile,
} from '../nn/read-weights';
import { RandomStream } from '../random/streams';
import { recordedAnswers } from '../distill/teachers/recorded/about';
import { foreignModel } from '../distill/teachers/single/about';
import type { AnswerKind } from './answers/answer-parts';
import type { AnswersAbout } from './answers/load-answers';
import { quotedNames } from '../limits/texts';
import { noBetterThanChance } from './chance';
import { bestManner, rowsFor } from './inspect-network';
import { logitsOf, stratifiedSample, type LogitsFn } from './evaluate';
import {
  fittingNotes,
  logitsOf as modelLogits,
  openForeignModel,
  type ModelInterface,
} from './teachers/tfjs-teacher';

export interface InspectedTeacher extends Omit<ForeignNetwork, 'weights' | 'others' | 'outputs'> {
  /** ImageNormalisation from its file, else the data set's mean and deviation. */
  normalisation: ImageNormalisation;
  /** Kind of its outputs. The key is stored. */
  answers: AnswerKind;
  /** See `ImportedTeacher`. */
  accuracy: number;
  /** See `ImportedTeacher`. */
  measured?: number;
  otherClasses?: number;
  /** Those of the notes that say why it may be the wrong one. */
  doubts: string[];
  /** Of recorded answers. */
  members?: AnswersAbout[];
  kinds?: AnswerKind[];
  /** Of recorded answers: what lies beside them (`distill/teachers/recorded/maps.ts`). */
  maps?: string;
}

/** What a recipe says of the network in files that were inspected before. */
export interface ChosenNetwork {
  network: string;
  normalisation: ImageNormalisation;
  /** How many classes it has learned that are none of the set; 0 for those of the set. */
  otherClasses: number;
}

/**
 * Reads files as a teacher for a data set and measures its accuracy.
 * @param view that the recipe shows to the teacher, of the set as it was imported
 * @param chosen what is known already; what the files leave open is searched where it is left out
 * @throws Error with a sentence when the files hold no network that fits the data set
 */
export async function inspectTeacher(
  files: readonly WeightFile[],
  dataset: Dataset,
  view: InputView = plainView,
  chosen?: ChosenNetwork,
): Promise<InspectedTeacher> {
  const { holdAnswers } = await import('./answers/hold-answers');
  const { splitMaps } = await import('./answers/recorded-maps');
  if (holdAnswers(splitMaps(files).answers, dataset)) return inspectRecorded(files, dataset);
  if (dataset.target.kind !== 'class' || dataset.inputs[onlyView]!.kind !== 'image')
    throw new Error(
      'A network from a file answers for images of classes, and this data set is of another kind. Train the teacher here, or bring its answers on this set (.npy, .npz, .csv, .parquet).',
    );
  const source = new ImageSource(dataset, view);
  const model = readForeignModel(files);
  if (model) return inspectModel(model, dataset, source, chosen?.normalisation);
  const input = [source.height, source.width, source.channels] as const;
  const classes = classNames(dataset).length;
  const read = readForeignNetwork(files, { input, classes: chosen?.otherClasses || classes }, chosen);
  const found = chosen ? { ...read, others: [], normalisation: chosen.normalisation } : read;
  if (found.outputs !== classes) {
    const { inspectFeatures } = await import('./inspect-features');
    return inspectFeatures(found, dataset, source);
  }
  const { network: name, weights, normalisation, notes } = await bestManner(found, dataset, source);
  const network = Network.create(name, input, classes, weights);
  try {
    const answers: LogitsFn = (images) => network.forward(images, { training: false }).logits;
    const { test } = dataset;
    const rows = rowsFor('measured', name, { dataset, source }, test);
    const accuracy = await accuracyOn(answers, { dataset, source, normalisation }, test, rows);
    const isPart = rows.length < test.count;
    const part = isPart
      ? [`It is large, so its accuracy was measured on ${rows.length} of the ${test.count} test images.`]
      : [];
    const doubts = [...otherClasses(found.classes, dataset), ...doubtsAbout(accuracy, dataset, rows)];
    return {
      network: name,
      normalisation,
      answers: 'logits',
      accuracy,
      ...(isPart ? { measured: rows.length } : {}),
      notes: [...found.notes, ...notes, ...part, ...doubts],
      doubts,
    };
  } finally {
    network.dispose();
  }
}

/** Answers need no network: they are read, matched with the set and measured. */
async function inspectRecorded(files: readonly WeightFile[], dataset: Dataset): Promise<InspectedTeacher> {
  const { inspectAnswers } = await import('./answers/load-answers');
  const { splitMaps, readMaps, mapsTextOf } = await import('./answers/recorded-maps');
  const { refuseOtherSet } = await import('./answers/recorded-set');
  const { answers, maps } = splitMaps(files);
  await refuseOtherSet(answers, dataset);
  const { members, kind, kinds, notes, doubts } = await inspectAnswers(answers, dataset);
  const [{ train, test }] = members as [AnswersAbout];
  return {
    network: recordedAnswers,
    normalisation: { mean: 0, deviation: 1 },
    answers: kind,
    accuracy: test ?? train,
    members,
    kinds,
    ...(maps ? { maps: mapsTextOf(readMaps(maps, dataset)) } : {}),
    notes: [...doubts, ...notes],
    doubts,
  };
}

interface Setting {
  dataset: Dataset;
  source: ImageSource;
  normalisation: ImageNormalisation;
}

/** On all images of a split, or on some of its rows. */
async function accuracyOn(
  answers: LogitsFn,
  { dataset, source, normalisation }: Setting,
  split: Split,
  rows = rowsOf(split),
): Promise<number> {
  const classes = classNames(dataset).length;
  const logits = await logitsOf(answers, source, split, rows, normalisation, classes);
  return accuracyOf(
    logits,
    rows.map((row) => labelsOf(split)[row]!),
    classes,
  );
}

/** Training images on which input normalisations are compared; few, as a model may be slow. */
const tried = 256;

/**
 * A TensorFlow.js model does not say how its input is normalised: the usual ways are tried on training images. Whether it
 * gives probabilities is seen from its outputs.
 */
async function inspectModel(
  file: ForeignTfjsModel,
  dataset: Dataset,
  source: ImageSource,
  chosen?: ImageNormalisation,
): Promise<InspectedTeacher> {
  const model = await openForeignModel(file, source, classNames(dataset).length);
  try {
    const own = source.normalisation(rowsOf(dataset.train));
    const setting = { dataset, source, normalisation: own };
    const { train } = dataset;
    const random = RandomStream.fork(0, 'tried');
    const sample = stratifiedSample(rowsOf(train), taskOf(dataset).strata(targetsOf(train)), tried, random);
    const ways: { feed: ImageNormalisation; words: string }[] = [
      { feed: { mean: 0, deviation: 1 }, words: 'from 0 to 1' },
      { feed: { mean: 0, deviation: 1 / 255 }, words: 'from 0 to 255' },
      { feed: { mean: 0.5, deviation: 0.5 }, words: 'from −1 to 1' },
      { feed: own, words: 'less their mean, divided by their spread' },
    ];
    const asked = (feed: ImageNormalisation, answers: ModelInterface['answers']): LogitsFn => {
      return (images) => modelLogits(model, images, own, { feed, answers });
    };
    let best: { feed: ImageNormalisation; words: string; accuracy: number } | null = null;
    for (const { feed, words } of chosen ? [{ feed: chosen, words: 'as the recipe says' }] : ways) {
      const accuracy = await accuracyOn(asked(feed, 'logits'), setting, train, sample);
      if (!best || accuracy > best.accuracy) best = { feed, words, accuracy };
    }
    const { feed, words } = best!;
    const answers = await kindOfAnswers(asked(feed, 'logits'), setting, sample);
    const accuracy = await accuracyOn(asked(feed, answers), setting, dataset.test);
    const doubts = doubtsAbout(accuracy, dataset, rowsOf(dataset.test));
    const notes = [
      'It was made elsewhere, so it is asked for its answers only: hints that look inside a teacher cannot be used with it.',
      `It is given pixels ${words}, which it answers best on training images.`,
      ...(answers === 'probabilities'
        ? ['It gives probabilities; their logarithms are taken as logits.']
        : []),
      ...fittingNotes(model, source),
      ...doubts,
    ];
    return { network: foreignModel, normalisation: feed, answers, accuracy, notes, doubts };
  } finally {
    model.dispose();
  }
}

/** @throws Error with a sentence when its outputs are not finite */
async function kindOfAnswers(
  answers: LogitsFn,
  { dataset, source, normalisation }: Setting,
  sample: Int32Array,
): Promise<ModelInterface['answers']> {
  const rows = sample.subarray(0, 32);
  const classes = classNames(dataset).length;
  const said = await logitsOf(answers, source, dataset.train, rows, normalisation, classes);
  if (!said.every(Number.isFinite)) throw new Error('This model answers with numbers that are not finite.');
  const sums = Array.from(rows, (_, i) =>
    said.subarray(i * classes, (i + 1) * classes).reduce((sum, value) => sum + value, 0),
  );
  const areShares = said.every((value) => value >= 0) && sums.every((sum) => Math.abs(sum - 1) < 1e-3);
  return areShares ? 'probabilities' : 'logits';
}

function rowsOf(split: Split): Int32Array {
  return Int32Array.from({ length: split.count }, (_, row) => row);
}

/** Warns of a network that was trained on other classes, or has them in another order. */
function otherClasses(stated: readonly string[] | undefined, { target }: Dataset): string[] {
  const { names } = target;
  if (!stated || stated.length !== names.length || stated.every((name, i) => name === names[i])) return [];
  const same = stated.every((name) => names.includes(name));
  return [
    `It learned the classes ${quotedNames(stated)}${same ? ' in this order' : ''}, and this set has ${quotedNames(names)}${same ? ': the same in another order' : ''}. Its first output is taken as “${names[0]}”, and so on.`,
  ];
}

/**
 * Warns when the accuracy is no better than chance: matching shapes do not mean matching classes.
 * @param rows of the test split on which it was measured
 */
function doubtsAbout(accuracy: number, dataset: Dataset, rows: Int32Array): string[] {
  const doubt = noBetterThanChance(
    taskOf(dataset),
    { scores: { accuracy }, loss: NaN },
    pickTargets(targetsOf(dataset.test), rows),
  );
  return doubt
    ? [
        `On the test images of this set it does ${doubt}. It may have learned other classes, the same ones in another order, or images that were normalised in another way.`,
      ]
    : [];
}
