import { poolOf } from '../distill/material/batch-split';
import { createHint } from '../distill/hints/registry';
import type { Hint } from '../distill/hints/hint';
import { weightingFactories } from '../distill/weighting/registry';
import type { Weighting } from '../distill/weighting/weighting';
import { RandomStream } from '../random/streams';
import { pickTargets, type Dataset } from '../data/dataset';
import type { Network } from '../nn/network';
import type { Recipe } from '../distill/recipe';
import { scheduleKnobs } from '../distill/schedule/about';
import { deviceLimits, type DeviceLimits } from '../engine/device-limits';
import { whyNoHalfMaps } from '../engine/half-maps';
import { RunFailure } from './failure';
import type { SetSources } from './asset-readers';
import type { RunFacts } from './events';
import { memoryNeed, refuseMemory } from './memory-need';
import { withOtherImages } from './other-images';
import { feedsOf, planRun, type Plan } from './plan';
import { createStudentNetwork, inFull } from './student-network';

/**
 * The recipe's hints; the caller disposes them.
 * @param teacher the teacher's network where it is a single frozen one; stays owned by the caller
 */
export function createHints(plan: Plan, teacher: Network | null): Hint[] {
  const { recipe, pair, hintKeys, material } = plan;
  const { values } = pickTargets(material.given, poolOf(material));
  const poolLabels = values instanceof Int32Array ? values : new Int32Array(values.length).fill(-1);
  const range = plan.source.range(feedsOf(plan).student.normalisation);
  return recipe.hints.map(({ id, knobs }, h) =>
    createHint(id, {
      pair,
      knobs,
      random: RandomStream.fork(recipe.seed, `init/hint/${hintKeys[h]}`),
      scope: `hint/${hintKeys[h]}`,
      batch: pair.batch,
      poolLabels,
      range,
      teacher,
      newStudent: (random) => createStudentNetwork(inFull(plan), random),
    }),
  );
}

/** The recipe's weighting; the caller disposes it. */
export function createWeighting(
  plan: Plan,
  recipe: () => Plan['recipe'],
  pool = poolOf(plan.material).length,
): Weighting {
  return weightingFactories[plan.recipe.weighting.id]({
    recipe,
    hints: plan.recipe.hints.length,
    task: plan.material.task,
    pool,
    random: RandomStream.fork(plan.recipe.seed, 'init/weighting'),
    scope: 'weighting',
  });
}

/** Trained parameters beside the student's own: regressors and the meta network. */
export function extraParameters(plan: Plan): number {
  const hints = createHints(plan, null);
  const weighting = plan.recipe.hints.length > 0 ? createWeighting(plan, () => plan.recipe, 1) : null;
  const ofHints = hints.flatMap((hint) => [...(hint.module?.trainable.values() ?? [])]);
  const count = ofHints.reduce((sum, { size }) => sum + size, weighting?.parameters ?? 0);
  hints.forEach((hint) => hint.dispose());
  weighting?.dispose();
  return count;
}

/** @throws RunFailure where the recipe has maps in half precision and the active backend knows none */
export function refuseHalfMaps({ schedule }: Recipe): void {
  const why = schedule.maps === 'half' ? whyNoHalfMaps() : null;
  if (why === null) return;
  const { label, options } = scheduleKnobs.maps;
  const text = `“${label}” is set to half precision. ${why} Choose “${options[0].label}” or another device.`;
  throw new RunFailure(text, { knob: 'schedule.maps' });
}

/**
 * Facts of a run before its start.
 * @throws RunFailure (by rejection) when the recipe does not fit the data, or the run the active backend
 */
export async function runFacts(recipe: Recipe, dataset: Dataset, sources: SetSources): Promise<RunFacts> {
  refuseHalfMaps(recipe);
  return factsOf(planRun(recipe, await withOtherImages(dataset, recipe, sources)), deviceLimits());
}

/**
 * @param limits null where a run is continued, which has shown that it fits
 * @throws RunFailure when the run would not fit the device
 */
export function factsOf(plan: Plan, limits: DeviceLimits | null): RunFacts {
  const { recipe, source, teaching, twin } = plan;
  const facts = { ...plan.facts, extraParameters: extraParameters(plan) };
  const sized = { ...facts, size: Math.max(source.size, teaching.source.size), twin };
  refuseMemory(recipe, sized, limits);
  return { ...facts, memory: Math.round(memoryNeed(recipe, sized).bytes) };
}
