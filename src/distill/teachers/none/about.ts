import type { TeacherAbout } from '../../about';
import { defineKnobs } from '../../knobs';

export const noTeacherKnobs = defineKnobs({});

export const none = {
  id: 'none',
  title: 'No teacher',
  line: 'The student learns from labels alone.',
  size: 'free',
  knobs: noTeacherKnobs,
} as const satisfies TeacherAbout<typeof noTeacherKnobs>;
