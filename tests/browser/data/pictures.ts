/** Pictures painted by the browser, as files. */
import { zipSync } from 'fflate';

/** A picture whose pixels are told by `colour`: red, green, blue, opacity. */
export async function painted(
  width: number,
  height: number,
  colour: (x: number, y: number) => [number, number, number, number],
  type = 'image/png',
): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const data = context.createImageData(width, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.data.set(colour(x, y), (y * width + x) * 4);
  context.putImageData(data, 0, 0);
  const blob = await canvas.convertToBlob({ type, quality: 1 });
  if (blob.type !== type) throw new Error(`The browser cannot write ${type}.`);
  return new Uint8Array(await blob.arrayBuffer());
}

export function zip(entries: Record<string, Uint8Array>): Blob {
  return new Blob([zipSync(entries, { level: 0 }) as Uint8Array<ArrayBuffer>]);
}

/** A colour that differs from picture to picture and from pixel to pixel. */
export function pattern(seed: number): (x: number, y: number) => [number, number, number, number] {
  return (x, y) => [(x * 7 + seed) % 256, (y * 11 + seed * 29) % 256, (x * y + (seed >> 8)) % 256, 255];
}

export async function animals(each: number, prefix = '', size = 12): Promise<Record<string, Uint8Array>> {
  const entries: Record<string, Uint8Array> = {};
  for (const [c, name] of ['cat', 'dog', 'fox'].entries())
    for (let i = 0; i < each; i++)
      entries[`${prefix}${name}/${i}.png`] = await painted(
        size,
        size,
        pattern(prefix.length * 1000 + c * 100 + i),
      );
  return entries;
}
