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
