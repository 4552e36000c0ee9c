/** Ogg files (RFC 3533) with Vorbis or FLAC in them, decoded by libvorbis and libFLAC in WebAssembly. */
import { headBytes, Unreadable, type Source } from '../source';
import { latin } from '../text';
import { decoded, Decoders } from './decode-packed';
import { flacDecoders, flacFacts } from './flac';
import { isPossible, type SoundHeader, type SoundKind } from './sound-file';

const vorbisDecoders = new Decoders(async () => {
  const { OggVorbisDecoder } = await import('@wasm-audio-decoders/ogg-vorbis');
  return new OggVorbisDecoder();
});

export const ogg: SoundKind = {
  recognise: (head) => latin(head, 0, 4) === 'OggS',
  async header(source) {
    return { ...start(await source.read(headBytes)), moments: momentsAtEnd(await endOf(source)) };
  },
  async samples(file, channel, most) {
    const { isVorbis } = start(file);
    const stated = momentsAtEnd(file);
    const decoders = isVorbis ? vorbisDecoders : flacDecoders;
    return decoded(file, decoders, { name: 'Ogg', channel, most, stated, areWhole: !isVorbis });
  },
};

/** Longest page: a header, 255 lengths and as many segments. */
const longestPage = 27 + 255 + 255 * 255;

/** The last page, behind others where there are such. */
function endOf(source: Source): Promise<Uint8Array> {
  const start = Math.max(0, source.size - longestPage);
  return source.readAt ? source.readAt(start, longestPage) : source.read(Infinity);
}

type Start = Omit<SoundHeader, 'moments'> & { isVorbis: boolean };

/** What the first packet says. */
function start(head: Uint8Array): Start {
  const at = 27 + (head[26] ?? 0);
  if (head.length < at + 64) throw new Unreadable('is a damaged Ogg file: it ends in its first page');
  const view = new DataView(head.buffer, head.byteOffset + at);
  const is = (mark: string) => latin(head, at, at + mark.length) === mark;
  if (is('\x01vorbis')) {
    const found = { channels: view.getUint8(11), rate: view.getUint32(12, true), isVorbis: true };
    if (!isPossible(found))
      throw new Unreadable('is a damaged Ogg file: its rate or number of channels does not exist');
    return found;
  }
  if (is('\x7fFLAC')) return { ...flacFacts(head, at + 13), isVorbis: false };
  const inside = is('OpusHead') ? 'Opus' : is('Speex   ') ? 'Speex' : 'neither Vorbis nor FLAC';
  throw new Unreadable(`is an Ogg file with ${inside} in it, which is not read; save it as WAV or FLAC`);
}

/**
 * The position of the last page that ends a packet: samples up to there. Throws `Unreadable` when the last page is not
 * whole.
 */
function momentsAtEnd(end: Uint8Array): number {
  const view = new DataView(end.buffer, end.byteOffset, end.length);
  let isLast = true;
  for (let at = end.length - 27; at >= 0; at--) {
    if (end[at] !== 0x4f || latin(end, at, at + 4) !== 'OggS' || end[at + 4] !== 0) continue;
    const lengths = end.subarray(at + 27, at + 27 + end[at + 26]!);
    const length = lengths.reduce((sum, one) => sum + one, 27 + lengths.length);
    if (isLast && at + length > end.length) throw new Unreadable('is cut off: its last page is not whole');
    isLast = false;
    const position = view.getBigInt64(at + 6, true);
    if (position >= 0n) return Number(position);
  }
  throw new Unreadable('is a damaged Ogg file: it does not say where it ends');
}
