import { onlyView, pickTargets, targetsOf, type Dataset, type Split, type Targets } from '../data/dataset';
import type { Material } from '../distill/material/material';
import { RandomStream } from '../random/streams';
import { instancesPerPass, stratifiedSample } from './evaluate';

/** Most images of a live evaluation; the final one uses all. Of large images a fifth at least, so that it takes no minutes. */
const liveImages = 500;
const trainImages = 256;
const fewest = 1 / 5;

function most(limit: number, { inputs }: Dataset): number {
  const spec = inputs[onlyView]!;
  const size = spec.kind === 'image' ? spec.height * spec.width * spec.channels : spec.names.length;
  return Math.ceil(limit * Math.max(fewest, instancesPerPass(size) / instancesPerPass(1)));
}

/** Instances on which networks are measured, with the targets that count as right. */
export interface EvaluationSet<Name extends string = 'training' | 'validation' | 'test'> {
  name: Name;
  split: Split;
  rows: Int32Array;
  /** Of these rows. */
  targets: Targets;
}

/**
 * Sets for evaluations during training: a fixed sample of the validation images (of the test images without a validation
 * split), and of the labelled training images with the labels given to the student.
 */
export function evaluationSets(
  material: Material,
  seed: number,
): { live: EvaluationSet<'validation' | 'test'>; train: EvaluationSet<'training'> } {
  const { train, test } = material.dataset;
  const validating = material.validation.length > 0;
  const split = validating ? train : test;
  const candidates = validating
    ? material.validation
    : Int32Array.from({ length: test.count }, (_, row) => row);
  const sample = (rows: Int32Array, of: Split, limit: number, name: string) =>
    stratifiedSample(rows, material.task.strata(targetsOf(of)), limit, RandomStream.fork(seed, name));
  const { dataset } = material;
  const liveRows = sample(candidates, split, most(liveImages, dataset), 'evaluation/live');
  const trainRows = sample(material.labelled, train, most(trainImages, dataset), 'evaluation/train');
  return {
    live: {
      name: validating ? 'validation' : 'test',
      split,
      rows: liveRows,
      targets: pickTargets(targetsOf(split), liveRows),
    },
    train: {
      name: 'training',
      split: train,
      rows: trainRows,
      targets: pickTargets(material.given, trainRows),
    },
  };
}

/** A sample of the test split in the second domain, where there is one, as large as that of the first. */
export function secondDomainSet(material: Material, seed: number): EvaluationSet<'test'> | null {
  const { secondTest: split } = material.dataset;
  if (!split) return null;
  const all = Int32Array.from({ length: split.count }, (_, row) => row);
  const strata = material.task.strata(targetsOf(split));
  const random = RandomStream.fork(seed, 'evaluation/live');
  const rows = stratifiedSample(all, strata, most(liveImages, material.dataset), random);
  return { name: 'test', split, rows, targets: pickTargets(targetsOf(split), rows) };
}

/** The whole test split. */
export function testSet({ dataset }: Material, test = dataset.test): EvaluationSet<'test'> {
  return {
    name: 'test',
    split: test,
    rows: Int32Array.from({ length: test.count }, (_, row) => row),
    targets: targetsOf(test),
  };
}
