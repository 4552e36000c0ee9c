/**
 * Convolution over [B,H,W,C] with square strides, and its gradients: which of two kinds of kernels computes it. Threads on
 * their own, each with a tile of the result in registers (`conv-forward.ts`, `conv-input-gradient.ts`, `conv-filter.ts`),
 * or teams that share what they load (`conv-teams.ts`).
 */
import type { Step } from '../pending';
import type { RawKernel } from '../webgpu-backend';
import { convFilterGradientByThreads, filterGradientPlan } from './conv-filter';
import { convForwardByThreads } from './conv-forward';
import type { ConvInfo } from './conv-info';
import { convInputGradientByThreads } from './conv-input-gradient';
import * as teams from './conv-teams';
import { runsOnSoftware } from './wgsl';

/** x [B,H,W,in], filter [k,k,in,out] -> [B,h,w,out] */
export function convForward(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const block = teamsFor(info, 'forward');
  return block ? teams.convForwardByTeams(info, steps, block) : convForwardByThreads(info, steps);
}

/** dy [B,h,w,out], filter [k,k,in,out] -> [B,H,W,in] */
export function convInputGradient(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const block = teamsFor(info, 'input gradient');
  return block ? teams.convInputGradientByTeams(info, steps, block) : convInputGradientByThreads(info, steps);
}

/** x [B,H,W,in], dy [B,h,w,out] -> [shares,k,k,in,out], to be summed over the shares; [k,k,in,out] if it is one. */
export function convFilterGradient(info: ConvInfo): { kernel: RawKernel; shares: number } {
  const block = teamsFor(info, 'filter gradient');
  if (block) {
    const shares = teamShares(info, block);
    return { kernel: teams.convFilterGradientByTeams(info, shares, block), shares };
  }
  const plan = filterGradientPlan(info);
  return { kernel: convFilterGradientByThreads(info, plan), shares: plan.shares };
}

/** Fewer channels than this on either side leave much of a team's block empty. */
const wide = 64;

/** Teams that keep a card busy. */
const enoughTeams = 256;

const large: teams.Block = { rows: 8, vectors: 2 };
const small: teams.Block = { rows: 4, vectors: 1 };

/**
 * The block of a team, or null where threads on their own are to do it. The adapter's kind and the shape decide, and no
 * measurement at the start, so that a run that is continued computes with the kernels that it was begun with.
 *
 * On the software adapter teams lose: there a number of shared memory costs as much as any other, and two barriers per
 * slice come on top. Teams took 2 to 16 times as long as threads forward and backward and mostly 1.2 to 7 times for the
 * filter, from 14x14x16 to 32 up to 4x4x512 to 512; only for the filters of 128 and 256 channels were they level in some
 * calls (`npm run bench -- --convolutions ""`; docs/performance.md).
 *
 * On a card this is reasoned and not measured, for want of one. A thread with eight pixels and four channels loads 12
 * vectors for 128 multiply-adds, all from the cache; a thread of a large block loads 16 for 256 from shared memory, and
 * what comes from beyond is an eighth: each weight is read once per 64 pixels and not once per 8. With few channels the
 * weights stay in the cache anyway and blocks would be partly empty. `npm run bench:gpu -- --convolutions ""` times both.
 */
export function teamsFor(info: ConvInfo, end: teams.End): teams.Block | null {
  if (runsOnSoftware() || !teams.supportsTeams(info, end)) return null;
  return Math.min(info.inChannels, info.outChannels) < wide ? null : blockFor(info, end);
}

/** The block of a team: small ones where large ones were too few to keep a card busy. */
export function blockFor(info: ConvInfo, end: teams.End): teams.Block {
  const product = teams.productOf(info, end);
  return teams.teamsOf(product, large) >= enoughTeams || end === 'filter gradient' ? large : small;
}

/** The fewest pixels that a share of the filter's gradient should have. */
const pixelsOfShare = 128;

/** Into how many shares the pixels are divided, so that there are teams enough. */
export function teamShares(info: ConvInfo, block: teams.Block): number {
  const product = teams.productOf(info, 'filter gradient');
  const wanted = Math.ceil(enoughTeams / teams.teamsOf(product, block));
  return Math.max(Math.min(wanted, Math.floor(product.depth / pixelsOfShare)), 1);
}
