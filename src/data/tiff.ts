/** TIFF pictures (TIFF 6.0) of 8 or 16 bits a channel: the first page. Decoded by the library "tiff". */
import type { TiffIfd as Page } from 'tiff';
import type { DecodedImage } from './import-context';
import { plural } from './limits';
import { Unreadable } from './source';

export function isTiff(head: Uint8Array): boolean {
  const [a, b, c, d] = head;
  return (
    (a === 0x49 && b === 0x49 && c === 42 && d === 0) || (a === 0x4d && b === 0x4d && c === 0 && d === 42)
  );
}

/** The size in the tags of the first page; null when they lie behind the end of `view` or state none. */
export function tiffSize(view: DataView): { width: number; height: number } | null {
  const little = view.getUint16(0) === 0x4949;
  const list = view.getUint32(4, little);
  const count = view.getUint16(list, little);
  let [width, height] = [0, 0];
  for (let tag = list + 2; tag < list + 2 + 12 * count; tag += 12) {
    const name = view.getUint16(tag, little);
    if (name !== 256 && name !== 257) continue;
    // Kind 3 is of two bytes, kind 4 of four.
    const isShort = view.getUint16(tag + 2, little) === 3;
    const value = isShort ? view.getUint16(tag + 8, little) : view.getUint32(tag + 8, little);
    if (name === 256) width = value;
    else height = value;
  }
  return width > 0 && height > 0 ? { width, height } : null;
}

/** Kinds of pixels: grey where 0 is white or black, colour, numbers of colours. */
const [whiteIsZero, blackIsZero, colour, palette] = [0, 1, 2, 3];
const compressions: Readonly<Record<number, string>> = {
  2: 'CCITT',
  3: 'CCITT',
  4: 'CCITT',
  6: 'JPEG',
  7: 'JPEG',
  32_773: 'PackBits',
  34_712: 'JPEG 2000',
  50_000: 'Zstandard',
  50_001: 'WebP',
};
/** None, LZW, and two numbers of deflate. */
const known = [1, 5, 8, 32_946];

/**
 * Throws `Unreadable` for damaged files and for kinds that are not read. The size in the header has been checked.
 * @param white the number of a picture of 16 bits that is shown as white; null for the largest in it
 */
export async function decodeTiff(bytes: Uint8Array, white: number | null = 65_535): Promise<DecodedImage> {
  const page = await pageOf(bytes);
  return imageOf(page, white ?? largestIn(page));
}

/** The largest number in a picture of 16 bits a channel; null for one of 8 bits or of a palette. Throws like `decodeTiff`. */
export async function largestInTiff(bytes: Uint8Array): Promise<number | null> {
  const page = await pageOf(bytes);
  return page.bitsPerSample === 16 && page.type !== palette ? largestIn(page) : null;
}

/** Of colours and grey, without what tells the opacity. */
function largestIn({ data, samplesPerPixel, alpha }: Page): number {
  const samples = samplesPerPixel || 1;
  let largest = 1;
  for (let i = 0; i < data.length; i++)
    if (data[i]! > largest && !(alpha && i % samples === samples - 1)) largest = data[i]!;
  return largest;
}

async function pageOf(bytes: Uint8Array): Promise<Page> {
  const { decode } = await import('tiff');
  const decoded = (ignoreImageData: boolean): Page => {
    try {
      const [page] = decode(bytes, { pages: [0], ignoreImageData });
      return page!;
    } catch {
      // The library reports damage with errors of many kinds, such as reads behind the end.
      throw new Unreadable('is a damaged TIFF picture, or one of a rare kind; save it as PNG or JPEG');
    }
  };
  // The tags first: what they state decides how much memory the pixels take.
  const problem = problemOf(decoded(true));
  if (problem)
    throw new Unreadable(`is a TIFF picture ${problem}, which is not read; save it as PNG or JPEG`);
  return decoded(false);
}

function problemOf(page: Page): string | null {
  const { width, height, compression, type, sampleFormat, orientation } = page;
  // A file that does not state them has one bit.
  const bits = (page.bitsPerSample as number | undefined) ?? 1;
  const samples = page.samplesPerPixel || 1;
  const extra = page.extraSamples?.length ?? 0;
  if (!(width > 0 && height > 0)) return 'without a size';
  if (!known.includes(compression)) return `packed with ${compressions[compression] ?? 'a rare method'}`;
  if (![whiteIsZero, blackIsZero, colour, palette].includes(type)) return 'in a rare space of colours';
  const own = type === colour ? 3 : 1;
  if (samples !== own + extra || extra > 1) return `with ${samples} channels`;
  if (bits !== 8 && bits !== 16) return `of ${plural(bits, 'bit')} a channel`;
  if (sampleFormat > 1) return sampleFormat === 3 ? 'of fractions' : 'of numbers with a sign';
  if (samples > 1 && page.planarConfiguration === 2) return 'with one plane for each colour';
  if (samples > 1 && page.tiled) return 'in coloured tiles';
  if (orientation && orientation !== 1) return 'that lies turned in its file';
  return null;
}

function imageOf(page: Page, white: number): DecodedImage {
  const { width, height, data, bitsPerSample: bits, type, alpha } = page;
  const rgba = new Uint8ClampedArray(width * height * 4);
  const samples = page.samplesPerPixel || 1;
  const colours = type === palette ? page.palette : undefined;
  const opaque = 255 / (2 ** bits - 1);
  const scale = bits === 16 ? 255 / white : opaque;
  for (let i = 0; i < width * height; i++) {
    const from = i * samples;
    for (let c = 0; c < 3; c++) {
      // A palette is of 16 bits.
      const value = colours
        ? (colours[data[from]!]?.[c] ?? 0) / 257
        : data[from + (type === colour ? c : 0)]! * scale;
      rgba[4 * i + c] = value;
    }
    rgba[4 * i + 3] = alpha ? data[from + samples - 1]! * opaque : 255;
  }
  return { width, height, rgba };
}
