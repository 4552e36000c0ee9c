/** Decodes pictures with the browser, in a worker or on the page. */
import { freeBuffer } from './free-buffer';
import type { DecodedImage } from './import-context';

/** `willReadFrequently` keeps the canvas in main memory, because every picture is read back. */
let shared: { canvas: OffscreenCanvas; context: OffscreenCanvasRenderingContext2D } | null = null;

function canvasOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  if (!shared) {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) throw new Error('This browser has no 2D canvas outside of the page.');
    shared = { canvas, context };
  }
  const { canvas, context } = shared;
  // Setting a size reallocates the canvas, and most pictures of a set have the same size.
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return context;
}

/**
 * Decodes a PNG, JPEG, GIF, WebP, BMP or AVIF: first frame, turned upright, colours as stored. A picture with a side
 * above `largest` is scaled down to it. Rejects when the picture is damaged or of another kind.
 */
export async function decodeImage(bytes: Blob, largest: number): Promise<DecodedImage> {
  const bitmap = await createImageBitmap(bytes, {
    imageOrientation: 'from-image',
    premultiplyAlpha: 'none',
    colorSpaceConversion: 'none',
  });
  try {
    const scale = Math.min(1, largest / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const context = canvasOf(width, height);
    context.imageSmoothingQuality = 'high';
    // "copy" also replaces what transparent pixels would leave visible.
    context.globalCompositeOperation = 'copy';
    context.drawImage(bitmap, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { width, height, rgba: data, free: () => freeBuffer(data.buffer) };
  } finally {
    bitmap.close();
  }
}
