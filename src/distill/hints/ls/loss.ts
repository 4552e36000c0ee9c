import { tf, type Tensor, type Tensor1D, type Tensor2D } from '../../../engine/tf';
import { crossEntropies } from '../../objective';
import type { ValuesOf } from '../../knobs';
import type { HintFactory } from '../hint';
import type { lsKnobs } from './about';
import { targetView } from '../method-views';
import { overLabelled } from '../targets';

/** Where the smoothed-away probability goes: evenly to all classes, the target among them, or to the others only. */
export type Spread = 'all' | 'others';

export interface Smoothing {
  smoothing: number;
  spread: Spread;
}

/**
 * Cross-entropy with a smoothed label: 1 - smoothing on the target, `smoothing` spread evenly.
 * @param logits [B,C], differentiable
 * @param target [B,C] one-hot, constant; a row of zeros gives 0
 * @returns [B]. Source: Szegedy et al. 2016 (`all`, as in PyTorch), the code of teacher-free KD (`others`).
 */
export function labelSmoothingLosses(logits: Tensor, target: Tensor2D, options: Smoothing): Tensor1D {
  return tf.tidy(() => crossEntropies(logits, smoothed(target, options)));
}

/** The smoothed labels, [B,C]; rows of zeros stay so. */
function smoothed(target: Tensor2D, { smoothing, spread }: Smoothing): Tensor2D {
  return tf.tidy(() => {
    const classes = target.shape[1];
    const labelled = tf.sum(target, -1, true);
    const receivers = spread === 'all' ? labelled : tf.sub(labelled, target);
    const share = smoothing / (spread === 'all' ? classes : classes - 1);
    return tf.add(tf.mul(target, 1 - smoothing), tf.mul(receivers, share));
  });
}

const optionsOf = (knobs: ValuesOf<typeof lsKnobs>): Smoothing => ({
  smoothing: knobs.smoothing,
  spread: knobs.spread,
});

export const createLs: HintFactory<typeof lsKnobs> = () => ({
  module: null,
  losses: (student, _teacher, { knobs, targets: oneHot }) =>
    overLabelled(labelSmoothingLosses(student.logits, oneHot, optionsOf(knobs)), oneHot),
  view: (student, _teacher, { knobs, targets: oneHot }) =>
    targetView(
      student.logits,
      smoothed(oneHot, optionsOf(knobs)),
      'The smoothed label, the same for every instance of a class, beside the student’s answer.',
    ),
  dispose: () => undefined,
});
