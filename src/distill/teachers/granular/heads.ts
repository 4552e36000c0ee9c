/** Heads that re-make a decision from the pooled feature through a narrow (abstract) and a wide (detailed) code. */
import type { Ops } from '../../../engine/ops';

/** Widths of the two codes. */
export interface CodeWidths {
  abstract: number;
  detailed: number;
}

/** One value per granularity; the codes are [B,k], linear. */
export interface Granular<T> {
  abstract: T;
  detailed: T;
}

/**
 * The two codes of a feature [B,D]: Dense D, ReLU, Dense k each. Teacher and student carry the same form, so that their
 * codes are equally wide. Parameters `abstractEncoder.dense1.weight` and so on.
 * Source: shaoeric/multi-granularity-distillation, wrapper.py.
 */
export function encode<T>(ops: Ops<T>, feature: T, widths: CodeWidths): Granular<T> {
  const hidden = ops.shapeOf(feature)[0]!;
  return {
    abstract: twoLayers(ops, feature, 'abstractEncoder', hidden, widths.abstract),
    detailed: twoLayers(ops, feature, 'detailedEncoder', hidden, widths.detailed),
  };
}

/**
 * The decisions [B,C] read back from the codes: Dense D, ReLU, Dense C each.
 * @param hidden D, the width of the feature the codes were made from
 */
export function decode<T>(ops: Ops<T>, codes: Granular<T>, hidden: number, classes: number): Granular<T> {
  return {
    abstract: twoLayers(ops, codes.abstract, 'abstractDecoder', hidden, classes),
    detailed: twoLayers(ops, codes.detailed, 'detailedDecoder', hidden, classes),
  };
}

/** The teacher's self-analysing module on its frozen feature [B,D]: codes and what they still say of the classes. */
export function selfAnalyse<T>(
  ops: Ops<T>,
  feature: T,
  widths: CodeWidths,
  classes: number,
): { codes: Granular<T>; logits: Granular<T> } {
  const codes = encode(ops, feature, widths);
  return { codes, logits: decode(ops, codes, ops.shapeOf(feature)[0]!, classes) };
}

function twoLayers<T>(ops: Ops<T>, x: T, name: string, hidden: number, units: number): T {
  const middle = ops.relu(ops.dense(x, { name: `${name}.dense1`, units: hidden }));
  return ops.dense(middle, { name: `${name}.dense2`, units });
}
