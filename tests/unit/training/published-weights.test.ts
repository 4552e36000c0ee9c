/** Weights that nobody touched: scaled to the student's images when the run starts, recorded as word and as number. */
import { beforeAll, describe, expect, it } from 'vitest';
import { hintsSummary } from '../../../src/app/recipe/summaries';
import { hintIds } from '../../../src/distill/hints/abouts';
import { publishedOf, scaledWeight, withResolvedWeights } from '../../../src/distill/hints/weights';
import { defaultHint, defaultRecipe, readRecipe, withValue, type Recipe } from '../../../src/distill/recipe';
import { useWasm } from '../../support/wasm-in-node';
import { planRun } from '../../../src/training/plan';
import { Run } from '../../../src/training/run';
import { noAssets, numbersOf, ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const untouched = (id: string, changes: Record<string, unknown> = {}) =>
  tinyRecipe({ version: 2, hints: [{ id }], ...changes });
const weightsAt = (recipe: Recipe, image: readonly number[]) =>
  withResolvedWeights(recipe, image).hints.map(({ weight }) => weight);

describe('a published weight', () => {
  it.each([
    ['at', {}, [62.5, 250, 765.625, 1000, 4000]],
    ['ft', {}, [50, 100, 175, 200, 400]],
    ['ft', { p2: 2 }, [12.5, 50, 153.125, 200, 800]],
    ['ofd', {}, [0.016, 0.004, 0.001_306_122_449, 0.001, 0.000_25]],
    ['ab', {}, [16, 4, 1.306_122_449, 1, 0.25]],
    ['ab', { reduction: 'mean' }, [1, 1, 1, 1, 1]],
  ])('of %s %j follows the side of the images', (id, knobs, expected) => {
    const recipe = untouched(id, { hints: [{ id, knobs }] });
    expect(recipe.hints[0]!.weight).toBe('published');
    [8, 16, 28, 32, 64].forEach((side, i) =>
      expect(weightsAt(recipe, [side, side, 1])[0]).toBeCloseTo(expected[i]!, 9),
    );
    // As many pixels as a square of 16.
    expect(weightsAt(recipe, [8, 32, 3])[0]).toBeCloseTo(expected[1]!, 9);
  });

  it('is taken as it stands at the size it was published for, and there is one for every hint', () => {
    for (const id of hintIds) {
      expect(scaledWeight(defaultHint(id), 32), id).toBe(publishedOf(id));
      expect(publishedOf(id), id).toBeGreaterThan(0);
    }
  });

  it('is a number in version 1, and a number that was touched stays', () => {
    const old = readRecipe({ version: 1, hints: [{ id: 'at' }, { id: 'ofd' }, { id: 'ft', weight: 3 }] });
    expect(weightsAt(old.recipe, [8, 8, 1])).toEqual([1000, 0.001, 3]);
    const touched = withValue(untouched('at'), 'hints.0.weight', 7);
    expect(weightsAt(touched, [8, 8, 1])).toEqual([7]);
  });

  it('is said with both numbers', () => {
    const recipe = { ...defaultRecipe(), hints: [defaultHint('at')] };
    expect(hintsSummary(recipe)).toMatch(/× 1000 at 32 px, as published$/);
    expect(hintsSummary(recipe, [62.5])).toMatch(/× 62\.5 \(published: 1000 at 32 px\)$/);
    expect(hintsSummary(withValue(recipe, 'hints.0.weight', 7), [62.5])).toMatch(/× 7$/);
  });
});

describe('a run with one', () => {
  it('trains as with the number itself, and tells both', async () => {
    const asked = untouched('at');
    const number = withValue(asked, 'hints.0.weight', 62.5);
    const [one, other] = [await train(asked), await train(number)];
    expect(numbersOf(one.events)).toEqual(numbersOf(other.events));
    const [started] = ofType(one.events, 'started');
    expect(started!.recipe.hints[0]!.weight).toBe('published');
    expect(started!.facts.hintWeights).toEqual([{ weight: 62.5, published: 1000 }]);
    const [, second] = ofType(one.events, 'step').filter(({ phase }) => phase === 'student');
    expect(second!.values['at·w']! / second!.values['at']!).toBeCloseTo(62.5, 3);
    one.run.dispose();
    other.run.dispose();
  });

  it('takes halved images as the student sees them', () => {
    const plan = planRun(untouched('ofd', { material: { dataset: 'upload', halve: true } }), tinyDataset());
    expect(plan.recipe.hints[0]!.weight).toBeCloseTo(0.001 * 64, 12);
  });

  it('is the middle of the range under hint-dynamic weights', async () => {
    const recipe = untouched('at', {
      weighting: { id: 'hint-dynamic', knobs: { metaInterval: 1, metaPerClass: 2, ensembleMix: 0 } },
    });
    const { run, events } = await train(recipe);
    const first = ofType(events, 'instances')[0]!.snapshot.weights['at']!;
    for (const weight of first) {
      expect(weight).toBeGreaterThan(0);
      expect(weight).toBeLessThan(125);
    }
    expect(Math.max(...first)).toBeGreaterThan(31);
    run.dispose();
  });

  it('goes on from its state, and a turned weight counts as touched', async () => {
    const dataset = tinyDataset();
    const run = new Run(untouched('at'), dataset, { fetchAsset: noAssets });
    await run.ticks().next();
    const state = await run.checkpoint();
    expect(state.recipe.hints[0]!.weight).toBe('published');
    run.dispose();

    let turned = false;
    const { run: second, events } = await train(state.recipe, dataset, (going, tick) => {
      if (turned || !tick.some((event) => event.type === 'phase' && event.phase === 'student')) return;
      turned = true;
      expect(going.turn('hints.0.weight', 5)).toBeNull();
    });
    const [mark] = ofType(events, 'knob');
    expect(mark).toMatchObject({ path: 'hints.0.weight', from: 'published', to: 5 });
    const after = ofType(events, 'step').filter(
      ({ phase, step }) => phase === 'student' && step > mark!.step,
    );
    for (const { values } of after) expect(values['at·w']! / values['at']!).toBeCloseTo(5, 3);
    expect((await second.checkpoint()).recipe.hints[0]!.weight).toBe(5);
    second.dispose();
  });
});
