import { tf } from './tf';
import { memoryIsSpoilt } from './wasm/full-memory';
import { activeBackend } from './webgpu';

/** Milliseconds to wait for the notice of a lost device, because errors of the device often arrive first. */
const noticeTime = 300;

/** Whether the active backend runs on a device that can be lost. */
export function deviceCanBeLost(): boolean {
  return tf.getBackend() === 'webgpu';
}

/** Whether the device of the active backend is lost. Call it after an error; it waits briefly for the notice. */
export async function deviceIsLost(): Promise<boolean> {
  const backend = deviceCanBeLost() ? activeBackend() : null;
  if (!backend) return false;
  const notice = backend.lost.then(() => true);
  const silence = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), noticeTime));
  return Promise.race([notice, silence]);
}

/** The same without waiting; also whether the memory of WebAssembly has to be renewed. */
export function deviceIsKnownLost(): boolean {
  return memoryIsSpoilt() || (deviceCanBeLost() && (activeBackend()?.isLost ?? false));
}

/** Uncaught errors of the active backend's device so far; a correct program causes none. */
export function deviceFaults(): readonly string[] {
  return (deviceCanBeLost() && activeBackend()?.uncaptured) || [];
}

/** The graphics card has too little memory for the request. */
export class OutOfMemory extends Error {
  constructor() {
    super('The graphics card has too little memory');
    this.name = 'OutOfMemory';
  }
}

/**
 * Runs work that allocates memory on the active backend's device. A device that is out of memory reports it later and
 * elsewhere, and computes garbage meanwhile; this function checks at once.
 * @param work synchronous
 * @param undo frees what `work` allocated
 * @throws OutOfMemory
 */
export async function withinMemory<R>(work: () => R, undo: (made: R) => void): Promise<R> {
  const device = deviceCanBeLost() ? activeBackend()?.device : undefined;
  if (!device) return work();
  device.pushErrorScope('out-of-memory');
  let refusal: Promise<GPUError | null>;
  let made: R;
  try {
    made = work();
  } finally {
    // Fails when the device is lost, which is reported elsewhere.
    refusal = device.popErrorScope().catch(() => null);
  }
  if (!(await refusal)) return made;
  undo(made);
  throw new OutOfMemory();
}
