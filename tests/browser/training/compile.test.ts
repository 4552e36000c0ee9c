/** Kernels are compiled in the background before the first step, and once for all runs of the same shapes. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { chooseBackend } from '../../../src/engine/backends';
import { tf } from '../../../src/engine/tf';
import type { Run } from '../../../src/training/run';
import { blobs } from '../../support/task-sets';
import { noAssets, ofType, tinyDataset, tinyRecipe, train } from '../../unit/training/tiny';

/** A width that no other test uses, so that its kernels are new. */
const recipeOf = (width: number) =>
  tinyRecipe({
    hints: [{ id: 'kd', weight: 1 }],
    teacher: { kind: 'single', knobs: { source: 'train', network: 'mlp-8', epochs: 1, batch: 40 } },
    student: { network: `mlp-${width}` },
    objective: { control: false },
  });

beforeEach(async () => {
  await chooseBackend('webgpu');
  expect(tf.getBackend()).toBe('webgpu');
});
afterEach(() => vi.restoreAllMocks());

/** Kernels that the device is asked to compile from now on: in the background, and while the worker stands still. */
function watchCompilers() {
  const { device } = tf.backend() as tf.KernelBackend & { device: GPUDevice };
  const background = vi.spyOn(device, 'createComputePipelineAsync');
  const inPlace = vi.spyOn(device, 'createComputePipeline');
  return {
    take: () => {
      const counts = { background: background.mock.calls.length, inPlace: inPlace.mock.calls.length };
      background.mockClear();
      inPlace.mockClear();
      return counts;
    },
    names: () => inPlace.mock.calls.map(([{ label }]) => label),
  };
}

it('tells how far compiling is, and a second run compiles nothing', async () => {
  const compilers = watchCompilers();
  const first = await train(recipeOf(23));
  first.run.dispose();
  expect(compilers.take().background).toBeGreaterThan(10);
  const told = ofType(first.events, 'progress').filter(({ phase }) => phase === 'student');
  expect(told.at(-1)?.share).toBe(1);
  expect(told[0]?.text).toMatch(/^Compiling kernels for the graphics card: \d+ of \d+\.$/);
  const shares = told.map(({ share }) => share);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  const second = await train(recipeOf(23));
  second.run.dispose();
  // Evaluations and the watched images included.
  expect(ofType(second.events, 'evaluation').length).toBeGreaterThan(2);
  expect(compilers.take()).toEqual({ background: 0, inPlace: 0 });
  expect(ofType(second.events, 'progress')).toEqual([]);
  expect(ofType(second.events, 'step')).toEqual(ofType(first.events, 'step'));
});

it('can be stopped while kernels are compiled', async () => {
  const stopOnProgress = (run: Run, tick: Parameters<typeof ofType>[0]) => {
    if (ofType(tick, 'progress').some(({ phase, share }) => phase === 'student' && share < 1))
      run.requestStop();
  };
  const { run, events } = await train(recipeOf(29), tinyDataset(), stopOnProgress, { fetchAsset: noAssets });
  run.dispose();
  const [finished] = ofType(events, 'finished');
  expect(finished).toMatchObject({ stopped: true, step: 0 });
  expect(ofType(events, 'step').some(({ phase }) => phase === 'student')).toBe(false);
});

it('compiles measurements in the background too, so that no step waits for them', async () => {
  const compilers = watchCompilers();
  const inPhase: Record<string, (string | undefined)[]> = { teacher: [], student: [] };
  let phase = 'teacher';
  const onTick = (_: Run, tick: Parameters<typeof ofType>[0]) => {
    inPhase[phase]!.push(...compilers.names());
    expect(compilers.take()).toBeDefined();
    phase = ofType(tick, 'phase').at(-1)?.phase ?? phase;
  };
  const { run, events } = await train(recipeOf(31), tinyDataset(), onTick, { fetchAsset: noAssets });
  run.dispose();
  expect(ofType(events, 'evaluation').some(({ phase }) => phase === 'student')).toBe(true);
  expect(inPhase).toEqual({ teacher: [], student: [] });
});

it('compiles the view of a plane in the background, which asks for more rows at once than measurements do', async () => {
  const compilers = watchCompilers();
  const inPlace: (string | undefined)[] = [];
  let phase = 'teacher';
  const onTick = (_: Run, tick: Parameters<typeof ofType>[0]) => {
    if (phase === 'student') inPlace.push(...compilers.names());
    compilers.take();
    phase = ofType(tick, 'phase').at(-1)?.phase ?? phase;
  };
  const recipe = { ...recipeOf(33), hints: [] };
  const { run, events } = await train(recipe, blobs(2, 2), onTick, { fetchAsset: noAssets });
  run.dispose();
  const views = ofType(events, 'views').flatMap((event) => event.views);
  expect(views.some(({ view }) => view === 'plane')).toBe(true);
  expect(inPlace).toEqual([]);
});
