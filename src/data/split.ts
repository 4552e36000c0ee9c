/** Which images are studied and which are kept for the test. */
import { RandomStream } from '../random/streams';
import type { Part } from './draft';
import { Refusal, type Job } from './job';
import { counted } from './limits';

/** Share of each class that becomes test images when the files bring no split. */
const testShare = 0.2;

/** Marks of each part: one per image, 1 = test. */
export type TestMarks = Uint8Array[];

/**
 * Decides which images are for testing: the split the files speak of, or a stratified one from the job's seed.
 * Throws a refusal when a class has too few images to be in both.
 */
export function testMarks(
  parts: readonly Part[],
  numbers: readonly Int32Array[],
  names: readonly string[],
  job: Job,
): TestMarks {
  const roles = new Set(parts.filter(({ count }) => count > 0).map(({ role }) => role));
  const testRole = roles.has('test') ? 'test' : roles.has('validation') ? 'validation' : null;
  const hasTraining =
    roles.has('train') || roles.has(null) || (roles.has('validation') && testRole === 'test');
  if (testRole === null || !hasTraining) {
    if (testRole !== null)
      job.warn(`Only a ${testRole} part was found, so it was split. Add the training part if there is one.`);
    return stratified(numbers, names, job);
  }
  if (testRole === 'validation')
    job.warn('There is no test part; the validation images are used for testing.');
  else if (roles.has('validation')) warnAboutValidation(parts, job);
  return parts.map(({ role, count }) => new Uint8Array(count).fill(role === testRole ? 1 : 0));
}

function warnAboutValidation(parts: readonly Part[], job: Job): void {
  const images = parts.reduce((sum, { role, count }) => sum + (role === 'validation' ? count : 0), 0);
  job.warn(
    `The ${counted(images)} validation images were added to the training images; the run can keep some apart again.`,
  );
}

function stratified(numbers: readonly Int32Array[], names: readonly string[], job: Job): TestMarks {
  const marks = numbers.map((part) => new Uint8Array(part.length));
  const places: { part: number; index: number }[][] = names.map(() => []);
  for (const [part, labels] of numbers.entries())
    for (const [index, label] of labels.entries()) places[label]!.push({ part, index });
  const stream = RandomStream.fork(job.seed, 'split');
  for (const [label, own] of places.entries()) {
    if (own.length < 2)
      throw new Refusal(
        `Class "${names[label]}" has only 1 image; each class needs at least 2, one to learn from and one to test. Add images or leave the class out.`,
      );
    const order = stream.shuffle(Array.from(own.keys()));
    const tests = Math.max(1, Math.round(own.length * testShare));
    for (const i of order.slice(0, tests)) marks[own[i]!.part]![own[i]!.index] = 1;
  }
  job.warn(
    `No split into training and test was found; one was made, 80 % to 20 % of each class, with seed ${job.seed}.`,
  );
  return marks;
}
