/** Which weights of a run can be taken away: those of its end, the best measured ones, those of saved states. */
import type { Learner } from '../../training/events';
import type { WeightsFrom } from '../../worker/training-protocol';
import { primaryScore } from '../subject/score-format';
import type { RunRecord } from '../../record/run-record';
import type { RunEntry } from '../store/library/library-store';

export interface WeightChoice {
  /** Tells choices apart. */
  key: string;
  from: WeightsFrom;
  /** With step and score. */
  label: string;
  /** Of a file's name. */
  ending: string;
}

/**
 * @param atHand the worker still has the run's networks
 * @returns the end first; none when nothing is left of this learner
 */
export function weightChoices(
  run: Pick<RunEntry, 'final' | 'kept' | 'weights'>,
  history: Pick<RunRecord, 'evaluations' | 'steps' | 'facts'>,
  learner: Learner,
  atHand: boolean,
): WeightChoice[] {
  const { final, kept, weights } = run;
  const { text } = primaryScore(history.facts);
  const table = history.evaluations.student;
  const present = history.steps.student.steps.at(-1) ?? 0;
  /** “step 240, 93.1 %”; where it was measured, if that was at another step. */
  const at = (step: number, known?: number): string => {
    const row = table.rowAt(step);
    const score = known ?? (row < 0 ? NaN : table.column(learner)[row]!);
    if (!Number.isFinite(score)) return `step ${step}, not measured yet`;
    const measured = known === undefined ? table.steps[row]! : step;
    return `step ${step}, ${text(score)}${measured === step ? '' : ` at step ${measured}`}`;
  };
  const choices: WeightChoice[] = [];
  if (atHand || weights.ends.includes(learner)) {
    const end = final?.[learner];
    const label = end === undefined ? `Now: ${at(present)}` : `End: ${at(present, end)}`;
    choices.push({ key: 'end', from: 'end', label, ending: '' });
  }
  const { best, last } = weights;
  if (best && learner === 'student')
    choices.push({
      key: 'best',
      from: 'best',
      label: `Best measured: ${at(best.step, best.accuracy)}`,
      ending: '-best',
    });
  const states = kept.map((state) => ({ ...state, word: 'Kept' }));
  // While it is on, its newest state is about to be replaced.
  if (last && !atHand) states.push({ ...last, word: 'Last saved' });
  for (const { path, phase, step, word } of states)
    if (phase === 'student')
      choices.push({
        key: path,
        from: { state: path },
        label: `${word}: ${at(step)}`,
        ending: `-step-${step}`,
      });
  return choices;
}
