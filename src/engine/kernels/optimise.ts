/**
 * Optimiser steps in place, for many variables in one dispatch. Hyperparameters come from a small tensor, so that a
 * change needs no compilation and a recorded step can be replayed with new values.
 */
import type { RawKernel } from '../webgpu-backend';
import { numberAt } from './reduce';
import { flat } from './wgsl';

/** The update of one number. */
export interface UpdateRule {
  name: string;
  /** Names of its state per number. */
  slots: readonly string[];
  /**
   * WGSL over the variables `p` (the number), `g` (its gradient), the slots by name, and `h0`, `h1`, ... (the
   * hyperparameters); it assigns to p and the slots.
   */
  body: string;
  hyperparameters: number;
}

/** h: rate, momentum, 1 for Nesterov, weight decay. */
export const sgdRule: UpdateRule = {
  name: 'SGD',
  slots: ['velocity'],
  hyperparameters: 4,
  body: `
    g += h3 * p;
    if (h1 > 0) {
      velocity = h1 * velocity + g;
      g = select(velocity, g + h1 * velocity, h2 > 0);
    }
    p -= h0 * g;`,
};

/**
 * h: rate, beta1, beta2, epsilon, weight decay added to gradients, factor by which weights shrink (AdamW), 1 - beta1,
 * 1 - beta2; rate and epsilon include the bias corrections. The last two are rounded once from double precision: computed
 * here, 1 - 0.999 would be off by 1.3e-5 of itself.
 */
export const adamRule: UpdateRule = {
  name: 'Adam',
  slots: ['first', 'second'],
  hyperparameters: 8,
  body: `
    g += h4 * p;
    first = h1 * first + h6 * g;
    second = h2 * second + h7 * g * g;
    p -= h0 * first / (sqrt(second) + h3) + h5 * p;`,
};

/** h: weight of the new number; g is that number. Used for the running averages of batch norm. */
export const blendRule: UpdateRule = {
  name: 'running average',
  slots: [],
  hyperparameters: 1,
  body: 'p += h0 * (g - p);',
};

/** Number of variables that one dispatch can update with this many storage buffers per shader. */
export function variablesPerDispatch(rule: UpdateRule, storageBuffers: number): number {
  return Math.floor((storageBuffers - 1) / (2 + rule.slots.length));
}

/**
 * Buffers in binding order: hyperparameters, then per variable its gradient (both read), its numbers and its slots
 * (both written). One thread per number.
 * @param sizes numbers per variable
 * @param partials number of partial sums in each variable's gradient, which are added here; that saves a dispatch for
 *   each gradient that is stored as partial sums
 */
export function updateKernel(
  rule: UpdateRule,
  sizes: readonly number[],
  partials: readonly number[],
): RawKernel {
  const ends = sizes.map((_, v) => sizes.slice(0, v + 1).reduce((sum, size) => sum + size, 0));
  const hyper = Array.from({ length: rule.hyperparameters }, (_, h) => `let h${h} = h[${h}];`);
  const branch = (end: number, v: number) => `
    if (i < ${end}) {
      let at = i - ${end - sizes[v]!};
      var p = p${v}[at];
      ${numberAt('g', `g${v}`, partials[v]!, sizes[v]!)}
      ${rule.slots.map((slot) => `var ${slot} = ${slot}${v}[at];`).join('\n')}
      ${rule.body}
      p${v}[at] = p;
      ${rule.slots.map((slot) => `${slot}${v}[at] = ${slot};`).join('\n')}
      return;
    }`;
  const written = (v: number) => [`p${v}: f32`, ...rule.slots.map((slot) => `${slot}${v}: f32`)];
  return flat({
    name: rule.name,
    read: ['h: f32', ...sizes.map((_, v) => `g${v}: f32`)],
    write: sizes.flatMap((_, v) => written(v)),
    threads: ends.at(-1)!,
    body: [...hyper, ...ends.map(branch)].join('\n'),
  });
}
