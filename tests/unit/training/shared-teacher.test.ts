import { beforeAll, expect, it } from 'vitest';
import type { Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import type { RunEvent } from '../../../src/training/events';
import { Run, type RunHelp } from '../../../src/training/run';
import { OpenKeptTeachers } from '../../../src/worker/kept-teachers';
import { listKeptTeachers } from '../../../src/storage/kept-teachers';
import { isLong } from '../../support/long';
import { useWasm } from '../../support/wasm-in-node';
import { memoryStorage } from '../storage/memory-storage';
import { expectSame } from './same';
import { noAssets, numbersOf, ofType, tinyDataset, tinyRecipe } from './tiny';

beforeAll(useWasm);

const place = { dataset: 'bars', backend: 'wasm, 1 thread, SIMD' };
const small = { network: 'cnn-4-8', epochs: 1, batch: 20 };
const kinds = {
  single: { source: 'train', ...small },
  ensemble: { members: 2, ...small },
  specialists: { branches: 2, split: 'ring', ...small },
  granular: { source: 'train', headEpochs: 1, ...small },
  route: { anchors: 2, ...small, epochs: 2 },
};
/** The others in the long tests. */
const tested = isLong ? kinds : { single: kinds.single };
const recipeOf = (kind: string, knobs: object, changes: object = {}) =>
  tinyRecipe({ teacher: { kind, knobs }, hints: [{ id: 'kd', weight: 1 }], ...changes });

async function carriedOut(recipe: Recipe, help: Partial<RunHelp> = {}) {
  const run = new Run(recipe, tinyDataset(), { fetchAsset: noAssets, ...help });
  const ticks: RunEvent[][] = [];
  for await (const tick of run.ticks()) ticks.push(tick);
  run.dispose();
  return { ticks, events: ticks.flat() };
}

it('gives every run the numbers of a teacher trained anew, and is trained once', async () => {
  const storage = await memoryStorage();
  const open = new OpenKeptTeachers(() => Promise.resolve(storage));
  const help = { keptTeachers: () => open.at(place) };
  for (const [kind, knobs] of Object.entries(tested)) {
    const alone = await carriedOut(recipeOf(kind, knobs));
    const first = await carriedOut(recipeOf(kind, knobs), help);
    const before = tf.memory().numTensors;
    const second = await carriedOut(recipeOf(kind, knobs), help);
    expect(tf.memory().numTensors, kind).toBe(before);
    expectSame(numbersOf(first.events), numbersOf(alone.events), kind);
    expectSame(numbersOf(second.events), numbersOf(alone.events), kind);
    // All steps of the teacher come in one tick: none was made.
    const taught = second.ticks.filter((tick) =>
      ofType(tick, 'step').some(({ phase }) => phase === 'teacher'),
    );
    expect(taught, kind).toHaveLength(1);
  }
  const kept = await listKeptTeachers(storage);
  expect(kept.map(({ uses, busy }) => [uses, busy])).toEqual(Object.keys(tested).map(() => [1, false]));
});

it('is shared by runs with other labels, without the curve that was measured on those', async () => {
  const open = new OpenKeptTeachers(() => Promise.reject(new Error('denied')));
  const help = { keptTeachers: () => open.at(place) };
  const few = { material: { dataset: 'upload', labelsPerClass: 4 } };
  await carriedOut(recipeOf('single', kinds.single), help);
  const alone = await carriedOut(recipeOf('single', kinds.single, few));
  const shared = await carriedOut(recipeOf('single', kinds.single, few), help);
  const bare = ({ events }: { events: RunEvent[] }) =>
    numbersOf(
      events.map((event) =>
        event.type === 'evaluation' && event.phase === 'teacher' ? { ...event, trainScores: {} } : event,
      ),
    );
  expectSame(numbersOf(shared.events), bare(alone));
});

it('lets a second run wait while the first one trains, and trains another one after a changed knob', async () => {
  const storage = await memoryStorage();
  const open = new OpenKeptTeachers(() => Promise.resolve(storage));
  const help = { fetchAsset: noAssets, keptTeachers: () => open.at(place) };
  const recipe = recipeOf('single', kinds.single);
  const [one, other] = [new Run(recipe, tinyDataset(), help), new Run(recipe, tinyDataset(), help)];
  const ticks = one.ticks();
  for (let events: RunEvent[] = []; ofType(events, 'step').length === 0;)
    events = (await ticks.next()).value as RunEvent[];
  const others = other.ticks();
  await others.next();
  expect(JSON.stringify((await others.next()).value)).toContain('this one waits for it');
  one.turn('teacher.knobs.learningRate', 0.001);
  for (let done = false; !done;) done = (await ticks.next()).done === true;
  one.dispose();
  const steps: RunEvent[][] = [];
  for (let next = await others.next(); !next.done; next = await others.next()) steps.push(next.value);
  other.dispose();
  // The first one's teacher is not the one of this recipe, so this run trains its own.
  expect(
    steps.filter((tick) => ofType(tick, 'step').some(({ phase }) => phase === 'teacher')).length,
  ).toBeGreaterThan(1);
  expect(await listKeptTeachers(storage)).toHaveLength(1);
});

it('is kept by a run that was interrupted while it trained it', async () => {
  const storage = await memoryStorage();
  const open = new OpenKeptTeachers(() => Promise.resolve(storage));
  const help = { fetchAsset: noAssets, keptTeachers: () => open.at(place) };
  const recipe = recipeOf('single', kinds.single);
  const run = new Run(recipe, tinyDataset(), help);
  const ticks = run.ticks();
  for (let events: RunEvent[] = []; ofType(events, 'step').length === 0;)
    events = (await ticks.next()).value as RunEvent[];
  await run.flush();
  const state = structuredClone(await run.checkpoint());
  await ticks.return();
  run.dispose();
  const resumed = new Run(recipe, tinyDataset(), help, state);
  for await (const _ of resumed.ticks());
  resumed.dispose();
  expectSame(
    numbersOf((await carriedOut(recipe, help)).events),
    numbersOf((await carriedOut(recipe)).events),
  );
  expect(await listKeptTeachers(storage)).toMatchObject([{ uses: 1 }]);
});
