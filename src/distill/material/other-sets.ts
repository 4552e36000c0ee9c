/** Sets of the page whose images may be stimuli for another one. */
export const otherSets = ['fashion-mnist-small', 'digits-8x8', 'hand'] as const;
export type OtherSet = (typeof otherSets)[number];

export function isOtherSet(stimuli: string): stimuli is OtherSet {
  return (otherSets as readonly string[]).includes(stimuli);
}

/** The set whose images a run needs beside its own; null for none. */
export function otherSetOf({
  unlabelled,
  unlabelledFrom,
  stimuli,
}: {
  unlabelled: number;
  unlabelledFrom: string;
  stimuli: string;
}): OtherSet | null {
  return unlabelled > 0 && unlabelledFrom === 'stimuli' && isOtherSet(stimuli) ? stimuli : null;
}
