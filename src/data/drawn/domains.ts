/** A second domain made from a first: the same pictures under another appearance. */
import { enlarge } from './pictures';

export type DomainKind = 'inverted' | 'faint' | 'noisy' | 'background' | 'difference' | 'colour';

/** What one picture takes: numbers, uniform in 0..1 or standard normal. */
interface Draws {
  from: 'uniform' | 'normal';
  count(side: number): number;
}

interface DomainMaker {
  /** Null where nothing is random. */
  draws: Draws | null;
  /** Channels of the changed picture. */
  channels(channels: number): number;
  /**
   * Changes one picture.
   * @param picture [side*side*channels] of 0..1; one channel for `colour`
   * @param drawn as many numbers as `draws` says
   */
  change(picture: ArrayLike<number>, drawn: ArrayLike<number>, side: number): Float64Array;
}

const same = (channels: number) => channels;

/** A rule for each value. */
const each = (rule: (value: number) => number): DomainMaker => ({
  draws: null,
  channels: same,
  change: (picture) => Float64Array.from(picture, rule),
});

/** A rule for each value and a smooth background behind it. */
const overBackground = (rule: (value: number, behind: number) => number): DomainMaker => ({
  draws: { from: 'uniform', count: () => 9 },
  channels: same,
  change(picture, drawn, side) {
    const behind = enlarge(drawn, 3, side);
    const channels = picture.length / behind.length;
    return Float64Array.from(picture, (value, n) => rule(value, behind[Math.floor(n / channels)]!));
  },
});

export const domainMakers: Readonly<Record<DomainKind, DomainMaker>> = {
  inverted: each((value) => 1 - value),
  faint: each((value) => 0.15 + 0.35 * value),
  noisy: {
    draws: { from: 'normal', count: (side) => side * side },
    channels: same,
    change: (picture, drawn) => {
      const channels = picture.length / drawn.length;
      return Float64Array.from(picture, (value, n) =>
        Math.min(Math.max(value + 0.35 * drawn[Math.floor(n / channels)]!, 0), 1),
      );
    },
  },
  background: overBackground((value, behind) => Math.max(value, 0.8 * behind)),
  difference: overBackground((value, behind) => Math.abs(value - 0.7 * behind)),
  colour: {
    draws: { from: 'uniform', count: () => 6 },
    channels: () => 3,
    change: (picture, drawn) =>
      Float64Array.from({ length: 3 * picture.length }, (_, n) => {
        const value = picture[Math.floor(n / 3)]!;
        return value * drawn[n % 3]! + (1 - value) * drawn[3 + (n % 3)]!;
      }),
  },
};
