import type { Learner } from '../../training/events';

/** Fixed everywhere: colour, name and dash of those who learn. */
export interface LineStyle {
  label: string;
  /** Where there is little room for the label. */
  short?: string;
  colour: string;
  /** Second cue beside the colour. */
  dash?: string;
  /** Its bars are striped: another learner has the same colour. */
  striped?: true;
}

export const learnerStyles: Record<Learner, LineStyle> = {
  student: { label: 'Student', colour: 'var(--student)' },
  control: { label: 'Baseline (no teacher)', short: 'Baseline', colour: 'var(--control)', dash: '6 3' },
  hard: { label: 'Teacher’s hard labels', short: 'Hard labels', colour: 'var(--hard)', dash: '2 3' },
  full: { label: 'Full-precision twin', short: 'Full precision', colour: 'var(--full)', dash: '8 2 2 2' },
  rounded: {
    label: 'Twin, rounded afterwards',
    short: 'Rounded',
    colour: 'var(--full)',
    dash: '1 4',
    striped: true,
  },
  teacher: { label: 'Teacher', colour: 'var(--teacher)', dash: '10 3' },
};

/** Of small text and figures, for which a line's colour is too light. */
export const inkOf = (learner: Learner) =>
  `color-mix(in srgb, ${learnerStyles[learner].colour} 60%, var(--ink))`;

const hintDashes = [undefined, '7 3', '2 3', '9 3 2 3', '4 4', '1 4'];

/** Style of the hint at this place in the recipe. */
export function hintStyle(index: number): { colour: string; dash?: string } {
  // The second round of colours gets other dashes than the first.
  const dash = hintDashes[(index + Math.floor(index / 6)) % hintDashes.length];
  return { colour: `var(--hint-${index % 6})`, ...(dash ? { dash } : {}) };
}
