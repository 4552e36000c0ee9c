/**
 * The set that a run studies, from the one that was chosen: images disturbed (and kept as they were, as a second view,
 * where the teacher is to see them), a part of them moved to a second domain, or stimuli of no class added, or places for
 * pictures that a generator makes during the run. Rows keep
 * their numbers; what is added comes after them, so that everything else asks for rows as before.
 */
import { onlyView, type Column, type Dataset, type ImageSpec, type Split } from '../../data/dataset';
import { domainMakers, type DomainKind } from '../../data/drawn/domains';
import { pictureMakers, type PictureKind } from '../../data/drawn/pictures';
import { RandomStream } from '../../random/streams';
import type { ValuesOf } from '../knobs';
import type { materialKnobs } from './about';
import { isOtherSet } from './other-sets';
import { keepsUndisturbed, undisturbed } from '../modalities/input-view';
import { disturbed } from './disturb';

export interface StudiedSet {
  dataset: Dataset;
  /** Rows of the training split that may become labelled; null for all. */
  source: Int32Array | null;
  /** Rows that the unlabelled half of a batch is drawn from; null for those that keep no label. */
  unlabelled: Int32Array | null;
  /** What they are, where they are no images of the set: stimuli, or places of pictures that are generated later. */
  made: 'stimuli' | 'generated' | null;
}

type MaterialValues = ValuesOf<typeof materialKnobs>;

/** @param seed of the recipe; each change draws from streams of its own */
export function studiedSet(dataset: Dataset, knobs: MaterialValues, seed: number): StudiedSet {
  const spec = dataset.inputs[onlyView]!;
  if (spec.kind !== 'image') return plain(dataset);
  const shown = {
    ...dataset,
    train: disturbed(dataset.train, spec, ofTraining(knobs), RandomStream.fork(seed, 'disturb/train')),
    test: disturbed(dataset.test, spec, ofTest(knobs), RandomStream.fork(seed, 'disturb/test')),
  };
  const studied = withUnlabelled(shown, spec, knobs, seed);
  if (!keepsUndisturbed(knobs)) return studied;
  // Everything drawn for one view is drawn again from the same streams for the other.
  const before = withUnlabelled(dataset, spec, knobs, seed).dataset;
  return { ...studied, dataset: withView(studied.dataset, undisturbed, before) };
}

function withUnlabelled(dataset: Dataset, spec: ImageSpec, knobs: MaterialValues, seed: number): StudiedSet {
  switch (knobs.unlabelled > 0 ? knobs.unlabelledFrom : 'rest') {
    case 'rest':
      return plain(dataset);
    case 'stimuli':
      return withStimuli(dataset, spec, knobs, seed);
    case 'second-domain':
      return knobs.secondDomain === 'own'
        ? withOwnDomain(dataset)
        : withSecondDomain(dataset, spec, knobs, knobs.secondDomain, seed);
    case 'generated':
      return withPlaces(dataset, spec, knobs.unlabelled);
  }
}

const plain = (dataset: Dataset): StudiedSet => ({
  dataset,
  source: null,
  unlabelled: null,
  made: null,
});

/** A set with the images of another, of the same rows, as a further view. */
function withView(dataset: Dataset, name: string, other: Dataset): Dataset {
  const both = (split: Split, { inputs }: Split): Split => ({
    ...split,
    inputs: { ...split.inputs, [name]: inputs[onlyView]! },
  });
  return {
    ...dataset,
    inputs: { ...dataset.inputs, [name]: other.inputs[onlyView]! },
    train: both(dataset.train, other.train),
    test: both(dataset.test, other.test),
    ...(dataset.secondTest && other.secondTest
      ? { secondTest: both(dataset.secondTest, other.secondTest) }
      : {}),
  };
}

const ofTraining = ({ trainNoise, trainBlur, trainContrast }: MaterialValues) => ({
  noise: trainNoise,
  blur: trainBlur,
  contrast: trainContrast,
});
const ofTest = ({ testNoise, testBlur, testContrast }: MaterialValues) => ({
  noise: testNoise,
  blur: testBlur,
  contrast: testContrast,
});

const pixelsOf = ({ inputs }: Split) => inputs[onlyView]!.values as Uint8Array;

/** Bytes of values 0..1. */
const toByte = (value: number) => Math.round(255 * Math.min(Math.max(value, 0), 1));

function withStimuli(dataset: Dataset, spec: ImageSpec, knobs: MaterialValues, seed: number): StudiedSet {
  const random = RandomStream.fork(seed, `generate/${knobs.stimuli}`);
  const values = isOtherSet(knobs.stimuli)
    ? takenFrom(dataset.others, spec, knobs.unlabelled, random)
    : drawn(knobs.stimuli, spec, knobs.unlabelled, random);
  if (knobs.stimulusScale === 'matched') matchMoments(values, pixelsOf(dataset.train));
  const drawnCount = values.length / (spec.height * spec.width * spec.channels);
  const train = extended(dataset.train, Uint8Array.from(values, toByte), drawnCount);
  return {
    dataset: { ...dataset, train },
    source: null,
    unlabelled: rowsAfter(dataset.train, drawnCount),
    made: 'stimuli',
  };
}

/** Black pictures in the places of those that a generator is to make (`training/generation/fill.ts`). */
function withPlaces(dataset: Dataset, { height, width, channels }: ImageSpec, places: number): StudiedSet {
  const train = extended(dataset.train, new Uint8Array(places * height * width * channels), places);
  return {
    dataset: { ...dataset, train },
    source: null,
    unlabelled: rowsAfter(dataset.train, places),
    made: 'generated',
  };
}

/** Rows that were added to a split. */
const rowsAfter = ({ count }: Split, added: number) =>
  Int32Array.from({ length: added }, (_, n) => count + n);

/** The training images of another set come after those of this one; its test images are scored. */
function withOwnDomain(dataset: Dataset): StudiedSet {
  const { second, ...own } = dataset;
  if (!second) throw new Error('The images of the second domain are not at hand.');
  return {
    dataset: {
      ...own,
      train: extended(dataset.train, pixelsOf(second.train), second.train.count),
      ...(second.test ? { secondTest: second.test } : {}),
    },
    source: Int32Array.from({ length: dataset.train.count }, (_, row) => row),
    unlabelled: rowsAfter(dataset.train, second.train.count),
    made: null,
  };
}

/** Pictures made from random numbers, [count*H*W*C] of 0..1. */
function drawn(
  kind: PictureKind,
  { height, width, channels }: ImageSpec,
  count: number,
  random: RandomStream,
): Float32Array {
  const side = Math.max(height, width);
  const maker = pictureMakers[kind];
  const size = height * width * channels;
  const values = new Float32Array(count * size);
  for (let n = 0; n < count; n++) {
    const u = Float64Array.from({ length: maker.uniforms(side) }, () => random.uniform());
    const picture = maker.draw(u, side);
    for (let p = 0; p < size; p++) {
      const [place, row] = [Math.floor(p / channels), Math.floor(p / channels / width)];
      values[n * size + p] = picture[row * side + (place % width)]!;
    }
  }
  return values;
}

/** Images of another set, chosen at random, [count*H*W*C] of 0..1; all of them where there are fewer than wanted. */
function takenFrom(
  others: Dataset['others'],
  { height, width, channels }: ImageSpec,
  wanted: number,
  random: RandomStream,
): Float32Array {
  if (!others) throw new Error('The images of the other set are not at hand.');
  const rows = random.shuffle(Int32Array.from({ length: others.count }, (_, row) => row)).slice(0, wanted);
  const size = height * width * channels;
  const values = new Float32Array(rows.length * size);
  rows.forEach((row, n) => {
    for (let p = 0; p < size; p++) values[n * size + p] = others.images.values[row * size + p]! / 255;
  });
  return values;
}

/** Brings values of 0..1 to the mean and deviation of the images, in place. */
function matchMoments(values: Float32Array, pixels: Uint8Array): void {
  const moments = (of: ArrayLike<number>, unit: number) => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < of.length; i++) {
      sum += of[i]! / unit;
      squares += (of[i]! / unit) ** 2;
    }
    const mean = sum / Math.max(1, of.length);
    return { mean, deviation: Math.sqrt(Math.max(squares / Math.max(1, of.length) - mean * mean, 0)) };
  };
  const own = moments(values, 1);
  const wanted = moments(pixels, 255);
  const factor = own.deviation > 0 ? wanted.deviation / own.deviation : 0;
  for (let i = 0; i < values.length; i++) values[i] = wanted.mean + (values[i]! - own.mean) * factor;
}

/** A split with images after its own that have no target. */
function extended(split: Split, pixels: Uint8Array, count: number): Split {
  const { inputs, targets, known } = split;
  const own = inputs[onlyView]!;
  const width = targets.shape.reduce((product, side) => product * side, 1);
  const grown = longer(targets.values, count * width);
  if (grown instanceof Int32Array) grown.fill(-1, targets.values.length);
  const images = longer(own.values, pixels.length);
  images.set(pixels, own.values.length);
  return {
    count: split.count + count,
    inputs: { ...inputs, [onlyView]: { values: images, shape: own.shape } },
    targets: { values: grown, shape: targets.shape },
    known: longer(known, count),
  };
}

/** The same values with zeros after them. */
function longer<Values extends Column['values']>(values: Values, by: number): Values {
  const out = new (values.constructor as new (length: number) => Values)(values.length + by);
  out.set(values);
  return out;
}

/**
 * A share of the training rows, drawn anew for each seed, is changed and loses its labels; no image is in both domains.
 * Their targets stay in the set for scoring; no step reads them.
 */
function withSecondDomain(
  dataset: Dataset,
  spec: ImageSpec,
  knobs: MaterialValues,
  kind: DomainKind,
  seed: number,
): StudiedSet {
  const { count } = dataset.train;
  const rows = RandomStream.fork(seed, 'second-domain').shuffle(
    Int32Array.from({ length: count }, (_, row) => row),
  );
  const moved = rows.slice(0, Math.round((count * knobs.secondDomainShare) / 100)).sort();
  const channels = domainMakers[kind].channels(spec.channels);
  const train = changed(dataset.train, spec, kind, moved, RandomStream.fork(seed, `generate/${kind}`));
  const everyTest = Int32Array.from({ length: dataset.test.count }, (_, row) => row);
  const secondTest = changed(
    dataset.test,
    spec,
    kind,
    everyTest,
    RandomStream.fork(seed, 'generate/domain-test'),
  );
  return {
    dataset: {
      ...dataset,
      inputs: { ...dataset.inputs, [onlyView]: { ...spec, channels } },
      train,
      test: changed(dataset.test, spec, kind, new Int32Array(), null),
      secondTest,
    },
    source: rows.slice(moved.length).sort(),
    unlabelled: moved,
    made: null,
  };
}

/** A split with some of its rows in another domain; the others are repeated to as many channels. @param random for the rows */
function changed(
  split: Split,
  { height, width, channels }: ImageSpec,
  kind: DomainKind,
  rows: Int32Array,
  random: RandomStream | null,
): Split {
  const maker = domainMakers[kind];
  const into = maker.channels(channels);
  const pixels = pixelsOf(split);
  const [size, places] = [height * width * channels, height * width];
  const out = new Uint8Array(split.count * places * into);
  for (let row = 0; row < split.count; row++)
    for (let p = 0; p < places * into; p++)
      out[row * places * into + p] =
        into === channels ? pixels[row * size + p]! : pixels[row * size + Math.floor(p / into) * channels]!;
  for (const row of rows) {
    const picture = Float64Array.from(
      greyFor(maker.channels(1) !== 1, pixels, row * size, size, channels),
      (byte) => byte / 255,
    );
    const side = Math.sqrt(places);
    const drawn = Float64Array.from({ length: maker.draws?.count(side) ?? 0 }, () =>
      maker.draws!.from === 'uniform' ? random!.uniform() : random!.normal(),
    );
    out.set(Uint8Array.from(maker.change(picture, drawn, side), toByte), row * places * into);
  }
  return { ...split, inputs: { ...split.inputs, [onlyView]: { values: out, shape: [height, width, into] } } };
}

/** One image; as grey where the domain colours it itself. */
function greyFor(
  asGrey: boolean,
  pixels: Uint8Array,
  start: number,
  size: number,
  channels: number,
): number[] {
  const own = Array.from(pixels.subarray(start, start + size));
  if (!asGrey || channels === 1) return own;
  return Array.from(
    { length: size / channels },
    (_, place) => 0.299 * own[3 * place]! + 0.587 * own[3 * place + 1]! + 0.114 * own[3 * place + 2]!,
  );
}
