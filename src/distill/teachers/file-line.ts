import type { TextKnob } from '../knobs';

/** Of a teacher from files that was made by others before it. */
export const fileLineKnob = {
  kind: 'text',
  label: 'Line of networks',
  help: 'Networks that taught one after the other to make this teacher, itself the last: a teacher assistant, or networks born again.',
  default: '',
  suggestions: [],
  problem: (text: string) => (text.length <= 300 ? null : 'is too long'),
} as const satisfies TextKnob;
