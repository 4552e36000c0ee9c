/** FLAC files (RFC 9639), decoded by libFLAC in WebAssembly. */
import { headBytes, Unreadable } from '../source';
import { latin } from '../text';
import { decoded, Decoders } from './decode-packed';
import { isPossible, longest, type SoundHeader, type SoundKind } from './sound-file';

/** Of the block of facts that begins each file. */
const factBytes = 34;

export const flacDecoders = new Decoders(async () => {
  const { FLACDecoder } = await import('@wasm-audio-decoders/flac');
  return new FLACDecoder();
});

export const flac: SoundKind = {
  recognise: (head) => latin(head, 0, 4) === 'fLaC',
  async header(source) {
    const header = flacFacts(await source.read(headBytes), 4);
    // A writer that did not know the length leaves zero.
    if (header.moments > 0) return header;
    const all = await flac.samples(await source.read(Infinity), null, longest * header.rate);
    return { ...header, moments: all.length };
  },
  async samples(file, channel, most) {
    const { moments } = flacFacts(file, 4);
    return decoded(file, flacDecoders, {
      name: 'FLAC',
      channel,
      most,
      stated: moments || null,
      areWhole: true,
    });
  },
};

/** What the block of facts says that begins at `at`, with its own header of 4 bytes. */
export function flacFacts(head: Uint8Array, at: number): SoundHeader {
  if (head.length < at + 4 + factBytes || (head[at]! & 0x7f) !== 0)
    throw new Unreadable('is a damaged FLAC file: it does not begin with its rate and length');
  const view = new DataView(head.buffer, head.byteOffset + at + 4, factBytes);
  // 20 bits of the rate, 3 of the channels, 5 of the bits of a sample, 36 of the length.
  const facts = view.getUint32(10);
  const header = {
    rate: facts >>> 12,
    channels: ((facts >>> 9) & 7) + 1,
    moments: (facts & 15) * 2 ** 32 + view.getUint32(14),
  };
  if (!isPossible(header)) throw new Unreadable('is a damaged FLAC file: its rate does not exist');
  return header;
}
