import type { Phase } from '../../training/events';
import type { RunRecord } from '../../record/run-record';

const plannedSteps = {
  teacher: 'teacherSteps',
  generator: 'generatorSteps',
  prelude: 'preludeSteps',
  student: 'studentSteps',
} as const;

/** A run of up to this many steps gets an axis for all of it at once. */
const shortRun = 1000;

/**
 * The axis holds the whole phase, so that the lines grow into it and the page does not jump. In a long run that would
 * press the first minutes into a corner: there it grows, by steps.
 */
export function stepsOf(history: RunRecord, phase: Phase): [number, number] {
  const planned = history.facts?.[plannedSteps[phase]] ?? 0;
  const done = Math.max(history.steps[phase].steps.at(-1) ?? 0, history.evaluations[phase].steps.at(-1) ?? 0);
  return axisOf(planned, done);
}

/** The same from the steps that are planned and done. */
export function axisOf(planned: number, done: number): [number, number] {
  if (planned <= shortRun) return [0, Math.max(planned, done, 1)];
  return [0, Math.max(done, Math.min(planned, roundUp(Math.max(shortRun / 2, done * 1.2))))];
}

/** The next of 1, 2, 5, 10, 20, 50, ... */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((factor) => factor * power >= value) ?? 10) * power;
}
