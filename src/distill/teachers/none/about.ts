import type { AxisAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const noTeacherKnobs = defineKnobs({});

export const none = {
  id: 'none',
  title: 'No teacher',
  line: 'The student learns from labels alone.',
  knobs: noTeacherKnobs,
} as const satisfies AxisAbout<typeof noTeacherKnobs>;
