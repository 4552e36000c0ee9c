import type { DecodedImage, DecodeImage } from './import-context';
import { decodeNetpbm } from './netpbm';
import { decodePlainPng } from './plain-png';
import { decodeTiff, isTiff } from './tiff';

/**
 * The pixels of an encoded picture that is decoded without the browser, because browsers do not know it or because that is
 * cheaper; null for any other. Use them before anything else is decoded: their memory may be used again. A side above
 * `largest` may be scaled down to it. @throws Error when it is damaged
 */
export function decodedWithoutBrowser(bytes: Uint8Array, largest: number): DecodedImage | null {
  return decodePlainPng(bytes, largest) ?? decodeNetpbm(bytes);
}

/**
 * Any other: by a library where browsers do not know it, else by the browser. Rejects when it is damaged.
 * @param white the number that is white in a TIFF of 16 bits; null for the largest in each
 */
export async function decodedInTime(
  bytes: Uint8Array<ArrayBuffer>,
  largest: number,
  decodeImage: DecodeImage,
  white: number | null = null,
): Promise<DecodedImage> {
  return isTiff(bytes) ? decodeTiff(bytes, white) : decodeImage(new Blob([bytes]), largest);
}
