import type { Phase } from '../training/events';
import { phaseOrder, type RunRecord } from './run-record';

/**
 * Seconds until the end of a run, over all phases; null while its speed is not known. Later phases are roughly estimated
 * from the multiply-adds of their steps, relative to those of the phase whose speed was measured last.
 */
export function timeLeft(record: RunRecord): { seconds: number; rough: boolean } | null {
  const { speed, phase, phaseSteps, step } = record;
  if (!speed || speed.stepsPerSecond <= 0) return null;
  const steps = record.plannedSteps;
  const toCome = phaseOrder.slice(phaseOrder.indexOf(phase) + 1).filter((next) => steps[next] > 0);
  const here = stepWork(record, speed.phase);
  const seconds = [phase, ...toCome].reduce((sum, next) => {
    const left = next === phase ? phaseSteps - step : steps[next];
    return sum + (left * stepWork(record, next)) / here / speed.stepsPerSecond;
  }, 0);
  return { seconds, rough: toCome.length > 0 || speed.phase !== phase };
}

/** Multiply-adds of one step; a gradient costs as much as two forward passes. 1 where the networks are not known. */
function stepWork({ facts, recipe }: RunRecord, phase: Phase): number {
  const of = (role: 'teacher' | 'student') => {
    const networks = facts?.networks.filter((network) => network.role === role) ?? [];
    return { all: networks.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0), count: networks.length };
  };
  const { objective, schedule, teacher } = recipe;
  const [teachers, student] = [of('teacher'), of('student')];
  const hasTwin = recipe.student.full && facts?.networks.some(({ bits }) => bits !== undefined) === true;
  // Several teachers are trained in sequence.
  if (phase === 'teacher')
    return ((3 * teachers.all) / teachers.count) * (teacher.knobs.batch ?? schedule.batch) || 1;
  const lines =
    phase === 'prelude' ? 1 : 1 + Number(objective.control) + Number(objective.hardAnswers) + Number(hasTwin);
  return (3 * lines * student.all + teachers.all) * schedule.batch || 1;
}
