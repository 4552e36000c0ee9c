import { expect, it } from 'vitest';
import { prepareMaterial } from '../../../src/distill/material/material';
import { evaluationSets, testSet } from '../../../src/training/evaluation-sets';
import { tinyDataset, tinyRecipe } from './tiny';

it.each([0, 20])('sets are called by what they hold, with a validation split of %s %%', (validation) => {
  const { material: knobs, seed } = tinyRecipe({ material: { dataset: 'upload', validation } });
  const material = prepareMaterial(tinyDataset(), { knobs, seed, metaPerClass: 0 });
  const { live, train } = evaluationSets(material, seed);
  expect(live.name).toBe(validation > 0 ? 'validation' : 'test');
  expect(train.name).toBe('training');
  const labelled = new Set(material.labelled);
  expect(train.rows.every((row) => labelled.has(row))).toBe(true);
  const held = new Set(material.validation);
  expect(live.rows.every((row) => live.name === 'test' || held.has(row))).toBe(true);
  expect(testSet(material).name).toBe('test');
});
