/** Plays samples, one sound at a time. */
import type { Sound } from '../../storage/sounds-file';

/** Rates that every browser plays as they are. */
const rates = { lowest: 8000, highest: 96_000 };

let device: AudioContext | null = null;
let playing: AudioBufferSourceNode | null = null;

/** Starts a sound and ends the one before it. `onEnd` is called when it has ended, by itself or not. */
export function play({ rate, samples }: Sound, onEnd: () => void): void {
  stop();
  device ??= new AudioContext();
  void device.resume();
  const shown = Math.max(rates.lowest, Math.min(rates.highest, rate));
  const buffer = device.createBuffer(1, samples.length, shown);
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(device, { buffer, playbackRate: rate / shown });
  source.connect(device.destination);
  source.onended = () => {
    if (playing === source) playing = null;
    onEnd();
  };
  playing = source;
  source.start();
}

export function stop(): void {
  playing?.stop();
  playing = null;
}
