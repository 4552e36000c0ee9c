/** The paraphraser (an autoencoder of the teacher's map) and the translator (the student's way to the same factors). */
import type { Ops } from '../../../engine/ops';
import { tf, type Tensor } from '../../../engine/tf';

/** Leaky ReLU with slope 0.1 over tensors, and nothing over shapes. */
export type Activation<T> = (x: T) => T;
export const leaky: Activation<Tensor> = (x) => tf.leakyRelu(x, 0.1);

const layer = { kernel: 3, padding: 1, bias: true } as const;

/** Channels of the factors. */
export function factorChannels(teacher: number, rate: number): number {
  return Math.max(1, Math.floor(teacher * rate));
}

/** [B,H,W,C_t] -> factors [B,H,W,C_f]. */
export function encode<T>(ops: Ops<T>, map: T, channels: number, activate: Activation<T>): T {
  const widths = [ops.shapeOf(map)[2]!, channels, channels];
  return widths.reduce(
    (x, filters, i) => activate(ops.conv(x, { name: `encoder${i}.conv`, filters, ...layer })),
    map,
  );
}

/** Factors [B,H,W,C_f] -> the teacher's map [B,H,W,C_t], as far as the factors hold it. */
export function decode<T>(ops: Ops<T>, factors: T, channels: number, activate: Activation<T>): T {
  const widths = [ops.shapeOf(factors)[2]!, channels, channels];
  return widths.reduce(
    (x, filters, i) => activate(ops.convTranspose(x, { name: `decoder${i}.convT`, filters, ...layer })),
    factors,
  );
}

/** The student's map [B,H,W,C_s] -> factors [B,H,W,C_f]. */
export function translate<T>(ops: Ops<T>, map: T, channels: number, activate: Activation<T>): T {
  const widths = [ops.shapeOf(map)[2]!, channels, channels];
  return widths.reduce((x, filters, i) => {
    const convolved = ops.conv(x, { name: `translator${i}.conv`, filters, ...layer });
    return activate(ops.batchNorm(convolved, `translator${i}.bn`));
  }, map);
}
