/** One run from its start to its last evaluation, as on the page: teacher, HKD, baseline, measurements. */
import { datasetOfImages } from '../../../src/data/labelled-images';
import type { Recipe } from '../../../src/distill/recipe';
import { Run } from '../../../src/training/run';
import { start } from '../engine/measure';
import { noise, recipeOf, type RunCase } from '../engine/run-timings';

const stepsOfAll = 200;
const training = { batch: 64, optimiser: 'sgd', learningRate: 0.05 };
const whole: RunCase = {
  name: 'whole run, 32x32x3 b64, ResNet-20 to ResNet-8, HKD',
  side: 32,
  channels: 3,
  images: 2000,
  batch: 64,
  changes: {
    student: { network: 'resnet8' },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'resnet20', epochs: 2, batch: 64 } },
    objective: { control: true },
    hints: [
      { id: 'kd', weight: 0.9, knobs: { temperature: 4 } },
      { id: 'fitnet', weight: 1 },
    ],
    weighting: { id: 'hint-dynamic', knobs: { metaInterval: 5, metaWarmup: 0, metaSet: 'next-batch' } },
  },
};
export const wholeRunName = whole.name;

export interface WholeRun {
  case: string;
  steps: number;
  images: number;
  /** From the start to the first step of the student: kernels of the teacher, its training. */
  teacherSeconds: number;
  seconds: number;
  /** Of the student's phase, the last that was told. */
  stepsPerSecond: number | null;
}

/** Of the run for each timed step of the other rows: 200 steps and 2000 images with the 50 that are usual. */
const [stepsEach, imagesEach] = [4, 40];

/**
 * @param timed steps that other rows time at most; with fewer than usual the run is shorter in proportion
 * @throws Error with the run's own sentence when it fails
 */
export async function measureWholeRun(timed: number, maps: Recipe['schedule']['maps']): Promise<WholeRun> {
  const steps = Math.min(stepsOfAll, stepsEach * timed);
  const schedule = { ...training, steps, maps, evaluateEvery: Math.ceil(steps / 4) };
  const set = {
    ...whole,
    images: Math.min(whole.images, Math.max(2 * whole.batch, imagesEach * timed)),
    changes: { ...whole.changes, schedule },
  };
  await start('webgpu');
  const run = new Run(recipeOf(set, steps), datasetOfImages(noise(set)), {
    fetchAsset: () => Promise.reject(new Error('no files here')),
  });
  const began = performance.now();
  const since = () => (performance.now() - began) / 1000;
  let teacherSeconds = 0;
  let stepsPerSecond: number | null = null;
  for await (const events of run.ticks())
    for (const event of events) {
      if (event.type === 'failed') throw new Error(event.message);
      if (event.type === 'phase' && event.phase === 'student') teacherSeconds ||= since();
      if (event.type === 'speed') ({ stepsPerSecond } = event);
    }
  run.dispose();
  return { case: whole.name, steps, images: set.images, teacherSeconds, seconds: since(), stepsPerSecond };
}
