/** Samples of packed sounds, a piece of the file at a time. */
import { Unreadable } from '../source';
import { heard } from './sound-file';

/** The decoders of wasm-audio-decoders. */
interface Decoder {
  ready: Promise<unknown>;
  decode(piece: Uint8Array): Promise<Decoded>;
  flush(): Promise<Decoded>;
  free(): void;
}

interface Decoded {
  channelData: Float32Array[];
  samplesDecoded: number;
  bitDepth: number;
  errors: readonly unknown[];
}

interface Wanted {
  /** Of the kind of file, for messages. */
  name: string;
  channel: number | null;
  most: number;
  /** Samples of a channel that the file states, or null. */
  stated: number | null;
  /** Whether samples are whole numbers, which the decoder has divided by the largest of them. */
  areWhole: boolean;
}

/** Bytes per piece: silence unpacks to ten thousand times its bytes, and only what is wanted is to be held. */
const pieceBytes = 4096;

/** As `SoundKind.samples`. Frees the decoder. */
export async function decoded(file: Uint8Array, decoder: Decoder, wanted: Wanted): Promise<Float32Array> {
  const { name, channel, most, stated, areWhole } = wanted;
  const pieces: Float32Array[] = [];
  let count = 0;
  let isWhole = true;
  const take = ({ channelData, samplesDecoded, bitDepth, errors }: Decoded) => {
    isWhole &&= errors.length === 0;
    if (samplesDecoded === 0) return;
    if (areWhole) for (const samples of channelData) asInWav(samples, bitDepth);
    pieces.push(mixed(channelData, channel, Math.min(samplesDecoded, most - count)));
    count += pieces.at(-1)!.length;
  };
  try {
    await decoder.ready;
    for (let at = 0; at < file.length && count < most && isWhole; at += pieceBytes)
      take(await decoder.decode(file.slice(at, at + pieceBytes)));
    if (count < most && isWhole) take(await decoder.flush());
  } catch (error) {
    if (error instanceof RangeError) throw error;
    isWhole = false;
  } finally {
    decoder.free();
  }
  if (!isWhole) throw new Unreadable(`is a damaged ${name} file: its samples cannot be decoded`);
  if (stated !== null && count < Math.min(most, stated))
    throw new Unreadable('is cut off: it has fewer samples than its header states');
  const samples = new Float32Array(count);
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return samples;
}

/** The same scale as in a WAV file, so that both give the same picture. */
function asInWav(samples: Float32Array, bits: number): void {
  const full = 2 ** (bits - 1);
  for (const [i, value] of samples.entries()) samples[i] = Math.round(value * (full - 1)) / full;
}

/** The first `count` samples of one channel or of the mean of all. */
function mixed(channels: readonly Float32Array[], channel: number | null, count: number): Float32Array {
  const wanted = heard(channel, channels.length);
  const samples = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (const c of wanted) sum += channels[c]![i]!;
    samples[i] = sum / wanted.length;
  }
  return samples;
}
