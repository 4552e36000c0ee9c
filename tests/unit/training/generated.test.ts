/** Runs whose unlabelled half is generated: four phases before the student, some of which can be left out. */
import { beforeAll, describe, expect, it } from 'vitest';
import { onlyView } from '../../../src/data/dataset';
import { readRecipe, type Recipe } from '../../../src/distill/recipe';
import { tf } from '../../../src/engine/tf';
import { entriesOf } from '../../../src/storage/event-log';
import { pack, unpack } from '../../../src/storage/pack';
import { soundEntries } from '../../../src/storage/run-contents';
import { readCheckpoint, type Checkpoint } from '../../../src/training/checkpoint';
import type { RunEvent } from '../../../src/training/events';
import { planRun } from '../../../src/training/plan';
import { Run } from '../../../src/training/run';
import { useWasm } from '../../support/wasm-in-node';
import { hands } from '../../support/task-sets';
import { expectSame } from './same';
import { noAssets, numbersOf, ofType, tinyDataset, tinyRecipe, train, withShortGeneration } from './tiny';

beforeAll(useWasm);

const teacher = { kind: 'single', knobs: { source: 'train', network: 'cnn-4-8', epochs: 1, batch: 40 } };
const material = { dataset: 'upload', labelsPerClass: 5, unlabelled: 30, unlabelledFrom: 'generated' };

function recipeWith(changes: Partial<Recipe['material']> = {}, others: Record<string, unknown> = {}): Recipe {
  return withShortGeneration(tinyRecipe({ hints: [], teacher, ...others, material }), changes);
}

const series = (events: readonly RunEvent[], phase: string, name: string) =>
  ofType(events, 'step').flatMap(({ phase: of, values }) =>
    of === phase && name in values ? [values[name]] : [],
  );

describe('a student that learns from generated pictures', () => {
  it('has labels of them that the baseline has not, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const { run, events } = await train(recipeWith());
    const { generated } = await run.checkpoint();
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(ofType(events, 'failed')).toEqual([]);
    const { facts, watched } = ofType(events, 'started')[0]!;
    expect(facts).toMatchObject({ labelled: 20, unlabelled: 30, generated: 'labelled' });
    expect(watched.images.every(({ givenLabel }) => givenLabel >= 0)).toBe(true);
    expect(ofType(events, 'phase').map(({ text }) => text)).toHaveLength(5);
    for (const name of ['gan/d', 'gan/g', 'gan/teacher-agreement', 'ratio/acceptance', 'filter/relabelled'])
      expect(series(events, 'generator', name).every(Number.isFinite), name).toBe(true);
    expect(series(events, 'generator', 'gan/d')).toHaveLength(4);
    expect(generated!.kept.count).toBeLessThanOrEqual(30);
    // The same real images and no others, so the same numbers.
    const without = await train(recipeWith({ relabel: false }, { hints: [{ id: 'kd', weight: 1 }] }));
    without.run.dispose();
    expect(series(events, 'student', 'control')).toEqual(series(without.events, 'student', 'control'));
    expect(ofType(without.events, 'started')[0]!.facts.generated).toBe('unlabelled');
    const views = ofType(events, 'views').flatMap(({ views }) => views);
    const last = views.findLast((view) => view.view === 'generated')!;
    expect(last).toMatchObject({ names: ['first', 'second', 'third', 'fourth'], steps: [1, 2, 3, 4] });
    expect(soundEntries(unpack(pack(entriesOf(events))))).not.toBeNull();
  });

  it('goes on from each of its phases with the same numbers', async () => {
    const recipe = recipeWith();
    const places = [6, 9, 12, 20, 27];
    const saves: { state: Checkpoint; told: RunEvent[] }[] = [];
    const events: RunEvent[] = [];
    const run = new Run(recipe, tinyDataset(), { fetchAsset: noAssets });
    let ticked = 0;
    for await (const tick of run.ticks()) {
      events.push(...tick);
      if (!places.includes(++ticked)) continue;
      events.push(...(await run.flush()));
      saves.push({ state: structuredClone(await run.checkpoint()), told: [...events] });
    }
    run.dispose();
    const reached = saves.map(({ state: { generating, generated, students } }) =>
      students
        ? 'students'
        : generated
          ? 'generated'
          : generating?.sampling
            ? 'sampling'
            : generating?.gan
              ? 'gan'
              : 'ratio',
    );
    expect(new Set(reached)).toEqual(new Set(['gan', 'ratio', 'sampling', 'students']));
    for (const { state, told } of saves) {
      expect(readCheckpoint(state)).toBe(state);
      const next = new Run(recipe, tinyDataset(), { fetchAsset: noAssets }, state);
      const rest: RunEvent[] = [...told];
      for await (const tick of next.ticks()) if (!ofType(tick, 'started').length) rest.push(...tick);
      next.dispose();
      expectSame(numbersOf(rest), numbersOf(events));
    }
  });

  it('works without any of the four phases, and without a teacher', async () => {
    for (const [changes, others] of [
      [{ useRatio: false }, {}],
      [{ useFilter: false }, {}],
      [{ useRatio: false, useFilter: false, realShare: 0 }, { teacher: { kind: 'none' } }],
    ] as const) {
      const { run, events } = await train(
        recipeWith(changes, { ...others, schedule: { steps: 2, batch: 12 } }),
      );
      run.dispose();
      expect(ofType(events, 'failed')).toEqual([]);
      expect(series(events, 'generator', 'ratio/acceptance').length > 0).toBe(!('useRatio' in changes));
      expect(series(events, 'generator', 'filter/relabelled')).toHaveLength('useFilter' in changes ? 0 : 1);
    }
  });

  it('makes pictures for numbers, with what the teacher reads off them as their value', async () => {
    const before = tf.memory().numTensors;
    const recipe = recipeWith({}, { hints: [{ id: 'logits', weight: 1 }] });
    const { run, events } = await train(recipe, hands(60, 8));
    const { generated } = await run.checkpoint();
    run.dispose();
    expect(tf.memory().numTensors).toBe(before);
    expect(ofType(events, 'failed')).toEqual([]);
    for (const name of ['gan/teacher-error', 'filter/correction'])
      expect(series(events, 'generator', name).length, name).toBeGreaterThan(0);
    const { labels, count } = generated!.kept;
    expect(labels).toHaveLength(count);
    expect(labels.every(Number.isFinite)).toBe(true);
    expect(ofType(events, 'finished')[0]!.final.student).toBeGreaterThan(0);
  });

  it('says what is wrong with a rate that is too high', async () => {
    const { run, events } = await train(recipeWith({ ganRate: 1e30, ganSteps: 12 }));
    run.dispose();
    const [failed] = ofType(events, 'failed');
    expect(failed).toMatchObject({ phase: 'generator', knob: 'material.ganRate' });
    expect(failed!.message).toMatch(/^Stopped at step \d+ of the generator: its loss /);
  });
});

describe('what cannot be generated is refused with a sentence', () => {
  const refused = (recipe: Recipe, set = tinyDataset()) => {
    try {
      planRun(recipe, set);
      return null;
    } catch (error) {
      return error as { message: string; knob: string };
    }
  };

  it('for a teacher that is not there or has not learned', () => {
    expect(refused(recipeWith({}, { teacher: { kind: 'none' } }))).toMatchObject({
      knob: 'material.useRatio',
    });
    const early = refused(recipeWith({ useRatio: false }, { teacher: { kind: 'peers' } }));
    expect(early?.knob).toBe('material.useFilter');
    expect(early?.message).toMatch(/has learned nothing by then/);
    expect(refused(recipeWith({ generator: 'digits-8x8' }))).toMatchObject({ knob: 'material.generator' });
  });

  it('for too many pictures', () => {
    expect(refused(recipeWith({ unlabelled: 30_000 }))).toMatchObject({ knob: 'material.unlabelled' });
  });
});

it('the same rows keep their labels beside generated pictures as without, also for numbers', () => {
  const { recipe } = readRecipe({
    material: { dataset: 'hand', labelsPerClass: 3 },
    hints: [],
    teacher: { kind: 'none' },
  });
  const set = hands(60);
  const plain = planRun(recipe, set);
  const beside = { ...recipe.material, unlabelled: 40, unlabelledFrom: 'generated' as const };
  const plan = planRun({ ...recipe, material: { ...beside, useRatio: false, useFilter: false } }, set);
  expect([...plan.material.labelled]).toEqual([...plain.material.labelled]);
  expect(plan.generation).toMatchObject({ condition: { kind: 'number', width: 1 }, groups: 1 });
  expect(plan.material.dataset.train.inputs[onlyView]!.values.length).toBeGreaterThan(
    plain.material.dataset.train.inputs[onlyView]!.values.length,
  );
});
