/** Step times of whole runs, as on the page, including everything between the steps. */
import { datasetOfImages, type ImageSplit, type LabelledImages } from '../../../src/data/labelled-images';
import { readRecipe, type Recipe } from '../../../src/distill/recipe';
import { RandomStream } from '../../../src/random/streams';
import type { EngineFacts } from '../../../src/training/events';
import { Run } from '../../../src/training/run';
import { start } from './measure';

export interface RunMeasurement {
  case: string;
  /** Training images that the student sees. */
  images: number;
  /** Mean over the steps of the best stretch, steps overlapping as they do. */
  ms: number;
  /** The same per stretch; stretches with the same index in compared cases followed each other. */
  stretches: number[];
  dispatches: number | null;
  /** Memory for replaying. */
  bytes: number;
}

export interface RunsResult {
  device: string;
  measurements: RunMeasurement[];
}

export interface RunCase {
  name: string;
  side: number;
  channels: number;
  images: number;
  batch: number;
  changes: Record<string, unknown>;
}

const fixed = {
  hints: [
    { id: 'kd', weight: 0.9, knobs: { temperature: 4 } },
    { id: 'fitnet', weight: 1 },
  ],
};
const dynamic = {
  ...fixed,
  weighting: {
    id: 'hint-dynamic',
    knobs: { metaInterval: 5, metaWarmup: 0, metaSet: 'training', autoBalance: false },
  },
};
const alone = { hints: [], teacher: { kind: 'none' } };
const digits = { side: 8, channels: 1, batch: 32 };
const photos = { side: 32, channels: 3, batch: 64 };

/** With few images every step recalls the teacher's outputs; with more images than the run sees none does. */
const cases: RunCase[] = [
  { name: '8x8x1 b32, KD + feature, teacher asked', ...digits, images: 5000, changes: fixed },
  { name: '8x8x1 b32, KD + feature, teacher recalled', ...digits, images: 64, changes: fixed },
  { name: '8x8x1 b32, HKD every 5, teacher asked', ...digits, images: 5000, changes: dynamic },
  { name: '8x8x1 b32, HKD every 5, teacher recalled', ...digits, images: 64, changes: dynamic },
  { name: '32x32x3 b64, CE', ...photos, images: 1000, changes: alone },
  { name: '32x32x3 b64, CE', ...photos, images: 50_000, changes: alone },
];

/** Compared cases run in turns, so that other load on the machine affects all of them. */
const groups = [
  [cases[0]!, cases[2]!],
  [cases[1]!, cases[3]!],
  [cases[4]!, cases[5]!],
];

/**
 * Steps that are not timed; after them all kinds of steps are compiled and all images of a small set have been seen.
 */
const untimed = 10;
/** A multiple of the meta interval. */
const stretch = 20;
const stretches = 4;

/**
 * @param backend on which the runs train
 * @param wanted of a case's name; the cases that it is compared with are taken too
 */
export async function measureRuns(
  backend: 'webgpu' | 'wasm',
  onMeasured: (measurement: RunMeasurement) => void = () => undefined,
  wanted: (name: string) => boolean = () => true,
): Promise<RunsResult> {
  const { adapter: device } = await start(backend);
  const measurements: RunMeasurement[] = [];
  for (const group of groups.filter((cases) => cases.some(({ name }) => wanted(name))))
    for (const measured of await measure(group)) {
      measurements.push(measured);
      onMeasured(measured);
    }
  return { device, measurements };
}

async function measure(group: readonly RunCase[]): Promise<RunMeasurement[]> {
  const trained = group.map((one) => new Trained(one, untimed + stretches * stretch));
  for (const one of trained) await one.until(untimed - 1);
  for (let round = 1; round <= stretches; round++)
    for (const one of trained) {
      const since = performance.now();
      // The last step is measured with an evaluation; stretches end before it.
      await one.until(untimed - 1 + round * stretch);
      one.took.push((performance.now() - since) / stretch);
    }
  return Promise.all(trained.map((one) => one.end()));
}

/** A run that is advanced step by step. */
export class Trained {
  /** Milliseconds per step of each stretch. */
  readonly took: number[] = [];
  private readonly one: RunCase;
  private readonly run: Run;
  private readonly ticks: ReturnType<Run['ticks']>;
  private engine: EngineFacts | null = null;

  /** @param steps of the whole run; all but the last can be timed */
  constructor(one: RunCase, steps: number) {
    this.one = one;
    this.run = new Run(recipeOf(one, steps), datasetOfImages(noise(one)), {
      fetchAsset: () => Promise.reject(new Error('no files here')),
    });
    this.ticks = this.run.ticks();
  }

  /** Advances until so many steps are done on the device too. */
  async until(steps: number): Promise<void> {
    const insides = this.run as unknown as { students: { stepsDone: number } | null };
    while ((insides.students?.stepsDone ?? 0) < steps) {
      const { value: events, done } = await this.ticks.next();
      if (done) throw new Error(`${this.one.name} ended early.`);
      for (const event of events) {
        if (event.type === 'failed') throw new Error(event.message);
        if (event.type === 'engine') this.engine = event.engine;
      }
    }
    // Reads the outputs of the last step.
    await this.run.flush();
  }

  async end(): Promise<RunMeasurement> {
    await this.ticks.return();
    this.run.dispose();
    const { engine, took, one } = this;
    return {
      case: one.name,
      images: one.images,
      ms: Math.min(...took),
      stretches: took,
      dispatches: engine?.dispatches ?? null,
      bytes: engine?.bytes ?? 0,
    };
  }
}

export function recipeOf({ batch, changes }: RunCase, steps: number): Recipe {
  const { recipe, problems } = readRecipe({
    seed: 1,
    material: { dataset: 'upload' },
    student: { network: 'cnn-8-16-32' },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-16-32-64', epochs: 1, batch: 128 } },
    objective: { control: false },
    schedule: { steps, batch, evaluateEvery: steps, optimiser: 'sgd', learningRate: 0.01 },
    ...changes,
  });
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(' '));
  return recipe;
}

/** Noise, because the content of the images does not affect the time. */
export function noise({ side, channels, images }: RunCase): LabelledImages {
  const random = RandomStream.fork(1, 'noise');
  const pattern = Uint8Array.from({ length: 4093 }, () => random.below(256));
  const split = (count: number): ImageSplit => ({
    images: new Uint8Array(count * side * side * channels).map((_, i) => pattern[i % pattern.length]!),
    labels: Int32Array.from({ length: count }, (_, i) => i % 10),
    count,
  });
  return {
    id: 'upload',
    title: 'Noise',
    height: side,
    width: side,
    channels,
    classes: Array.from({ length: 10 }, (_, c) => `class ${c}`),
    train: split(images),
    test: split(50),
  };
}
