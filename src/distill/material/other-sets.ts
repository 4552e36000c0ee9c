/** Sets whose images a run needs beside its own. */
import type { ValuesOf } from '../knobs';
import type { materialKnobs } from './about';

/** Sets of the page whose images may be stimuli for another one. */
export const bundledOthers = ['fashion-mnist-small', 'digits-8x8', 'hand'] as const;

const isBundled = (stimuli: string): stimuli is (typeof bundledOthers)[number] =>
  (bundledOthers as readonly string[]).includes(stimuli);

/** Whether these stimuli are images of another set, one of the page or one of the user's own. */
export const isOtherSet = (stimuli: string): stimuli is (typeof bundledOthers)[number] | 'own' =>
  stimuli === 'own' || isBundled(stimuli);

/** A further set: what it is for, and its id, or the digest of one of the user's own ("" where none is chosen yet). */
export type OtherSet =
  | { for: 'stimuli'; bundled: (typeof bundledOthers)[number] }
  | { for: 'stimuli' | 'second-domain'; own: string };

type Asked = Pick<
  ValuesOf<typeof materialKnobs>,
  'unlabelled' | 'unlabelledFrom' | 'stimuli' | 'secondDomain' | 'ownSet'
>;

/** The set whose images a run needs beside its own; null for none. */
export function otherSetOf({
  unlabelled,
  unlabelledFrom,
  stimuli,
  secondDomain,
  ownSet,
}: Asked): OtherSet | null {
  if (unlabelled === 0 || unlabelledFrom === 'rest' || unlabelledFrom === 'generated') return null;
  if (unlabelledFrom === 'second-domain')
    return secondDomain === 'own' ? { for: unlabelledFrom, own: ownSet } : null;
  if (isBundled(stimuli)) return { for: unlabelledFrom, bundled: stimuli };
  return stimuli === 'own' ? { for: unlabelledFrom, own: ownSet } : null;
}
