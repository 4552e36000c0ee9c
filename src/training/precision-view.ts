/** How a student in low precision uses its levels: a histogram per rounded kernel, and what its activations cut off. */
import type { WeightsView } from '../distill/views';
import { tf, type Tensor } from '../engine/tf';
import { integerWeights } from '../nn/graph/integer-weights';
import { levelsOfWeights, LowPrecisionOps, type RoundedParts } from '../nn/low-precision';
import type { Network } from '../nn/network';
import type { LowPrecision } from './student-network';

/** Bins across the range of a kernel. */
const bins = 41;
/** More layers than this are measured and not drawn. */
const mostDrawn = 8;
/** More levels than this are not drawn one by one. */
const mostLevels = 33;

export interface PrecisionReading {
  view: WeightsView;
  /** Shares 0..1 by probe: "zeros/blocks.1.0", "clipped/blocks.0.1". */
  probes: Record<string, number>;
}

/** @param images [N,H,W,C] as the network reads them; the caller's */
export async function readPrecision(
  { precision, parts, plain }: LowPrecision,
  network: Network,
  images: Tensor,
): Promise<PrecisionReading> {
  const clipped = await clippedShares({ precision, parts, plain }, network, images);
  const layers = await Promise.all(parts.kernels.map((name) => layerOf(name, precision, network)));
  const levels = levelsOfWeights(precision);
  return {
    view: {
      view: 'weights',
      title: 'Kernels and their levels',
      line:
        parts.kernels.length > 0
          ? `Grey: the weights that are trained, in full precision. Coloured: the ${levels} levels that the layer computes with, as tall as their share.`
          : 'Kernels are in full precision; what the activations let through is rounded.',
      layers: layers.slice(0, mostDrawn),
      more: Math.max(0, layers.length - mostDrawn),
      activations: clipped,
    },
    probes: {
      ...Object.fromEntries(layers.map(({ name, zeros }) => [`zeros/${name}`, zeros])),
      ...Object.fromEntries(clipped.map(({ after, above }) => [`clipped/${after}`, above])),
    },
  };
}

async function layerOf(
  kernel: string,
  { rule, weights: bits }: LowPrecision['precision'],
  network: Network,
): Promise<WeightsView['layers'][number]> {
  const trained = (await network.module.trainable.get(kernel)!.data()) as Float32Array;
  const { integers, step } = integerWeights(trained, { rule, bits });
  const count = trained.length;
  const counts = new Map<number, number>();
  for (const integer of integers) counts.set(integer, (counts.get(integer) ?? 0) + 1);
  const largest = trained.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const range = Math.max(largest, 1e-6);
  const shares = new Array<number>(bins).fill(0);
  for (const weight of trained)
    shares[Math.min(bins - 1, Math.floor(((weight + range) / (2 * range)) * bins))]! += 1 / count;
  const used = [...counts].sort(([a], [b]) => a - b);
  return {
    name: kernel.replace(/\.weight$/, ''),
    range,
    shares,
    levels:
      levelsOfWeights({ weights: bits, rule }) > mostLevels
        ? []
        : used.map(([integer, of]) => ({ at: integer * step, share: of / count })),
    used: used.length,
    zeros: (counts.get(0) ?? 0) / count,
  };
}

/** Share of what comes to each rounded activation that is above 1. */
async function clippedShares(
  {
    precision,
    parts,
    plain,
  }: { precision: LowPrecision['precision']; parts: RoundedParts; plain: LowPrecision['plain'] },
  network: Network,
  images: Tensor,
): Promise<WeightsView['activations']> {
  if (parts.activations.length === 0) return [];
  const names: string[] = [];
  const shares = tf.tidy(() => {
    const found: tf.Scalar[] = [];
    const ops = new LowPrecisionOps<Tensor>(
      network.module.ops({ training: false }),
      parts,
      precision,
      (after, x, isRounded) => {
        if (!isRounded) return;
        names.push(after);
        found.push(tf.mean(tf.cast(tf.greater(x, 1), 'float32')));
      },
    );
    plain(ops, images);
    return tf.stack(found);
  });
  const read = await shares.data();
  shares.dispose();
  return names.map((after, place) => ({ after, above: read[place]! }));
}
