import type { ReactNode } from 'react';
import type { Learner } from '../../training/events';
import { learnerStyles } from '../theme/learner-styles';

/** A shape each, beside the colour, about the origin. */
export const learnerShapes: Record<Learner, ReactNode> = {
  student: <circle r="4.5" fill={learnerStyles.student.colour} />,
  control: <rect x="-3.6" y="-3.6" width="7.2" height="7.2" fill={learnerStyles.control.colour} />,
  hard: <path d="M0 -4.5L4.2 3.4H-4.2Z" fill={learnerStyles.hard.colour} />,
  full: <path d="M-4.5 0H4.5M0 -4.5V4.5" stroke={learnerStyles.full.colour} strokeWidth="2.2" />,
  rounded: (
    <path d="M-3.6 -3.6L3.6 3.6M-3.6 3.6L3.6 -3.6" stroke={learnerStyles.rounded.colour} strokeWidth="1.7" />
  ),
  teacher: (
    <path d="M0 -5L5 0L0 5L-5 0Z" fill="none" stroke={learnerStyles.teacher.colour} strokeWidth="1.7" />
  ),
};

/** Of compared runs, by their place. */
export function runShape(place: number, colour: string): ReactNode {
  switch (place % 8) {
    case 0:
      return <rect x="-3.8" y="-3.8" width="7.6" height="7.6" fill={colour} />;
    case 1:
      return <path d="M0 4.5L4.2 -3.4H-4.2Z" fill={colour} />;
    case 2:
      return <path d="M0 -5L5 0L0 5L-5 0Z" fill={colour} />;
    case 3:
      return <path d="M-4.5 0H4.5M0 -4.5V4.5" stroke={colour} strokeWidth="2.2" />;
    case 4:
      return <path d="M-3.6 -3.6L3.6 3.6M-3.6 3.6L3.6 -3.6" stroke={colour} strokeWidth="2.2" />;
    case 5:
      return <circle r="3.8" fill="none" stroke={colour} strokeWidth="1.8" />;
    case 6:
      return (
        <rect x="-3.4" y="-3.4" width="6.8" height="6.8" fill="none" stroke={colour} strokeWidth="1.8" />
      );
    default:
      return <path d="M0 -4.5L4.2 3.4H-4.2Z" fill="none" stroke={colour} strokeWidth="1.8" />;
  }
}
