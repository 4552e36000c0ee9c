import { tf } from './tf';
import { activeBackend } from './webgpu';

/** A lost device's error often comes before the notice of its loss: how long to wait for the notice, in ms. */
const noticeTime = 300;

/** Whether the active backend runs on a device that can go away. */
export function deviceCanBeLost(): boolean {
  return tf.getBackend() === 'webgpu';
}

/** Whether the device of the active backend is gone. Asked after an error; waits a moment for the notice. */
export async function deviceIsLost(): Promise<boolean> {
  const backend = deviceCanBeLost() ? activeBackend() : null;
  if (!backend) return false;
  const notice = backend.lost.then(() => true);
  const silence = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), noticeTime));
  return Promise.race([notice, silence]);
}

/** The same as far as it is known already. */
export function deviceIsKnownLost(): boolean {
  return deviceCanBeLost() && (activeBackend()?.isLost ?? false);
}

/** What the active backend's device has refused so far without anybody having asked; a correct program gives none. */
export function deviceFaults(): readonly string[] {
  return (deviceCanBeLost() && activeBackend()?.uncaptured) || [];
}

/** A graphics card that has too little memory for what was asked of it. */
export class OutOfMemory extends Error {
  constructor() {
    super('The graphics card has too little memory');
    this.name = 'OutOfMemory';
  }
}

/**
 * Does work that takes memory of the active backend's device. A device that has none left says so later and elsewhere,
 * and computes garbage meanwhile; here it is asked at once.
 * @param work synchronous
 * @param undo gives back what `work` made
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
    // Of a lost device there is nothing to be learned.
    refusal = device.popErrorScope().catch(() => null);
  }
  if (!(await refusal)) return made;
  undo(made);
  throw new OutOfMemory();
}
