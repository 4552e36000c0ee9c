/** A teacher that a person brings, looked at before it teaches: what it is, and how well it answers here. */
import type { Dataset } from '../data/dataset';
import { ImageSource, type Normalisation } from '../distill/material/images';
import { Network } from '../nn/network';
import { accuracy as accuracyOf } from '../nn/metrics';
import { readForeignNetwork, type ForeignNetwork, type WeightFile } from '../nn/weight-files';
import { RandomStream } from '../random/streams';
import { logitsOf } from './evaluate';

export interface ExaminedTeacher extends Omit<ForeignNetwork, 'weights'> {
  /** How images are normalised for it: as its file says, else by the data set's own mean and spread. */
  normalisation: Normalisation;
  /** What it gives. */
  answers: 'logits' | 'probabilities';
  /** On all test images, 0..1 */
  accuracy: number;
}

/**
 * Reads dropped files as a teacher for a data set and measures it at once.
 * @param halve whether its images are halved first, as the recipe says
 * @throws Error with a sentence for the person when the files hold no network that can teach here
 */
export async function examineTeacher(
  files: readonly WeightFile[],
  dataset: Dataset,
  halve: boolean,
): Promise<ExaminedTeacher> {
  const source = new ImageSource(dataset, halve);
  const input = [source.height, source.width, source.channels] as const;
  const classes = dataset.classes.length;
  const found = readForeignNetwork(files, { input, classes });
  const all = Int32Array.from({ length: dataset.train.count }, (_, row) => row);
  const normalisation = found.normalisation ?? source.normalisation(all);
  const network = Network.create(found.network, input, classes, RandomStream.fork(0, 'foreign'));
  try {
    network.module.loadState(found.weights);
    const { test } = dataset;
    const rows = Int32Array.from({ length: test.count }, (_, row) => row);
    const answers = (images: Parameters<Network['forward']>[0]) =>
      network.forward(images, { training: false }).logits;
    const logits = await logitsOf(answers, source, test, rows, normalisation, classes);
    const accuracy = accuracyOf(logits, test.labels, classes);
    return {
      network: found.network,
      normalisation,
      answers: 'logits',
      accuracy,
      notes: [...found.notes, ...doubtsAbout(accuracy, classes)],
    };
  } finally {
    network.dispose();
  }
}

/** A network that fits by its shapes may still have learned something else. */
function doubtsAbout(accuracy: number, classes: number): string[] {
  return accuracy < 1.5 / classes
    ? [
        'It hardly does better than guessing on these images. It may have learned other classes, the same ones in another order, or images that were normalised in another way.',
      ]
    : [];
}
