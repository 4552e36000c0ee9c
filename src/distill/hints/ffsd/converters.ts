/** Converters: earlier maps of a network, made out of a last one. */
import { meanSquaredDifference } from '../../../engine/loss-ops';
import type { Ops } from '../../../engine/ops';
import { tf, type Tensor, type Tensor1D, type Tensor4D } from '../../../engine/tf';
import { unitRows } from '../banks';
import { sumOf } from '../sums';
import { attentionLosses } from './attention';

/**
 * Transposed 3x3 convolutions of stride 2 with BN and ReLU, from the last map to earlier ones.
 * @param map [B,H,W,C] @param widths channels of the maps to make, the latest one first
 * @returns maps of twice, four times ... the side, in that order
 */
export function convert<T>(ops: Ops<T>, map: T, widths: readonly number[]): T[] {
  const made: T[] = [];
  widths.forEach((filters, i) => {
    const grown = ops.convTranspose(made.at(-1) ?? map, {
      name: `layer${i}.conv`,
      filters,
      kernel: 3,
      stride: 2,
      padding: 1,
      outputPadding: 1,
    });
    made.push(ops.batchNormRelu(grown, `layer${i}.bn`));
  });
  return made;
}

/** Channels of all stages but the last, the latest one first. @param stages shapes without the batch axis */
export function widthsOf(stages: readonly (readonly number[])[]): number[] {
  return stages
    .slice(0, -1)
    .map(([, , channels]) => channels!)
    .reverse();
}

/** All stages but the last, the latest one first. */
const earlier = <T>(stages: readonly T[]): T[] => stages.slice(0, -1).reverse();

/**
 * How far earlier stages look elsewhere than maps that a converter made, [B].
 * @param stages [B,H,W,C] each, differentiable @param made of `convert`, constants
 */
export function selfDistillationLosses(stages: readonly Tensor[], made: readonly Tensor[]): Tensor1D {
  return tf.tidy(() =>
    sumOf(earlier(stages).map((stage, i) => attentionLosses(stage as Tensor4D, made[i] as Tensor4D))),
  );
}

/**
 * What a converter learns, without its weight: to make a network's earlier maps out of its last one, as they are at length
 * 1, and where they look; [B] each.
 * @param made of `convert`, differentiable @param stages of the same network, constants
 */
export function converterLosses(
  made: readonly Tensor[],
  stages: readonly Tensor[],
): { feature: Tensor1D; attention: Tensor1D } {
  const rows = (map: Tensor) => unitRows(tf.reshape(map, [map.shape[0]!, -1]));
  const targets = earlier(stages);
  return {
    feature: sumOf(made.map((map, i) => meanSquaredDifference(rows(map), rows(targets[i]!)))),
    attention: sumOf(made.map((map, i) => attentionLosses(map as Tensor4D, targets[i] as Tensor4D))),
  };
}
