import { classNames, labelsOf, type Split } from '../data/dataset';
import type { Material } from '../distill/material/material';
import { RandomStream } from '../random/streams';
import { stratifiedSample } from './evaluate';

/** Live evaluations look at no more images than this; the last one looks at all. */
const liveImages = 500;
const trainImages = 256;

/** Images on which accuracy is measured, with the labels that count as right. */
export interface EvaluationSet<Name extends string = 'training' | 'validation' | 'test'> {
  name: Name;
  split: Split;
  rows: Int32Array;
  /** [rows] */
  labels: Int32Array;
}

/**
 * What is measured while training: a fixed sample of the validation images (of the test images where there is no
 * validation split), and of the labelled training images with the labels the student is given.
 */
export function evaluationSets(
  material: Material,
  seed: number,
): { live: EvaluationSet<'validation' | 'test'>; train: EvaluationSet<'training'> } {
  const { train, test } = material.dataset;
  const classes = classNames(material.dataset).length;
  const validating = material.validation.length > 0;
  const split = validating ? train : test;
  const candidates = validating
    ? material.validation
    : Int32Array.from({ length: test.count }, (_, row) => row);
  const sample = (rows: Int32Array, labels: Int32Array, limit: number, name: string) =>
    stratifiedSample(rows, labels, classes, limit, RandomStream.fork(seed, name));
  const liveRows = sample(candidates, labelsOf(split), liveImages, 'evaluation/live');
  const trainRows = sample(material.labelled, labelsOf(train), trainImages, 'evaluation/train');
  return {
    live: {
      name: validating ? 'validation' : 'test',
      split,
      rows: liveRows,
      labels: liveRows.map((row) => labelsOf(split)[row]!),
    },
    train: {
      name: 'training',
      split: train,
      rows: trainRows,
      labels: trainRows.map((row) => material.givenLabels[row]!),
    },
  };
}

/** The whole test split. */
export function testSet(material: Material): EvaluationSet<'test'> {
  const { test } = material.dataset;
  return {
    name: 'test',
    split: test,
    rows: Int32Array.from({ length: test.count }, (_, row) => row),
    labels: labelsOf(test),
  };
}
