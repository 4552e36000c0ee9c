/** WAV files: PCM of 8 to 32 bits and floats. Source: "Multimedia Programming Interface and Data Specifications 1.0". */
import { headBytes, Unreadable, type Source } from '../source';
import { latin } from '../text';
import { heard, isPossible, type SoundHeader, type SoundKind } from './sound-file';

interface WavHeader extends Omit<SoundHeader, 'moments'> {
  /** Of one number: 1..4 or 8 bytes. */
  bytes: number;
  isFloat: boolean;
  /** Offset of the first sample. */
  start: number;
  /** Bytes of samples that the header states; Infinity where the writer did not know. */
  length: number;
}

const pcm = 1;
const float = 3;
/** The real kind stands in the extension. */
const extensible = 0xfffe;
/** Some writers put notes before the samples. */
const longHead = 256 * 1024;

export const wav: SoundKind = {
  recognise: (head) => latin(head, 0, 4) === 'RIFF' && latin(head, 8, 12) === 'WAVE',
  async header(source) {
    const header = await headerOf(source);
    return { rate: header.rate, channels: header.channels, moments: momentsIn(header, source.size) };
  },
  samples(file, channel, most) {
    const header = wavHeader(file);
    if (!header) return Promise.reject(endsEarly());
    return Promise.resolve(samplesIn(file, header, channel, most));
  },
};

async function headerOf(source: Source): Promise<WavHeader> {
  for (const most of [headBytes, longHead]) {
    const head = await source.read(most);
    const header = wavHeader(head);
    if (header) return header;
    if (head.length < most) break;
  }
  throw endsEarly();
}

function endsEarly(): Unreadable {
  return new Unreadable('is a damaged WAV file: it ends before its samples begin');
}

/** Null when the bytes end before the samples begin. */
function wavHeader(head: Uint8Array): WavHeader | null {
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  let format: Omit<WavHeader, 'start' | 'length'> | null = null;
  for (let at = 12; at + 8 <= head.length;) {
    const name = latin(head, at, at + 4);
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === 'data') {
      if (!format) throw new Unreadable('is a damaged WAV file: samples begin before their kind is said');
      return { ...format, start, length: length >= 0xffffff00 || length === 0 ? Infinity : length };
    }
    if (name === 'fmt ') {
      if (start + length > head.length || length < 16) return null;
      format = formatAt(view, start, length);
    }
    // Chunks begin at even offsets.
    at = start + length + (length % 2);
  }
  return null;
}

function formatAt(view: DataView, at: number, length: number): Omit<WavHeader, 'start' | 'length'> {
  const stated = view.getUint16(at, true);
  const kind = stated === extensible && length >= 26 ? view.getUint16(at + 24, true) : stated;
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  const bytes = bits / 8;
  const isKnown =
    (kind === pcm && [1, 2, 3, 4].includes(bytes)) || (kind === float && (bytes === 4 || bytes === 8));
  if (!isKnown)
    throw new Unreadable(
      `is a WAV file with samples of kind ${kind} and ${bits} bits, which are not read; save it as PCM of 16 bits`,
    );
  if (!isPossible({ rate, channels }))
    throw new Unreadable('is a damaged WAV file: its rate or number of channels does not exist');
  return { rate, channels, bytes, isFloat: kind === float };
}

/** Moments in a file of `size` bytes: samples of all channels together. */
function momentsIn({ channels, bytes, start, length }: WavHeader, size: number): number {
  return Math.floor(Math.min(length, Math.max(0, size - start)) / (channels * bytes));
}

function samplesIn(file: Uint8Array, header: WavHeader, channel: number | null, most: number): Float32Array {
  const { channels, bytes, start, length } = header;
  if (length !== Infinity && start + length > file.length)
    throw new Unreadable('is cut off: it has fewer samples than its header states');
  const count = Math.min(most, momentsIn(header, file.length));
  const read = reader(new DataView(file.buffer, file.byteOffset, file.length), header);
  const samples = new Float32Array(count);
  const wanted = heard(channel, channels);
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (const c of wanted) sum += read(start + (i * channels + c) * bytes);
    samples[i] = sum / wanted.length;
  }
  return samples;
}

function reader(view: DataView, { bytes, isFloat }: WavHeader): (at: number) => number {
  if (isFloat)
    return bytes === 4
      ? (at) => finite(view.getFloat32(at, true))
      : (at) => finite(view.getFloat64(at, true));
  // Eight bits have no sign, others have.
  if (bytes === 1) return (at) => (view.getUint8(at) - 128) / 128;
  if (bytes === 2) return (at) => view.getInt16(at, true) / 0x8000;
  if (bytes === 3) return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65_536) / 0x800000;
  return (at) => view.getInt32(at, true) / 0x80000000;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
