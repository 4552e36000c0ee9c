/** What a run takes on the device, and what is refused before its start. */
import { expect, test } from 'vitest';
import { datasetOfImages } from '../../../src/data/labelled-images';
import type { DeviceLimits } from '../../../src/engine/device-limits';
import { memoryNeed, refuseMemory } from '../../../src/training/memory-need';
import { planRun } from '../../../src/training/plan';
import { tinyRecipe } from './tiny';

const classes = ['a', 'b', 'c', 'd'];

/** A recipe and what is known of it on images of so many pixels a side; the images themselves are not there. */
function sized(network: string, side: number, batch: number) {
  const split = (count: number) => ({
    count,
    images: new Uint8Array(0),
    labels: Int32Array.from({ length: count }, (_, i) => i % classes.length),
  });
  const set = datasetOfImages({
    ...{ id: 'upload', title: 'Squares', height: side, width: side, channels: 3, classes },
    ...{ train: split(600), test: split(200) },
  });
  const recipe = tinyRecipe({
    student: { network },
    teacher: { kind: 'none' },
    hints: [],
    schedule: { steps: 2, batch },
  });
  const plan = planRun(recipe, set);
  return { recipe, of: { ...plan.facts, extraParameters: 0, size: plan.source.size, twin: false } };
}

const wasm: DeviceLimits = { tensor: 2 ** 31, all: 4_294_901_760, what: 'WebAssembly' };
const card: DeviceLimits = { tensor: 128 * 2 ** 20, all: null, what: 'this graphics card' };

test.each<[string, number, number]>([
  ['ResNet18-stem7', 224, 16],
  ['ResNet18-stem7', 96, 64],
  ['ResNet50-stem7', 96, 16],
  ['resnet20', 32, 512],
  ['cnn2-16-32-64', 32, 512],
])('%s on %i pixels a side with batches of %i fits into WebAssembly', (network, side, batch) => {
  const { recipe, of } = sized(network, side, batch);
  expect(memoryNeed(recipe, of).bytes).toBeLessThan(wasm.all!);
  refuseMemory(recipe, of, wasm);
});

test('a run beyond the memory is refused with both numbers of bytes and a batch that fits', () => {
  const { recipe, of } = sized('ResNet18', 96, 256);
  expect(() => refuseMemory(recipe, of, wasm)).toThrow(
    /^This run needs about \d+\.\d GB of memory on the device, and WebAssembly has 4\.3 GB at most\. Use a batch of \d+, smaller pictures or a smaller network\.$/,
  );
  const fitting = Number(/batch of (\d+)/.exec(messageOf(() => refuseMemory(recipe, of, wasm)))![1]);
  refuseMemory(
    { ...recipe, schedule: { ...recipe.schedule, batch: fitting } },
    sized('ResNet18', 96, fitting).of,
    wasm,
  );
  refuseMemory(recipe, of, null);
});

test('a run that keeps its maps in half precision needs less, by its maps alone', () => {
  const { recipe, of } = sized('resnet20', 32, 512);
  const half = { ...recipe, schedule: { ...recipe.schedule, maps: 'half' as const } };
  const ratio = memoryNeed(half, of).bytes / memoryNeed(recipe, of).bytes;
  expect(ratio).toBeGreaterThan(0.77);
  expect(ratio).toBeLessThan(0.86);
});

test('a map that is larger than a buffer of the card is refused', () => {
  const { recipe, of } = sized('ResNet18', 96, 128);
  expect(() => refuseMemory(recipe, of, card)).toThrow(
    'The largest map of ResNet18 takes 302 MB with 128 instances a batch, and this graphics card takes at most 134 MB in one piece. Use a batch of 32, smaller pictures or a smaller network.',
  );
  expect(() => refuseMemory(recipe, of, { ...card, tensor: 2 ** 20 })).toThrow(
    /Use smaller pictures or a smaller network; a smaller batch is not enough\.$/,
  );
});

function messageOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
