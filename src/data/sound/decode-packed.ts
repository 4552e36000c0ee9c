/** Samples of packed sounds, a piece of the file at a time. */
import { Unreadable } from '../source';
import { heard } from './sound-file';

/** The decoders of wasm-audio-decoders. */
interface Decoder {
  ready: Promise<unknown>;
  decode(piece: Uint8Array): Promise<Decoded>;
  /** The rest, after which another file may follow. */
  flush(): Promise<Decoded>;
  reset(): Promise<unknown>;
  free(): void;
}

/** Decoders that wait for the next file: to start one takes longer than to decode a second of sound. */
export class Decoders {
  private readonly idle: Decoder[] = [];

  constructor(private readonly create: () => Promise<Decoder>) {}

  async take(): Promise<Decoder> {
    const decoder = this.idle.pop() ?? (await this.create());
    await decoder.ready;
    return decoder;
  }

  /** @param decoder ready for another file */
  giveBack(decoder: Decoder): void {
    this.idle.push(decoder);
  }
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

/** As `SoundKind.samples`. */
export async function decoded(file: Uint8Array, decoders: Decoders, wanted: Wanted): Promise<Float32Array> {
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
  const decoder = await decoders.take();
  try {
    for (let at = 0; at < file.length && count < most && isWhole; at += pieceBytes)
      take(await decoder.decode(file.slice(at, at + pieceBytes)));
    if (count < most && isWhole) take(await decoder.flush());
    else await decoder.reset();
    decoders.giveBack(decoder);
  } catch (error) {
    // Its state is not known.
    decoder.free();
    if (error instanceof RangeError) throw error;
    isWhole = false;
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
