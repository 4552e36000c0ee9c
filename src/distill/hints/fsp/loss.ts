import { tf, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import type { Trace } from '../../../nn/network';
import type { HintFactory } from '../hint';
import type { fspKnobs } from './about';
import { prepareStudent, withoutPull } from '../prelude';
import { matchSides } from '../resample';

/**
 * Flow between two maps of one network: how their channels occur together, mean over places. The larger map is pooled
 * to the smaller first.
 * @param earlier [B,H,W,C_a] @param later [B,h,w,C_b]
 * @returns [B,C_a,C_b]
 */
export function flow(earlier: Tensor4D, later: Tensor4D): tf.Tensor3D {
  return tf.tidy(() => {
    const [a, b] = matchSides(earlier, later);
    const places = a.shape[1] * a.shape[2];
    const flat = (map: Tensor4D) => tf.reshape(map, [map.shape[0], places, map.shape[3]]) as tf.Tensor3D;
    return tf.div(tf.matMul(flat(a), flat(b), true, false), places);
  });
}

/**
 * One pair of consecutive maps: mean over pairs of channels of the squared difference of flows, [B]. Student and
 * teacher may differ in the sides of their maps but not in channels.
 * Source: Yim et al. 2017; equals RepDistiller.
 */
export function fspPairLosses(
  student: readonly [Tensor4D, Tensor4D],
  teacher: readonly [Tensor4D, Tensor4D],
): Tensor1D {
  return tf.tidy(() => tf.mean(tf.squaredDifference(flow(...student), flow(...teacher)), [1, 2]));
}

/** Sum over all pairs of consecutive maps of both networks, [B]. */
function fspLosses(student: Trace, teacher: Trace): Tensor1D {
  const maps = ({ stem, stages }: Trace) => [stem, ...stages] as Tensor4D[];
  const [s, t] = [maps(student), maps(teacher)];
  return s
    .slice(1)
    .map((_, i) => fspPairLosses([s[i]!, s[i + 1]!], [t[i]!, t[i + 1]!]))
    .reduce((sum, losses) => tf.add(sum, losses));
}

export const createFsp: HintFactory<typeof fspKnobs> = ({ knobs }) => ({
  module: null,
  losses: (student, teacher, context) => {
    const losses = () => fspLosses(student, teacher);
    return knobs.stages === 'two' ? withoutPull(student, context, losses) : losses();
  },
  prelude: prepareStudent(
    'The student’s layers take over the teacher’s flow, before it learns the task.',
    null,
    fspLosses,
  ),
  dispose: () => undefined,
});
