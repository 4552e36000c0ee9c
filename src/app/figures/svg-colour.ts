/** Colours as every program reads them: the page has `color-mix()`, `color()` and `light-dark()`, SVG editors have not. */

export interface Paint {
  /** "#rrggbb" */
  colour: string;
  /** 0..1 */
  opacity: number;
}

const known = new Map<string, Paint>();
let context: CanvasRenderingContext2D | null = null;

/** @param colour a computed CSS colour */
export function paintOf(colour: string): Paint {
  const before = known.get(colour);
  if (before) return before;
  context ??= onePixel();
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = '#000';
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  const hex = [red!, green!, blue!].map((value) => value.toString(16).padStart(2, '0')).join('');
  const paint = { colour: `#${hex}`, opacity: Number((alpha! / 255).toFixed(3)) };
  known.set(colour, paint);
  return paint;
}

function onePixel(): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  return canvas.getContext('2d', { willReadFrequently: true })!;
}
