import { attentionMaps, meanSquaredDifference } from '../../../engine/loss-ops';
import { tf, type Tensor1D, type Tensor2D, type Tensor4D } from '../../../engine/tf';
import type { HintFactory } from '../hint';
import type { atKnobs } from './about';
import { attentionView } from '../method-views';
import { matchSides } from '../resample';
import { pairStages } from '../stages';

/**
 * Attention map of a feature map: L2-normalised flattened channel mean of |f|^p.
 * @param maps [B,H,W,C] -> [B,H*W]
 */
export function attentionMap(maps: Tensor4D, p: number): Tensor2D {
  return attentionMaps(maps, p);
}

/**
 * One stage of attention transfer: mean over places of (A_s - A_t)^2, sizes matched first by pooling the larger map.
 * @returns [B]; its mean equals RepDistiller's Attention loss of one stage.
 */
export function atStageLosses(student: Tensor4D, teacher: Tensor4D, p: number): Tensor1D {
  return tf.tidy(() => {
    const [s, t] = matchSides(student, teacher);
    return meanSquaredDifference(attentionMap(s, p), attentionMap(t, p));
  });
}

export const createAt: HintFactory<typeof atKnobs> = ({ pair, knobs }) => {
  const p = Number(knobs.p);
  // A 1x1 map has nowhere to attend to: its normalised attention is 1 whatever it holds.
  const hasPlaces = ([height = 1, width = 1]: readonly number[]) => height * width > 1;
  const pairs = pairStages(pair.student.stages.length, pair.teacher.stages.length).filter(
    ([s, t]) => hasPlaces(pair.student.stages[s]!) && hasPlaces(pair.teacher.stages[t]!),
  );
  return {
    module: null,
    parts: pairs.map(([, t]) => `stages/${t}` as const),
    losses: (student, teacher) =>
      pairs
        .map(([s, t]) => atStageLosses(student.stages[s] as Tensor4D, teacher.stages[t] as Tensor4D, p))
        .reduce((sum, losses) => tf.add(sum, losses)),
    view: (student, teacher) => attentionView(student, teacher, pairs, p),
    dispose: () => undefined,
  };
};
