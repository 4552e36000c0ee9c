/**
 * Maps in half precision (WebGPU, where shaders know numbers of 16 bits): what layers put out in a training pass, which
 * the backward pass keeps, takes half the memory and half the bandwidth. Only storage is halved: kernels load into single
 * precision and compute in it. Weights, gradients, optimiser states, losses, and everything outside of training passes stay
 * in single precision.
 *
 * A map larger than 65504 becomes infinite. A map that a kernel of TensorFlow.js reads is expanded for it.
 */
import { backendTitles } from './backend-names';
import { tf } from './tf';
import { activeBackend } from './webgpu';

let wanted = false;

/** Whether training passes from now on keep their maps in half precision. */
export function keepMapsInHalf(isWanted: boolean): void {
  wanted = isWanted;
}

/** Why maps cannot lie in half precision here, as a sentence; null where they can. */
export function whyNoHalfMaps(): string | null {
  const name = tf.getBackend();
  const backend = name === 'webgpu' ? activeBackend() : null;
  if (!backend)
    return `${backendTitles[name as keyof typeof backendTitles]} computes in single precision only; maps in half precision need WebGPU.`;
  return backend.canStoreHalf
    ? null
    : 'This graphics card or its driver has no half-precision numbers in shaders (shader-f16).';
}

/** Runs a training pass of a network, with its maps in half precision where that is wanted and can be. */
export function trainingPass<T>(pass: () => T): T {
  const backend = wanted && tf.getBackend() === 'webgpu' ? activeBackend() : null;
  if (!backend?.canStoreHalf) return pass();
  const before = backend.mapsInHalf;
  backend.mapsInHalf = true;
  try {
    return pass();
  } finally {
    backend.mapsInHalf = before;
  }
}
