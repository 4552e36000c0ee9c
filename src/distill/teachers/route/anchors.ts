/**
 * Anchors of a teacher's route: which of its earlier states the student learns from, and when. Plain numbers.
 *
 * The equal-interval rules are those of SforAiDl/KD_Lib (a94d236). The greedy search is a reconstruction: of the paper
 * (Jin et al. 2019) it is known that a KL divergence measures how hard a teacher's state is for the present student and
 * that a threshold ends the search; the ratio below is ours.
 */

/** Lower bound of the divisor: a student equal to its anchor has a hardness of 0. */
const leastHardness = 1e-6;

/** Epochs (counted from 1) at whose end a state is kept: every `interval`-th and the last. */
export function equalIntervalEpochs(epochs: number, interval: number): number[] {
  const inner = Array.from({ length: Math.ceil(epochs / interval) - 1 }, (_, i) => (i + 1) * interval);
  return [...inner, epochs];
}

/** The longest interval that gives at least `count` anchors where that is possible, and never more. */
export function intervalFor(epochs: number, count: number): number {
  return Math.max(1, Math.ceil(epochs / count));
}

/**
 * Which of `anchors` a student learns from in the epoch `epoch` (counted from 0, may be a fraction): the next one every
 * `interval` epochs, then the last. (The clamp is ours: the source runs past its list.)
 */
export function anchorAtEpoch(anchors: number, interval: number, epoch: number): number {
  return Math.min(Math.floor(epoch / interval), anchors - 1);
}

/**
 * How far each state of the route is from a student that has just learned from state `anchor`, in units of its distance
 * to that anchor: at 1 a state is as far away as the anchor.
 * @param hardness mean KL(state j || student) on held-out images, per state j
 */
export function relativeHardness(hardness: ArrayLike<number>, anchor: number): number[] {
  const reference = Math.max(hardness[anchor]!, leastHardness);
  return Array.from(hardness, (value) => value / reference);
}

/**
 * Greedy search: from `anchor` forward over the states while their relative hardness is at most `delta`; the last that
 * passes is the next anchor. If the very next state is too hard it is taken nevertheless.
 * @param relative from `relativeHardness`; its last entry is the converged teacher
 */
export function nextAnchor(relative: readonly number[], anchor: number, delta: number): number {
  let next = anchor + 1;
  while (next + 1 < relative.length && relative[next]! <= delta && relative[next + 1]! <= delta) next++;
  return next;
}
