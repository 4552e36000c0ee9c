/** A figure as a file: laid out for its size, drawn as SVG, and from that as PNG. */
import fontUrl from '../theme/fonts/ibm-plex-sans-latin-wght-normal.woff2?url';
import { drawingOf } from './element-svg';
import { layoutOf, lengthText, mostPixels, rasterOf, type FigureLook } from './figure-size';
import { withDensity } from '../../export/png-density';
import { paintOf } from './svg-colour';
import { svgNode } from './svg-node';
import type { Sitting } from './use-saving';

export interface FigureFile {
  svg: string;
  /** CSS px on a screen. */
  width: number;
  height: number;
  /** Pixels of its PNG. */
  raster: { width: number; height: number };
  /** Text is smaller than asked for, by this factor, because the figure needs more room. */
  shrunk: number;
}

/** Height that is tried first, to see what stands beside the part that grows. */
const trialHeight = 240;
const leastHeight = 100;

/**
 * Draws a figure for a file.
 * @param body the element that holds it
 * @param sit lays the figure out; the page draws it with that some frames later
 * @throws Error with a sentence where nothing is drawn yet
 */
export async function figureFile(
  body: HTMLElement,
  sit: (sitting: Sitting) => void,
  look: FigureLook,
  title: string,
): Promise<FigureFile> {
  const layout = layoutOf(look);
  const sitting: Sitting = {
    width: layout.width,
    height: layout.height === null ? null : trialHeight,
    legend: look.legend,
    isLight: look.background !== 'page',
  };
  const lay = async (changes: Partial<Sitting>) => {
    Object.assign(sitting, changes);
    sit({ ...sitting });
    await drawn();
  };
  await lay({});
  if (body.querySelector('[data-empty]')) throw new Error('Nothing is drawn in this figure yet.');
  // Tables that scroll on the page are shown whole.
  const hidden = hiddenWidth(body);
  if (hidden > 1) await lay({ width: layout.width + hidden });
  const wanted = layout.height === null ? null : (layout.height * sitting.width) / layout.width;
  if (wanted !== null) {
    const height = Math.max(leastHeight, trialHeight + wanted - body.offsetHeight);
    if (Math.abs(height - trialHeight) > 1) await lay({ height });
  }
  const needed = body.offsetHeight;
  const shrunk = Math.max(
    sitting.width / layout.width,
    (needed / (wanted ?? needed)) * (sitting.width / layout.width),
  );
  const width = layout.width * shrunk;
  const height = layout.height === null ? needed : layout.height * shrunk;

  const zoom = layout.zoom / shrunk;
  const svg = svgNode('svg', {
    width: lengthText(width, { ...layout, zoom }, look.unit),
    height: lengthText(height, { ...layout, zoom }, look.unit),
    viewBox: `0 0 ${width.toFixed(2)} ${height.toFixed(2)}`,
  });
  const name = svgNode('title');
  name.textContent = title;
  const style = svgNode('style');
  style.textContent = await fontFace();
  svg.append(name, style);
  const ground = groundOf(look);
  if (ground) svg.append(svgNode('rect', { width, height, fill: ground }));
  const middle = svgNode('g', {
    transform: `translate(${((width - sitting.width) / 2).toFixed(2)} ${((height - needed) / 2).toFixed(2)})`,
  });
  middle.append(...(await drawingOf(body)));
  svg.append(middle);
  return {
    svg: `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`,
    width: width * zoom,
    height: height * zoom,
    raster: rasterOf({ width, height }, { ...layout, zoom }, look),
    shrunk,
  };
}

function groundOf({ background }: FigureLook): string | null {
  if (background === 'transparent') return null;
  if (background === 'white') return '#ffffff';
  return paintOf(getComputedStyle(document.body).backgroundColor).colour;
}

/** @throws Error with a sentence where the picture is larger than browsers can draw */
export async function pngOf(file: FigureFile, look: FigureLook): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = file.raster;
  if (width * height > mostPixels)
    throw new Error(
      `A PNG of ${width} × ${height} pixels is larger than browsers can draw. Choose a lower resolution or a smaller size, or save an SVG.`,
    );
  const url = URL.createObjectURL(new Blob([file.svg], { type: 'image/svg+xml' }));
  try {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    canvas.getContext('2d')!.drawImage(picture, 0, 0, width, height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error('This browser could not draw the PNG. Save an SVG instead.');
    const png = new Uint8Array(await blob.arrayBuffer());
    return look.unit === 'mm' ? withDensity(png, look.resolution) : new Uint8Array(png);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Sizes are observed, then drawn, and canvases are filled after that. */
async function drawn(): Promise<void> {
  for (let frame = 0; frame < 4; frame++)
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 15)));
}

/** How much of a table's width has to be scrolled to, CSS px. */
function hiddenWidth(body: HTMLElement): number {
  let most = body.scrollWidth - body.clientWidth;
  for (const element of body.querySelectorAll<HTMLElement>('*')) {
    const { overflowX } = getComputedStyle(element);
    if (overflowX === 'auto' || overflowX === 'scroll')
      most = Math.max(most, element.scrollWidth - element.clientWidth);
  }
  return most;
}

let face: Promise<string> | null = null;

/** The page's font, in the file itself. */
function fontFace(): Promise<string> {
  face ??= (async () => {
    const bytes = new Uint8Array(await (await fetch(fontUrl)).arrayBuffer());
    let text = '';
    for (let from = 0; from < bytes.length; from += 0x8000)
      text += String.fromCodePoint(...bytes.subarray(from, from + 0x8000));
    return `@font-face{font-family:'IBM Plex Sans Variable';font-weight:100 700;src:url(data:font/woff2;base64,${btoa(text)}) format('woff2')}text{font-variant-numeric:tabular-nums}`;
  })();
  return face;
}
