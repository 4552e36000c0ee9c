/**
 * Convolution over [B,H,W,C] with square strides, and its gradients: which of two kinds of kernels computes it. Threads on
 * their own, each with a tile of the result in registers (`conv-forward.ts`, `conv-input-gradient.ts`, `conv-filter.ts`),
 * or workgroups that share what they load (`conv-workgroups.ts`).
 */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { convFilterGradientByThreads, filterGradientPlan } from './conv-filter';
import { convForwardByThreads } from './conv-forward';
import type { ConvInfo } from './conv-info';
import { convInputGradientByThreads } from './conv-input-gradient';
import * as workgroups from './conv-workgroups';
import { runsOnSoftware } from './wgsl';

/** x [B,H,W,in], filter [k,k,in,out] -> [B,h,w,out] */
export function convForward(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const block = workgroupsFor(info, 'forward');
  return block ? workgroups.convForwardByWorkgroups(info, steps, block) : convForwardByThreads(info, steps);
}

/** dy [B,h,w,out], filter [k,k,in,out] -> [B,H,W,in] */
export function convInputGradient(info: ConvInfo, steps: readonly Step[]): RawKernel {
  const block = workgroupsFor(info, 'input gradient');
  return block
    ? workgroups.convInputGradientByWorkgroups(info, steps, block)
    : convInputGradientByThreads(info, steps);
}

/** x [B,H,W,in], dy [B,h,w,out] -> [partials,k,k,in,out], to be summed over the shares; [k,k,in,out] if it is one. */
export function convFilterGradient(info: ConvInfo): { kernel: RawKernel; partials: number } {
  const block = workgroupsFor(info, 'filter gradient');
  if (block) {
    const partials = workgroupPartials(info, block);
    return { kernel: workgroups.convFilterGradientByWorkgroups(info, partials, block), partials };
  }
  const plan = filterGradientPlan(info);
  return { kernel: convFilterGradientByThreads(info, plan), partials: plan.partials };
}

/** Fewer channels than this on either side leave much of a workgroup's block empty. */
const wide = 64;

/** Workgroups that keep a card busy. */
const enoughWorkgroups = 256;

const large: workgroups.Block = { rows: 8, vectors: 2 };
const small: workgroups.Block = { rows: 4, vectors: 1 };

/**
 * The block of a workgroup, or null where threads on their own are to do it. The adapter's kind and the shape decide, and no
 * measurement at the start, so that a run that is continued computes with the kernels that it was begun with.
 *
 * On the software adapter workgroups lose: there a number of shared memory costs as much as any other, and two barriers per
 * slice come on top. Workgroups took 2 to 16 times as long as threads forward and backward and mostly 1.2 to 7 times for the
 * filter, from 14x14x16 to 32 up to 4x4x512 to 512; only for the filters of 128 and 256 channels were they level in some
 * calls (`npm run bench -- --convolutions ""`; docs/performance.md).
 *
 * On a card this is reasoned and not measured, for want of one. A thread with eight pixels and four channels loads 12
 * vectors for 128 multiply-adds, all from the cache; a thread of a large block loads 16 for 256 from shared memory, and
 * what comes from beyond is an eighth: each weight is read once per 64 pixels and not once per 8. With few channels the
 * weights stay in the cache anyway and blocks would be partly empty. `npm run bench:gpu -- --convolutions ""` times both.
 */
export function workgroupsFor(info: ConvInfo, end: workgroups.End): workgroups.Block | null {
  if (runsOnSoftware() || !workgroups.supportsWorkgroups(info, end)) return null;
  return Math.min(info.inChannels, info.outChannels) < wide ? null : blockFor(info, end);
}

/** The block of a workgroup: small ones where large ones were too few to keep a card busy. */
export function blockFor(info: ConvInfo, end: workgroups.End): workgroups.Block {
  const product = workgroups.productOf(info, end);
  return workgroups.workgroupsOf(product, large) >= enoughWorkgroups || end === 'filter gradient'
    ? large
    : small;
}

/** The fewest pixels that a share of the filter's gradient should have. */
const pixelsOfChunk = 128;

/** Into how many partial sums the pixels are divided, so that there are workgroups enough. */
export function workgroupPartials(info: ConvInfo, block: workgroups.Block): number {
  const product = workgroups.productOf(info, 'filter gradient');
  const wanted = Math.ceil(enoughWorkgroups / workgroups.workgroupsOf(product, block));
  return Math.max(Math.min(wanted, Math.floor(product.depth / pixelsOfChunk)), 1);
}
