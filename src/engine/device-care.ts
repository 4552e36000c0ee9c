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
