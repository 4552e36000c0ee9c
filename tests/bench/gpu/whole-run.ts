/** One run from its start to its last evaluation, as on the page: teacher, HKD, baseline, measurements. */
import { datasetOfImages } from '../../../src/data/labelled-images';
import { Run } from '../../../src/training/run';
import { start } from '../engine/measure';
import { noise, recipeOf, type RunCase } from '../engine/run-timings';

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
    schedule: { steps: 200, batch: 64, evaluateEvery: 50, optimiser: 'sgd', learningRate: 0.05 },
  },
};
export const wholeRunName = whole.name;

export interface WholeRun {
  case: string;
  /** From the start to the first step of the student: kernels of the teacher, its training. */
  teacherSeconds: number;
  seconds: number;
  /** Of the student's phase, the last that was told. */
  stepsPerSecond: number | null;
}

/** @throws Error with the run's own sentence when it fails */
export async function measureWholeRun(): Promise<WholeRun> {
  await start('webgpu');
  const run = new Run(recipeOf(whole, 200), datasetOfImages(noise(whole)), {
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
  return { case: whole.name, teacherSeconds, seconds: since(), stepsPerSecond };
}
