/** HKD and its twin: one recipe in which the weighting alone differs, and no label more. */
import { beforeAll, describe, expect, it } from 'vitest';
import { ImageSource } from '../../../src/distill/modalities/image/image-source';
import { methods } from '../../../src/distill/methods/abouts';
import { defaultRecipe, readRecipe, type Recipe } from '../../../src/distill/recipe';
import { StudentBatches } from '../../../src/training/batches';
import type { RunEvent } from '../../../src/training/events';
import { createMetaBatches } from '../../../src/training/meta-batches';
import { planRun } from '../../../src/training/plan';
import { useWasm } from '../../support/wasm-in-node';
import { ofType, tinyDataset, tinyRecipe, train } from './tiny';

beforeAll(useWasm);

const applied = (id: string, recipe: Recipe) => methods.find((method) => method.id === id)!.apply(recipe);
const twins = (recipe: Recipe) => [applied('hkd', recipe), applied('kd-feature', recipe)] as const;

describe('the recipes of HKD and of its twin', () => {
  const bases: [string, Recipe][] = [
    ['the default', defaultRecipe()],
    ...methods.map(({ id }): [string, Recipe] => [id, applied(id, defaultRecipe())]),
  ];

  it.each(bases)('differ in nothing but the weighting, from %s', (_, base) => {
    const [dynamic, fixed] = twins(base);
    const { weighting: ofDynamic, ...restOfDynamic } = dynamic;
    const { weighting: ofFixed, ...restOfFixed } = fixed;
    expect({ ...restOfDynamic, method: '' }).toEqual({ ...restOfFixed, method: '' });
    expect([ofDynamic.id, ofFixed.id]).toEqual(['hint-dynamic', 'fixed']);
    expect(ofDynamic.knobs['autoBalance']).toBe(ofFixed.knobs['autoBalance']);
    expect(ofDynamic.knobs['metaSet']).toBe('next-batch');
    // One from the other gives the same as from the base.
    expect(applied('hkd', fixed)).toEqual(dynamic);
    expect(applied('kd-feature', dynamic)).toEqual(fixed);
  });

  it('leave no loss behind that belongs to a teacher that goes', () => {
    for (const recipe of twins(applied('mgd', defaultRecipe())))
      expect(recipe.hints.map(({ id }) => id)).toEqual(['kd', 'fitnet']);
  });

  it('of version 1 ask a held-out meta set', () => {
    const { recipe } = readRecipe({ version: 1, weighting: { id: 'hint-dynamic' } });
    expect(recipe.weighting.knobs['metaSet']).toBe('held-out');
  });
});

const small = (recipe: Recipe, knobs: Recipe['weighting']['knobs'] = {}): Recipe => ({
  ...recipe,
  schedule: { ...recipe.schedule, steps: 8, batch: 12, evaluateEvery: 4 },
  weighting: { ...recipe.weighting, knobs: { ...recipe.weighting.knobs, ...knobs } },
});
const eager = { metaInterval: 1, metaWarmup: 0, metaHidden: 16 };
const steps = (events: RunEvent[], name: string) =>
  ofType(events, 'step').flatMap(({ phase, values }) => (phase === 'student' ? [values[name]!] : []));
const factsOf = (events: RunEvent[]) => ofType(events, 'started')[0]!.facts;
async function trained(recipe: Recipe): Promise<RunEvent[]> {
  const { run, events } = await train(recipe);
  run.dispose();
  expect(ofType(events, 'failed')).toEqual([]);
  return events;
}

describe('their runs', () => {
  const [dynamic, fixed] = twins(tinyRecipe({ material: { dataset: 'upload', labelsPerClass: 10 } }));

  it('see as many labels, in the same batches: the controls are one', async () => {
    const [ofDynamic, ofFixed] = [await trained(small(dynamic, eager)), await trained(small(fixed))];
    expect([factsOf(ofDynamic).labelled, factsOf(ofDynamic).meta]).toEqual([factsOf(ofFixed).labelled, 0]);
    expect(steps(ofDynamic, 'control')).toEqual(steps(ofFixed, 'control'));
    expect(steps(ofDynamic, 'total')).not.toEqual(steps(ofFixed, 'total'));
    expect(steps(ofDynamic, 'meta loss/before the virtual step').every(Number.isFinite)).toBe(true);
  });

  it('are one while HKD’s weights stay at their middle', async () => {
    const still = await trained(small(dynamic, { metaWarmup: 100 }));
    const ofFixed = await trained(small(fixed));
    for (const name of ['ce', 'kd', 'fitnet', 'total'])
      steps(ofFixed, name).forEach((value, i) => expect(steps(still, name)[i]).toBeCloseTo(value, 4));
  });

  it('with held-out images say how many extra labels they learned with', async () => {
    const events = await trained(small(dynamic, { ...eager, metaSet: 'held-out', metaPerClass: 4 }));
    expect(factsOf(events).meta).toBe(16);
    expect(factsOf(events).notes.join(' ')).toContain('Learned with 16 extra labels');
  });
});

describe('the next training batch as meta batch', () => {
  function batchesOf(material: Record<string, unknown>) {
    const dataset = tinyDataset();
    const recipe = tinyRecipe({
      material: { dataset: 'upload', ...material },
      hints: [{ id: 'kd', weight: 1 }],
      weighting: { id: 'hint-dynamic', knobs: { metaSet: 'next-batch' } },
    });
    const plan = planRun(recipe, dataset);
    const { shift, flip } = recipe.material;
    const rows = {
      source: new ImageSource(dataset),
      split: dataset.train,
      normalisation: { mean: 0.5, deviation: 0.5 },
    };
    const setup = {
      material: plan.material,
      seen: { student: rows, teacher: rows, ratio: 1 },
      batch: recipe.schedule.batch,
      seed: recipe.seed,
      shift,
      flip,
      strongView: false,
    };
    const batches = new StudentBatches(setup);
    return { plan, batches, meta: createMetaBatches(plan, batches), twin: new StudentBatches(setup) };
  }

  it.each([
    ['labels only', { labelsPerClass: 10 }],
    ['half without labels', { labelsPerClass: 6, unlabelled: 40 }],
    ['augmented', { labelsPerClass: 10, shift: 1, flip: true }],
  ])('is what is trained on next, and changes no batch: %s', (_, material) => {
    const { batches, meta, twin, plan } = batchesOf(material);
    for (let step = 0; step < 12; step++) {
      const now = batches.next();
      expect(now).toEqual(twin.next());
      const asked = meta.next();
      const state = batches.state();
      const next = batches.next();
      expect([...asked.trainRows]).toEqual([...next.trainRows.slice(0, meta.size)]);
      if (next.moves) expect([...asked.moves!]).toEqual([...next.moves.slice(0, asked.moves!.length)]);
      // No image of the step counts; the others make up for it, so that the meta loss is their mean.
      const weights = [...asked.trainRows].map((row, i) => {
        const label = plan.material.given.values[row]!;
        const cells = [...asked.targets.slice(i * plan.outputs, (i + 1) * plan.outputs)];
        expect(cells.every((value, c) => c === label || value === 0)).toBe(true);
        return cells[label]!;
      });
      weights.forEach((weight, i) =>
        expect(weight > 0).toBe(!now.trainRows.slice(0, meta.size).includes(asked.trainRows[i]!)),
      );
      expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(meta.size, 4);
      batches.restore(state);
    }
  });

  it('of a pool that every batch holds whole is that of the step, and the run says so', () => {
    const { batches, meta, plan } = batchesOf({ labelsPerClass: 3 });
    batches.next();
    const { targets } = meta.next();
    expect(targets.reduce((sum, value) => sum + value, 0)).toBe(12);
    expect(plan.facts.notes.join(' ')).toContain('Every batch holds all labelled images');
    expect(batchesOf({ labelsPerClass: 10 }).plan.facts.notes.join(' ')).not.toContain('Every batch holds');
  });
});
