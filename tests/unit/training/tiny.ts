/** A small data set that can be learned in a few steps: each class is a bright bar in its own place, plus noise. */
import type { Dataset } from '../../../src/data/dataset';
import { datasetOfImages, type LabelledImages, type ImageSplit } from '../../../src/data/labelled-images';
import { readRecipe, type Recipe } from '../../../src/distill/recipe';
import { RandomStream } from '../../../src/random/streams';
import type { RunEvent } from '../../../src/training/events';
import { Run, type RunHelp } from '../../../src/training/run';

const side = 8;
const classes = 4;

function split(perClass: number, random: RandomStream): ImageSplit {
  const count = perClass * classes;
  const images = new Uint8Array(count * side * side);
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes);
  labels.forEach((label, i) => {
    for (let p = 0; p < side * side; p++) {
      const bright = Math.floor((p % side) / 2) === label;
      images[i * side * side + p] = random.below(60) + (bright ? 150 : 0);
    }
  });
  return { images, labels, count };
}

export function tinyDataset(perClass = 30): Dataset {
  return datasetOfImages(tinyImages(perClass));
}

export function tinyImages(perClass = 30): LabelledImages {
  const random = RandomStream.fork(7, 'tiny');
  return {
    id: 'upload',
    title: 'Bars',
    height: side,
    width: side,
    channels: 1,
    classes: ['first', 'second', 'third', 'fourth'],
    train: split(perClass, random),
    test: split(10, random),
  };
}

/** A short recipe with a teacher trained here; `changes` are as in a recipe file. */
export function tinyRecipe(changes: Record<string, unknown> = {}): Recipe {
  const { recipe, problems } = readRecipe({
    seed: 3,
    material: { dataset: 'upload' },
    teacher: { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 2, batch: 20 } },
    student: { network: 'cnn-2-4' },
    schedule: { steps: 6, batch: 12, evaluateEvery: 3 },
    ...changes,
  });
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(' '));
  return recipe;
}

/** The recipe with fewer steps of a generator than a recipe file may ask for. */
export function withShortGeneration(recipe: Recipe, changes: Partial<Recipe['material']> = {}): Recipe {
  const short = { ganSteps: 4, ratioSteps: 3, dSteps: 1, ganNoise: 4 };
  return { ...recipe, material: { ...recipe.material, ...short, ...changes } };
}

export const noAssets = () => Promise.reject(new Error('no files in this test'));

/** Runs a recipe to its end; the run is still there for its weights and must be disposed. */
export async function train(
  recipe: Recipe,
  dataset = tinyDataset(),
  onTick: (run: Run, events: RunEvent[]) => void = () => undefined,
  help: RunHelp = { fetchAsset: noAssets },
): Promise<{ run: Run; events: RunEvent[] }> {
  const run = new Run(recipe, dataset, help);
  const events: RunEvent[] = [];
  for await (const tick of run.ticks()) {
    events.push(...tick);
    onTick(run, tick);
  }
  return { run, events };
}

export function ofType<T extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: T,
): Extract<RunEvent, { type: T }>[] {
  return events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);
}

/** All numbers a run tells, by type of event: what must be equal for two executions to be the same. */
export function numbersOf(events: readonly RunEvent[]) {
  return {
    steps: ofType(events, 'step'),
    evaluations: ofType(events, 'evaluation'),
    instances: ofType(events, 'instances'),
    views: ofType(events, 'views'),
    finished: ofType(events, 'finished').map((event) => ({ ...event, seconds: 0 })),
    failed: ofType(events, 'failed'),
  };
}
