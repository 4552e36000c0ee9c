import { learnerStyles } from './learner-styles';

/** Runs that are drawn over the one in view at most: colours and dashes tell so many apart. */
export const mostCompared = 8;

/** None is unbroken: that is the run in view. */
const dashes = ['7 3', '2 3', '10 3 2 3', '4 4', '12 4', '1 4', '6 2 1 2 1 2', '3 2'];

/** Colour and dash of a compared run, by its place in the choice. One alone is drawn as a student. */
export function comparedStyle(place: number, alone: boolean): { colour: string; dash: string } {
  if (alone) return { colour: learnerStyles.student.colour, dash: '1 4' };
  return { colour: `var(--hint-${place % 6})`, dash: dashes[place % dashes.length]! };
}
