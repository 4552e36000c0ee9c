/** Encodes 8-bit grey or colour images as PNG (W3C, third edition). */
import { zlibSync } from 'fflate';
import { crc32 } from './containers/crc32';
import type { Size } from './resize';
import { joined } from '../numbers/joined';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Encodes one image: [height*width*channels] bytes, channels 1 or 3. */
export function encodePng(
  pixels: Uint8Array,
  { height, width }: Size,
  channels: number,
): Uint8Array<ArrayBuffer> {
  const rowLength = width * channels;
  // Each row starts with its filter type; 0 is none.
  const rows = new Uint8Array(height * (rowLength + 1));
  for (let y = 0; y < height; y++)
    rows.set(pixels.subarray(y * rowLength, (y + 1) * rowLength), y * (rowLength + 1) + 1);
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 3 ? 2 : 0], 8);
  return joined(Uint8Array, [
    signature,
    chunk('IHDR', header),
    chunk('IDAT', zlibSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}
