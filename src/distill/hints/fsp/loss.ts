import { tf, type Tensor1D, type Tensor4D } from '../../../engine/tf';
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
