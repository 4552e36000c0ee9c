/** A network that has learned other classes, as a teacher of features: how its images were normalised, and what it sees in the set's classes. */
import { classNames, labelsOf, type Dataset, type Split } from '../data/dataset';
import type { ImageNormalisation, ImageSource } from '../distill/modalities/image/image-source';
import { tf } from '../engine/tf';
import { describeNetwork } from '../nn/describe';
import { Network } from '../nn/network';
import type { ForeignNetwork } from '../nn/read-weights';
import { logitsOf } from './evaluate';
import { bestManner, rowsFor } from './inspect-network';
import type { InspectedTeacher } from './inspect-teacher';

interface Setting {
  dataset: Dataset;
  source: ImageSource;
}

/**
 * Its normalisation is the one under which the nearest mean of a class tells training images apart best; its accuracy is that
 * of the nearest mean on test images.
 */
export async function inspectFeatures(
  found: ForeignNetwork,
  dataset: Dataset,
  source: ImageSource,
): Promise<InspectedTeacher> {
  const setting = { dataset, source };
  const { outputs } = found;
  const { network, weights, normalisation, notes } = await bestManner(
    found,
    dataset,
    source,
    async (manner, at, rows) => {
      const { features, width } = await featuresOf({ ...manner, outputs }, at, at.dataset.train, rows);
      const labels = rows.map((row) => labelsOf(at.dataset.train)[row]!);
      // Means of one half of the images, judged on the other.
      const half = (part: number) => [...rows.keys()].filter((i) => i % 2 === part);
      const means = meansOf(features, width, labels, half(0), classNames(at.dataset).length);
      return lossOf(
        distances(features, width, half(1), means),
        half(1).map((i) => labels[i]!),
      );
    },
  );
  const manner = { network, weights, normalisation, outputs };
  const { train, test } = dataset;
  const known = rowsFor('tried', network, setting, train);
  const asked = rowsFor('measured', network, setting, test);
  const { features, width } = await featuresOf(manner, setting, train, known);
  const classes = classNames(dataset);
  const labels = known.map((row) => labelsOf(train)[row]!);
  const means = meansOf(features, width, labels, [...known.keys()], classes.length);
  const tested = (await featuresOf(manner, setting, test, asked)).features;
  const nearest = distances(tested, width, [...asked.keys()], means).map(leastOf);
  const right = nearest.filter((label, i) => label === labelsOf(test)[asked[i]!]).length;
  const accuracy = right / asked.length;
  return {
    network,
    normalisation,
    answers: 'logits',
    accuracy,
    otherClasses: outputs,
    notes: [
      `It has learned ${outputs.toLocaleString('en-GB')} classes, and this set has ${classes.length}, so it teaches by its features: losses of features and of relations work, losses of logits do not. To use its answers too, replace its last layer in Python by one of ${classes.length} outputs, train that on these classes, and save it again.`,
      `The nearest mean of a class among its features, from ${known.length} training images, is right for ${Math.round(100 * accuracy)} % of ${asked.length.toLocaleString('en-GB')} test images.`,
      ...found.notes,
      ...notes,
    ],
    doubts: [],
  };
}

/** [rows*width] of the vector before the classifier. */
async function featuresOf(
  {
    network: name,
    weights,
    normalisation,
    outputs,
  }: Pick<ForeignNetwork, 'network' | 'weights' | 'outputs'> & { normalisation: ImageNormalisation },
  { source }: Setting,
  split: Split,
  rows: Int32Array,
): Promise<{ features: Float32Array; width: number }> {
  const described = describeNetwork(name, source.shape, outputs);
  if ('problem' in described) throw new Error(described.problem);
  const width = described.trace.embedding.reduce((size, side) => size * side, 1);
  const network = Network.create(name, source.shape, outputs, weights);
  try {
    const features = await logitsOf(
      (images) =>
        tf.reshape(network.forward(images, { training: false }).embedding, [images.shape[0]!, width]),
      source,
      split,
      rows,
      normalisation,
      width,
    );
    return { features, width };
  } finally {
    network.dispose();
  }
}

/** Mean feature of each class, null for one without an image. @param at places of the images in `features` */
function meansOf(
  features: Float32Array,
  width: number,
  labels: Int32Array,
  at: readonly number[],
  classes: number,
): (Float64Array | null)[] {
  return Array.from({ length: classes }, (_, label) => {
    const own = at.filter((i) => labels[i] === label);
    if (own.length === 0) return null;
    const mean = new Float64Array(width);
    for (const i of own) for (let d = 0; d < width; d++) mean[d]! += features[i * width + d]! / own.length;
    return mean;
  });
}

/** Squared distances of images to the means of the classes; infinite where there is none. */
function distances(
  features: Float32Array,
  width: number,
  at: readonly number[],
  means: readonly (Float64Array | null)[],
): number[][] {
  return at.map((i) =>
    means.map((mean) => {
      if (!mean) return Infinity;
      let sum = 0;
      for (let d = 0; d < width; d++) sum += (features[i * width + d]! - mean[d]!) ** 2;
      return sum;
    }),
  );
}

const leastOf = (values: readonly number[]) => values.indexOf(Math.min(...values));

/** Mean cross-entropy of the classes under shares that fall with the distance, in units of the mean least one. */
function lossOf(all: readonly number[][], labels: readonly number[]): number {
  const unit = all.reduce((sum, own) => sum + Math.min(...own), 0) / all.length || 1;
  const losses = all.map((own, i) => {
    const least = Math.min(...own);
    const total = own.reduce((sum, value) => sum + Math.exp((least - value) / unit), 0);
    const truth = Math.min(own[labels[i]!]!, least + 50 * unit);
    return Math.log(total) + (truth - least) / unit;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
