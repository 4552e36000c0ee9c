/** From a reader's draft to a data set: classes, split, checks. */
import { classCounts, classesOf } from './classes';
import type { Dataset, Split } from './dataset';
import type { Draft } from './draft';
import { Refusal, type Job } from './job';
import { noteOddities } from './oddities';
import { testMarks } from './split';

/**
 * Applies the rules that all formats share. Oddities become the job's warnings. Throws a refusal when the images do
 * not make a data set (no images, one class, a class of one image, labels that are no classes, a limit).
 */
export async function assemble(draft: Draft, title: string, job: Job): Promise<Dataset> {
  job.progress('Putting the data set together');
  const { height, width, channels, parts } = draft;
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  if (total === 0) throw new Refusal('No image could be read.');
  job.checkSize(total, height * width * channels);
  const { names, numbers } = classesOf(parts, draft.names, job);
  const marks = testMarks(parts, numbers, names, job);
  const size = height * width * channels;
  const dataset: Dataset = {
    id: 'upload',
    title,
    height,
    width,
    channels,
    classes: names,
    train: gather(draft, numbers, marks, 0, size),
    test: gather(draft, numbers, marks, 1, size),
  };
  refuseTinyClasses(dataset);
  await noteOddities(dataset, job);
  return dataset;
}

function gather(
  { parts }: Draft,
  numbers: readonly Int32Array[],
  marks: readonly Uint8Array[],
  mark: 0 | 1,
  size: number,
): Split {
  let count = 0;
  for (const part of marks) for (const value of part) if (value === mark) count++;
  const images = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  let at = 0;
  for (const [p, part] of parts.entries())
    for (let i = 0; i < part.count; i++) {
      if (marks[p]![i] !== mark) continue;
      images.set(part.images.subarray(i * size, (i + 1) * size), at * size);
      labels[at++] = numbers[p]![i]!;
    }
  return { images, labels, count };
}

function refuseTinyClasses({ classes, train, test }: Dataset): void {
  const training = classCounts(train, classes.length);
  const testing = classCounts(test, classes.length);
  const lonely = classes.findIndex((_, i) => training[i]! + testing[i]! < 2);
  if (lonely >= 0)
    throw new Refusal(
      `Class "${classes[lonely]}" has only 1 image; each class needs at least 2. Add images or leave the class out.`,
    );
}
