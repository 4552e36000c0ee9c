/** Counts dispatches and memory of the active backend from outside. */
import { tf } from '../../../src/engine/tf';

interface Pool {
  numBytesUsed: number;
  acquireBuffer(...args: unknown[]): GPUBuffer;
}

const insides = () => tf.backend() as unknown as { device?: GPUDevice; bufferManager?: Pool };

/** Counts dispatches of either WebGPU backend at the device; null elsewhere. */
export function countDispatches(): { made: () => number; stop: () => void } | null {
  const { device } = insides();
  if (!device) return null;
  let dispatches = 0;
  const original = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = original(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (passDescriptor) => {
      const pass = beginComputePass(passDescriptor);
      const dispatchWorkgroups = pass.dispatchWorkgroups.bind(pass);
      pass.dispatchWorkgroups = (...workgroups) => {
        dispatches++;
        dispatchWorkgroups(...workgroups);
      };
      return pass;
    };
    return encoder;
  };
  return {
    made: () => dispatches,
    stop: () => {
      device.createCommandEncoder = original;
    },
  };
}

/** Bytes in use of the backend's pool of buffers; 0 where there is none. */
export function poolBytes(): number {
  return insides().bufferManager?.numBytesUsed ?? 0;
}

/** Peak of bytes in use of the backend's pool from now on, beyond `base`; null without a pool. */
export function watchPool(base: number): { peak: () => number; stop: () => void } | null {
  const { bufferManager: pool } = insides();
  if (!pool) return null;
  let most = pool.numBytesUsed;
  const original = pool.acquireBuffer.bind(pool);
  pool.acquireBuffer = (...args) => {
    const buffer = original(...args);
    most = Math.max(most, pool.numBytesUsed);
    return buffer;
  };
  return {
    peak: () => most - base,
    stop: () => {
      pool.acquireBuffer = original;
    },
  };
}
