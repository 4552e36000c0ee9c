/**
 * Steps of each mechanism can be recorded, and replayed they give bit for bit what they give op by op. Losses share a run
 * here, because shaders are compiled per run; the other losses, and each method for itself, are long tests.
 */
import { expect, it } from 'vitest';
import { hintIds } from '../../../src/distill/hints/abouts';
import { teacherAbouts } from '../../../src/distill/teachers/abouts';
import { weightingAbouts } from '../../../src/distill/weighting/abouts';
import { onWebgpu } from '../on-webgpu';
import { dataset, groups, otherGroups, recipeOf } from './recorded-groups';
import { expectSameBits } from './recorded-runs';

onWebgpu({ allOps: true });

it('covers every loss, kind of teacher and weighting', () => {
  const all = Object.values({ ...groups, ...otherGroups });
  expect(new Set(all.flatMap(({ hints }) => hints))).toEqual(new Set(hintIds));
  const kinds = new Set(all.map(({ teacher = 'single' }) => teacher));
  expect(kinds).toEqual(new Set(Object.keys(teacherAbouts)));
  const weightings = new Set(all.map(({ weighting = 'fixed' }) => weighting));
  expect(weightings).toEqual(new Set(Object.keys(weightingAbouts)));
});

it.each(Object.entries(groups))('%s: the same bits recorded as op by op', (_, group) =>
  expectSameBits(recipeOf(group), group.dataset ?? dataset),
);
