/** Uploads, made here so that no test depends on files from elsewhere. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { zipSync } from 'fflate';

const side = 8;

/** Classes that a small network can tell apart: stripes of one direction each, moved from image to image. */
const patterns: Record<string, (x: number, y: number) => number> = {
  across: (_, y) => y,
  down: (x) => x,
  slant: (x, y) => x + y,
};
export const classNames = Object.keys(patterns);

function picture(pattern: string, number: number): Uint8Array {
  const at = patterns[pattern]!;
  return Uint8Array.from({ length: side * side }, (_, pixel) =>
    (at(pixel % side, Math.floor(pixel / side)) + number) % 4 < 2 ? 230 - (number % 7) : 20 + (number % 5),
  );
}

/** A grey 8-bit PNG. */
function png(pixels: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.writeUInt8(8, 8);
  const rows = Buffer.alloc(side * (side + 1));
  for (let y = 0; y < side; y += 1) rows.set(pixels.subarray(y * side, (y + 1) * side), y * (side + 1) + 1);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** Path to bytes: class folders with `count` pictures each. */
export function pictureFiles(count: number): Record<string, Uint8Array> {
  return Object.fromEntries(
    classNames.flatMap((name) =>
      Array.from({ length: count }, (_, number) => [`${name}/${number}.png`, png(picture(name, number))]),
    ),
  );
}

export function pictureZip(count: number): Uint8Array {
  return zipSync(pictureFiles(count));
}

/** A row of pixels per image, the class first. */
export function pictureCsv(count: number): string {
  const pixels = Array.from({ length: side * side }, (_, pixel) => `pixel${pixel}`);
  const rows = classNames.flatMap((name) =>
    Array.from({ length: count }, (_, number) => [name, ...picture(name, number)].join(',')),
  );
  return [['label', ...pixels].join(','), ...rows, ''].join('\n');
}

/** Writes files below a folder and answers the folder. */
export function writeFiles(folder: string, files: Record<string, Uint8Array | string>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}
