/** The space in which a relation loss compares images: inside both networks, as published, or that of their logits. */
import type { Read } from '../about';
import type { ChoiceKnob } from '../knobs';

export type Space = 'inside' | 'logits';

/** @param inside what the published loss compares, for the page */
export function spaceKnob(inside: string): ChoiceKnob<Space> {
  return {
    kind: 'choice',
    label: 'Compared in',
    help: 'What stands for an instance: numbers inside each network, as published, or its logits. A teacher that shows only its answers can be compared by logits.',
    options: [
      { value: 'inside', label: `${inside} (published)` },
      { value: 'logits', label: 'Logits' },
    ],
    default: 'inside',
    advanced: true,
  };
}

/** What a relation loss reads of the teacher. @param inside what it compares inside the networks */
export const readsIn =
  (inside: Read) =>
  ({ space }: { space: Space }): readonly Read[] => [space === 'logits' ? 'output' : inside];
