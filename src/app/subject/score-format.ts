/** How the scores of a run's task are written: shares in percent and points, others as numbers with their unit. */
import { gainOf, scoreUnit, taskAboutOf, type ScoreAbout } from '../../distill/tasks/about';
import type { RunFacts } from '../../training/events';
import type { TermId } from '../glossary/terms';
import { figure, percent, points } from '../format';

export interface ScoreFormat {
  about: ScoreAbout;
  /** "Accuracy", "Mean absolute error" */
  heading: string;
  /** Every score has a term of its own id in the glossary. */
  term: TermId;
  /** Over a vertical axis: "Top-1 accuracy", "Mean absolute error, °, lower is better" */
  axis: string;
  isShare: boolean;
  /** Its name is a common word ("accuracy"), so that a percentage alone is understood. */
  isEveryday: boolean;
  lowerIsBetter: boolean;
  /** "93.1 %", "2.41 years", "12.6°" */
  text: (value: number) => string;
  /** The same in two parts: number and unit. */
  parts: (value: number) => [number: string, unit: string];
  /** For an axis. */
  tick: (value: number) => string;
  /** How much better the first is than the second. */
  gain: (value: number, over: number) => number;
  /** A gain with its sign: "+8.3", "−0.42" */
  signed: (gain: number) => string;
  /** The size of a difference: "8.3 points", "0.42 years" */
  amount: (difference: number) => string;
}

type Subject = Pick<RunFacts, 'task' | 'targets'>;

/** The score that lines are compared by. */
export function primaryScore(facts: Subject | null | undefined): ScoreFormat {
  return scoreFormat(taskAboutOf(facts).scores[0], facts);
}

/** All scores of the task, the primary one first. */
export function scoresOf(facts: Subject | null | undefined): ScoreFormat[] {
  return taskAboutOf(facts).scores.map((about) => scoreFormat(about, facts));
}

export function scoreFormat(about: ScoreAbout, facts: Subject | null | undefined): ScoreFormat {
  const isShare = about.unit === 'share';
  const isEveryday = /^[a-z]+$/.test(about.short);
  const unit = scoreUnit(about, facts?.targets);
  const lowerIsBetter = about.better === 'lower';
  const text = (value: number) => (isShare ? percent(value) : withUnit(figure(value), unit));
  return {
    about,
    term: about.id as TermId,
    heading: isEveryday ? capital(about.short) : about.title,
    isEveryday,
    axis: [
      about.title,
      ...(unit && !isShare ? [unit] : []),
      ...(lowerIsBetter ? ['lower is better'] : []),
    ].join(', '),
    isShare,
    lowerIsBetter,
    text,
    parts: (value) => (isShare ? [(value * 100).toFixed(1), '%'] : [figure(value), unit]),
    tick: isShare ? shareTick : figure,
    gain: (value, over) => gainOf(about, value, over),
    signed: (gain) => (isShare ? points(gain) : signed(gain)),
    amount: (difference) =>
      isShare
        ? `${points(Math.abs(difference)).replace('+', '')} points`
        : withUnit(figure(Math.abs(difference)), unit),
  };
}

/** With a digit after the point where there is one to show: "50 %", "2.5 %". */
function shareTick(share: number): string {
  return percent(share, Math.abs(share * 100 - Math.round(share * 100)) < 1e-6 ? 0 : 1);
}

/** "12.6°", "2.41 years" */
export function withUnit(number: string, unit: string): string {
  if (unit === '') return number;
  return unit === '°' ? `${number}°` : `${number}\u00a0${unit}`;
}

function signed(value: number): string {
  const text = figure(Math.abs(value));
  return value === 0 ? text : `${value < 0 ? '−' : '+'}${text}`;
}

/** With its first letter large. */
export function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
