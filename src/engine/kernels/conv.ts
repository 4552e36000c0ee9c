/**
 * Chooses the kernel for convolutions over [B,H,W,C] with square strides and for their gradients: independent
 * threads, each with a tile of the result in registers (`conv-forward.ts`, `conv-input-gradient.ts`,
 * `conv-filter.ts`), or workgroups with shared memory (`conv-workgroups.ts`).
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

/** x [B,H,W,in], dy [B,h,w,out] -> partial sums [partials,k,k,in,out], or [k,k,in,out] if there is only one. */
export function convFilterGradient(info: ConvInfo): { kernel: RawKernel; partials: number } {
  const block = workgroupsFor(info, 'filter gradient');
  if (block) {
    const partials = workgroupPartials(info, block);
    return { kernel: workgroups.convFilterGradientByWorkgroups(info, partials, block), partials };
  }
  const plan = filterGradientPlan(info);
  return { kernel: convFilterGradientByThreads(info, plan), partials: plan.partials };
}

/** With fewer channels on either side much of a workgroup's block is empty. */
const wide = 64;

/** Number of workgroups that occupies a graphics card. */
const enoughWorkgroups = 256;

const large: workgroups.Block = { rows: 8, vectors: 2 };
const small: workgroups.Block = { rows: 4, vectors: 1 };

/**
 * The block of a workgroup, or null where independent threads compute it. The kind of adapter and the shape decide,
 * not a measurement at the start, so that a resumed run uses the same kernels as before.
 *
 * On the software adapter workgroups are slower: reading shared memory costs as much as any other read, and there are
 * two barriers per slice. Workgroups took 2 to 16 times as long as threads forward and backward and mostly 1.2 to 7
 * times for the filter, from 14x14x16 to 32 up to 4x4x512 to 512; only for the filters of 128 and 256 channels were
 * they equal in some calls (`npm run bench -- --convolutions ""`; docs/performance.md).
 *
 * For graphics cards this is reasoned and not measured, for want of one. A thread with eight pixels and four channels
 * loads 12 vectors for 128 multiply-adds, all from the cache. A thread of a large block loads 16 for 256 from shared
 * memory and an eighth of that from global memory: each weight is read once per 64 pixels and not once per 8. With
 * few channels the weights stay in the cache anyway, and blocks would be partly empty. `npm run bench:gpu --
 * --convolutions ""` times both.
 */
export function workgroupsFor(info: ConvInfo, end: workgroups.End): workgroups.Block | null {
  if (runsOnSoftware() || !workgroups.supportsWorkgroups(info, end)) return null;
  return Math.min(info.inChannels, info.outChannels) < wide ? null : blockFor(info, end);
}

/** The block of a workgroup: a small one where large ones would be too few to occupy a graphics card. */
export function blockFor(info: ConvInfo, end: workgroups.End): workgroups.Block {
  const product = workgroups.productOf(info, end);
  return workgroups.workgroupsOf(product, large) >= enoughWorkgroups || end === 'filter gradient'
    ? large
    : small;
}

/** Fewest pixels per chunk of a filter gradient. */
const pixelsOfChunk = 128;

/** Number of partial sums over the pixels, so that there are enough workgroups. */
export function workgroupPartials(info: ConvInfo, block: workgroups.Block): number {
  const product = workgroups.productOf(info, 'filter gradient');
  const wanted = Math.ceil(enoughWorkgroups / workgroups.workgroupsOf(product, block));
  return Math.max(Math.min(wanted, Math.floor(product.depth / pixelsOfChunk)), 1);
}
