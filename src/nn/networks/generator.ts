/**
 * Networks of a conditional GAN for small pictures, and of a density ratio. Source of the forms: Ding et al. 2023 (cGAN-KD)
 * for the projection discriminator and the ratio; the sizes, and enlarging before a convolution in place of transposed
 * convolutions, are ours.
 */
import type { PictureOps } from '../../engine/ops';
import type { ImageShape } from '../describe';

/** What a picture is made for: a class as one-hot [B,width], or standardised numbers [B,width]. */
export interface Condition {
  kind: 'class' | 'number';
  width: number;
}

/** Numbers that a class is turned into for the generator, and that numbers are turned into everywhere. */
const embedded = 16;
/** Channels of the largest maps; twice as many with each halving. */
const channels = 16;
/** Longest side of the smallest map. */
const largestBase = 8;
const smallestBase = 4;

/** How often pictures are halved inside the networks: as long as the sides stay even and no shorter than 4. */
export function halvings([height, width]: ImageShape): number {
  let count = 0;
  let [h, w] = [height, width];
  while (h % 2 === 0 && w % 2 === 0 && Math.min(h, w) / 2 >= smallestBase) {
    [h, w] = [h / 2, w / 2];
    count++;
  }
  return count;
}

/** A sentence when pictures of this shape cannot be made, else null. */
export function pictureProblem(shape: ImageShape): string | null {
  const [height, width] = shape;
  const base = Math.max(height, width) / 2 ** halvings(shape);
  return base <= largestBase
    ? null
    : `Pictures of ${height}×${width} cannot be generated: halving the sides as long as they are even and at least 8 must lead to at most 8, as it does for 8×8, 16×16, 28×28 and 32×32.`;
}

/** The generator: noise [B,D] and condition to pictures [B,H,W,C] of values 0..1. */
export function generatorOf(shape: ImageShape, condition: Condition) {
  const [height, width, colours] = shape;
  const levels = halvings(shape);
  const [h, w, deepest] = [height / 2 ** levels, width / 2 ** levels, channels * 2 ** levels];
  return <T>(ops: PictureOps<T>, noise: T, of: T): T => {
    const start = ops.concat([noise, embeddingOf(ops, of, condition, embedded)]);
    let x = ops.asPlaces(ops.dense(start, { name: 'dense', units: h * w * deepest }), [h, w, deepest]);
    for (let level = levels - 1; level >= 0; level--)
      x = ops.relu(convolved(ops, ops.enlarge(x), `conv${level}`, channels * 2 ** level));
    return ops.sigmoid(convolved(ops, x, 'picture', colours));
  };
}

/** The projection discriminator: pictures of values 0..1 and their condition to [B,1]. No batch norm. */
export function discriminatorOf(shape: ImageShape, condition: Condition) {
  const levels = halvings(shape);
  return <T>(ops: PictureOps<T>, pictures: T, of: T): T => {
    let x = pictures;
    for (let level = 0; level <= levels; level++) {
      const map = level === 0 ? x : ops.averagePool(x, 2, 2, 0);
      x = ops.leakyRelu(convolved(ops, map, `conv${level}`, channels * 2 ** level), 0.2);
    }
    const features = ops.sumOverPlaces(x);
    const units = channels * 2 ** levels;
    const own = embeddingOf(ops, of, condition, units);
    const projected = condition.kind === 'class' ? own : ops.dense(own, { name: 'projection', units });
    return ops.add(ops.dense(features, { name: 'dense', units: 1 }), ops.innerProduct(projected, features));
  };
}

export interface RatioForm {
  /** Units of the hidden layers; each a multiple of `groups`. */
  hidden: readonly number[];
  /** Of the group norm: at least two units each, or all that is left of a unit is its offset. */
  groups: number;
  dropout: number;
}

/** Small enough for a page: 2048-1024-512-256-128 were published. */
export const ratioForm: RatioForm = { hidden: [128, 64], groups: 8, dropout: 0.5 };

/** Ratio of the densities of real and generated features under a condition, [B,1], not below 0: features [B,D] and condition. */
export function ratioOf(condition: Condition, { hidden, groups, dropout }: RatioForm = ratioForm) {
  return <T>(ops: PictureOps<T>, features: T, of: T): T => {
    let x = ops.concat([embeddingOf(ops, of, condition, condition.width), features]);
    hidden.forEach((units, i) => {
      const normalised = ops.groupNorm(ops.dense(x, { name: `dense${i}`, units }), {
        name: `norm${i}`,
        groups,
      });
      x = ops.dropout(ops.relu(normalised), { name: `dropout${i}`, rate: dropout });
    });
    return ops.relu(ops.dense(x, { name: `dense${hidden.length}`, units: 1 }));
  };
}

/** The name of the ratio's last bias, which is to start above 0: below, the last ReLU would pass no gradient. */
export const lastRatioBias = ({ hidden }: RatioForm = ratioForm) => `dense${hidden.length}.bias`;

/** A table with a row per class, or a small network of numbers, whose `units` are then those of its own. */
function embeddingOf<T>(ops: PictureOps<T>, of: T, { kind }: Condition, units: number): T {
  if (kind === 'class') {
    const init = { deviation: 1 };
    return ops.flatten(ops.conv(ops.asMap(of), { name: 'embedding', filters: units, kernel: 1, init }));
  }
  const hidden = ops.relu(ops.dense(of, { name: 'embedding0', units: embedded }));
  return ops.relu(ops.dense(hidden, { name: 'embedding1', units: embedded }));
}

function convolved<T>(ops: PictureOps<T>, x: T, name: string, filters: number): T {
  return ops.conv(x, { name, filters, kernel: 3, padding: 1, bias: true });
}
