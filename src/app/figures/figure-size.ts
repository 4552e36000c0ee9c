/**
 * How large a saved figure is. A figure is laid out anew for its size: on a narrow page it gets a narrow layout, and text
 * has the size that is asked for on paper, not a share of it.
 */

export type LengthUnit = 'mm' | 'px';
export type Background = 'white' | 'transparent' | 'page';

export interface FigureLook {
  unit: LengthUnit;
  /** In units. */
  width: number;
  /** In units; null for as much as the figure needs. */
  height: number | null;
  /** Size of the text of axes, in points. */
  fontSize: number;
  legend: boolean;
  background: Background;
  /** Pixels per inch of a PNG; for a figure in pixels it does not apply. */
  resolution: number;
}

export const presets: readonly {
  id: string;
  label: string;
  look: Pick<FigureLook, 'unit' | 'width' | 'height' | 'fontSize'>;
}[] = [
  {
    id: 'single',
    label: 'One column, 85 mm',
    look: { unit: 'mm', width: 85, height: null, fontSize: 7 },
  },
  {
    id: 'double',
    label: 'Two columns, 170 mm',
    look: { unit: 'mm', width: 170, height: null, fontSize: 8 },
  },
  {
    id: 'slide',
    label: 'Slide, 1920 × 1080',
    look: { unit: 'px', width: 1920, height: 1080, fontSize: 18 },
  },
];

export const firstLook: FigureLook = {
  ...presets[1]!.look,
  legend: true,
  background: 'white',
  resolution: 300,
};

/** Sizes that the dialog takes. */
export const limits = {
  mm: { least: 30, most: 1000 },
  px: { least: 100, most: 8000 },
  fontSize: { least: 4, most: 72 },
  resolution: { least: 72, most: 1200 },
} as const;

const pixelsPerInch = 96;
const mmPerInch = 25.4;
const pointsPerInch = 72;
/** Size of the text of axes on the page, CSS px. */
const pageText = 11;
/** Canvases of browsers end somewhere beyond. */
export const mostPixels = 50_000_000;

export interface Layout {
  /** Width and height in which the page lays the figure out, CSS px. */
  width: number;
  height: number | null;
  /** CSS px of the file for one of the layout. */
  zoom: number;
}

/** The layout in which text of the page's size becomes text of the size asked for. */
export function layoutOf({ unit, width, height, fontSize }: FigureLook): Layout {
  const pixels = (length: number) => (unit === 'px' ? length : (length / mmPerInch) * pixelsPerInch);
  const zoom = ((fontSize / pointsPerInch) * pixelsPerInch) / pageText;
  return {
    width: pixels(width) / zoom,
    height: height === null ? null : pixels(height) / zoom,
    zoom,
  };
}

/** A length of the layout as the file states it: "85mm", "1920". */
export function lengthText(pixels: number, { zoom }: Layout, unit: LengthUnit): string {
  const length = pixels * zoom;
  return unit === 'px'
    ? String(Number(length.toFixed(2)))
    : `${Number(((length / pixelsPerInch) * mmPerInch).toFixed(2))}mm`;
}

/** Pixels of a PNG: those asked for, or the resolution times the size on paper. */
export function rasterOf(
  size: { width: number; height: number },
  { zoom }: Layout,
  { unit, resolution }: Pick<FigureLook, 'unit' | 'resolution'>,
): { width: number; height: number } {
  const factor = unit === 'px' ? zoom : (zoom * resolution) / pixelsPerInch;
  return {
    width: Math.max(1, Math.round(size.width * factor)),
    height: Math.max(1, Math.round(size.height * factor)),
  };
}
