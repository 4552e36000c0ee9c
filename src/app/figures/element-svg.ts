/**
 * A part of the page as an SVG: what is drawn stays lines and areas, text stays text, canvases and pictures are embedded
 * without blur. Every figure is saved through this, whatever it is made of; nothing but what the browser shows is asked for.
 *
 * Elements with `data-figure="none"` are left out: they belong to the pointer or to the page's words.
 */
import { paintOf } from './svg-colour';
import { copyOfSvg } from './svg-copy';
import { gradientOf } from './svg-gradient';
import { svgNode } from './svg-node';
import { textNodes, type TextRun } from './svg-text';

/** Small pictures are enlarged pixel by pixel to this: programs that smooth what they show blur only the edges then. */
const sharpSide = 256;
/** Beyond that a picture stays as large as it is. */
const mostSide = 4096;

interface Walk {
  root: HTMLElement;
  origin: { left: number; top: number };
  definitions: SVGElement;
  /** Pictures of the page, decoded once each. */
  pictures: Map<string, HTMLImageElement>;
}

/** What stands in an element, in its own coordinates: CSS px from its left upper corner. */
export async function drawingOf(root: HTMLElement): Promise<SVGElement[]> {
  const { left, top } = root.getBoundingClientRect();
  const walk: Walk = {
    root,
    origin: { left, top },
    definitions: svgNode('defs'),
    pictures: await picturesIn(root),
  };
  const all = svgNode('g');
  appendChildren(root, all, walk, false);
  return walk.definitions.childNodes.length > 0 ? [walk.definitions, all] : [all];
}

function appendChildren(parent: Element, to: SVGElement, walk: Walk, turned: boolean): void {
  let run: Text[] = [];
  const write = (texts: TextRun) => {
    if (texts.some(({ data }) => data.trim() !== '')) to.append(...textNodes(texts, walk.origin, turned));
    run = [];
  };
  for (const child of parent.childNodes) {
    if (child instanceof Text) run.push(child);
    else if (child instanceof Element) {
      write(run);
      append(child, to, walk, turned);
    }
  }
  write(run);
}

function append(node: Element, to: SVGElement, walk: Walk, turned: boolean): void {
  if (node.matches('[data-figure="none"], style, script')) return;
  const style = getComputedStyle(node);
  if (style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0') return;
  if (node instanceof SVGSVGElement) {
    to.append(copyOfSvg(node, walk.origin));
    return;
  }
  const box = node.getBoundingClientRect();
  // Only for screen readers.
  if (style.overflow === 'hidden' && box.width <= 1 && box.height <= 1) return;
  const target = style.opacity === '1' ? to : svgNode('g', { opacity: style.opacity });
  drawBox(style, box, target, walk);
  if (node instanceof HTMLCanvasElement || node instanceof HTMLImageElement)
    appendPicture(node, style, box, target, walk);
  const turns = turned !== isTurned(style);
  appendChildren(node, target, walk, turns);
  if (target !== to) to.append(target);
}

function isTurned({ transform, rotate }: CSSStyleDeclaration): boolean {
  return rotate === '180deg' || transform.startsWith('matrix(-1,');
}

function drawBox(style: CSSStyleDeclaration, box: DOMRect, to: SVGElement, walk: Walk): void {
  const { origin } = walk;
  const place = { x: box.left - origin.left, y: box.top - origin.top, width: box.width, height: box.height };
  if (box.width === 0 || box.height === 0) return;
  const radius = Number.parseFloat(style.borderTopLeftRadius) || 0;
  const rx = radius > 0 ? Math.min(radius, box.width / 2, box.height / 2) : undefined;
  const ground = paintOf(style.backgroundColor);
  if (ground.opacity > 0)
    to.append(
      svgNode('rect', {
        ...place,
        rx,
        fill: ground.colour,
        'fill-opacity': ground.opacity < 1 ? ground.opacity : undefined,
      }),
    );
  if (style.backgroundImage !== 'none') drawBackground(style, place, to, walk);
  drawBorder(style, place, to);
}

function drawBackground(
  style: CSSStyleDeclaration,
  place: { x: number; y: number; width: number; height: number },
  to: SVGElement,
  walk: Walk,
): void {
  const id = `paint-${walk.definitions.childNodes.length + 1}`;
  const gradient = gradientOf(style.backgroundImage, place, id);
  if (gradient) {
    walk.definitions.append(gradient);
    to.append(svgNode('rect', { ...place, fill: `url(#${id})` }));
    return;
  }
  const source = walk.pictures.get(addressOf(style.backgroundImage) ?? '');
  if (!source) return;
  // One tile of a sheet: the part that the element shows, at the pixels of the sheet.
  const [width = place.width, height = width] = style.backgroundSize.split(' ').map(Number.parseFloat);
  const [left = 0, top = 0] = style.backgroundPosition.split(' ').map(Number.parseFloat);
  const [across, down] = [source.naturalWidth / width, source.naturalHeight / height];
  const part = {
    x: -left * across,
    y: -top * down,
    width: place.width * across,
    height: place.height * down,
  };
  to.append(pictureNode(source, part, place, style.imageRendering === 'pixelated'));
}

function drawBorder(
  style: CSSStyleDeclaration,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
  to: SVGElement,
): void {
  const sides = (['Top', 'Right', 'Bottom', 'Left'] as const).map((side) => ({
    side,
    size: style[`border${side}Style`] === 'none' ? 0 : Number.parseFloat(style[`border${side}Width`]),
    dash: style[`border${side}Style`],
    paint: paintOf(style[`border${side}Color`]),
  }));
  for (const { side, size, dash, paint } of sides) {
    if (size === 0 || paint.opacity === 0) continue;
    const half = size / 2;
    const ends = {
      Top: { x1: x, x2: x + width, y1: y + half, y2: y + half },
      Bottom: { x1: x, x2: x + width, y1: y + height - half, y2: y + height - half },
      Left: { x1: x + half, x2: x + half, y1: y, y2: y + height },
      Right: { x1: x + width - half, x2: x + width - half, y1: y, y2: y + height },
    }[side];
    to.append(
      svgNode('line', {
        ...ends,
        stroke: paint.colour,
        'stroke-width': size,
        'stroke-opacity': paint.opacity < 1 ? paint.opacity : undefined,
        'stroke-dasharray': dash === 'dotted' ? `${size} ${size}` : dash === 'dashed' ? '4 3' : undefined,
      }),
    );
  }
}

function appendPicture(
  element: HTMLCanvasElement | HTMLImageElement,
  style: CSSStyleDeclaration,
  box: DOMRect,
  to: SVGElement,
  { origin }: Walk,
): void {
  const [width, height] =
    element instanceof HTMLCanvasElement
      ? [element.width, element.height]
      : [element.naturalWidth, element.naturalHeight];
  if (width === 0 || height === 0 || box.width === 0) return;
  const place = { x: box.left - origin.left, y: box.top - origin.top, width: box.width, height: box.height };
  to.append(pictureNode(element, { x: 0, y: 0, width, height }, place, style.imageRendering === 'pixelated'));
}

type Part = { x: number; y: number; width: number; height: number };

function pictureNode(source: CanvasImageSource, part: Part, place: Part, sharp: boolean): SVGElement {
  const canvas = document.createElement('canvas');
  const [width, height] = [Math.max(1, Math.round(part.width)), Math.max(1, Math.round(part.height))];
  const [across, down] = sharp ? [timesOf(width), timesOf(height)] : [1, 1];
  canvas.width = width * across;
  canvas.height = height * down;
  const context = canvas.getContext('2d')!;
  context.imageSmoothingEnabled = !sharp;
  context.drawImage(source, part.x, part.y, part.width, part.height, 0, 0, canvas.width, canvas.height);
  return svgNode('image', {
    ...place,
    href: canvas.toDataURL('image/png'),
    preserveAspectRatio: 'none',
    style: sharp ? 'image-rendering: pixelated' : undefined,
  });
}

function timesOf(side: number): number {
  return Math.max(1, Math.min(Math.ceil(sharpSide / side), Math.floor(mostSide / side)));
}

function addressOf(backgroundImage: string): string | null {
  return /^url\("(.*)"\)$/s.exec(backgroundImage)?.[1] ?? null;
}

async function picturesIn(root: HTMLElement): Promise<Map<string, HTMLImageElement>> {
  const addresses = new Set(
    [...root.querySelectorAll<HTMLElement>('*')].flatMap((element) => {
      const address = addressOf(getComputedStyle(element).backgroundImage);
      return address ? [address] : [];
    }),
  );
  const pictures = [...addresses].map(async (address) => {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    return [address, picture] as const;
  });
  return new Map(await Promise.all(pictures));
}
