/** Text of the page as text of an SVG, a line each. */
import { paintOf } from './svg-colour';
import { svgNode } from './svg-node';

/** The page's font, then those that look most like it where it is missing. */
export const fontFamily = "'IBM Plex Sans Variable', 'IBM Plex Sans', 'Helvetica Neue', Arial, sans-serif";

interface Line {
  text: string;
  box: DOMRect;
}

export interface Origin {
  left: number;
  top: number;
}

/** Text of one element between two other elements: React writes a sentence in several nodes. */
export type TextRun = readonly Text[];

/**
 * @param nodes neighbours with at least one character between them that is not a space
 * @param origin of the SVG in the window, CSS px
 * @param turned whether an element around it is turned upside down
 */
export function textNodes(nodes: TextRun, origin: Origin, turned: boolean): SVGElement[] {
  const parent = nodes[0]!.parentElement!;
  const style = getComputedStyle(parent);
  const vertical = style.writingMode !== 'horizontal-tb';
  const family = style.fontFamily.includes('monospace') ? style.fontFamily : fontFamily;
  const { colour, opacity } = paintOf(style.color);
  const shared = {
    fill: colour,
    'fill-opacity': opacity < 1 ? opacity : undefined,
    'font-family': family,
    'font-size': Number.parseFloat(style.fontSize),
    'font-weight': style.fontWeight === '400' ? undefined : style.fontWeight,
    'font-style': style.fontStyle === 'normal' ? undefined : style.fontStyle,
    'letter-spacing': style.letterSpacing === 'normal' ? undefined : style.letterSpacing,
  };
  const rise = riseOf(style);
  const end = style.textOverflow === 'ellipsis' ? parent.getBoundingClientRect().right : Infinity;
  return linesOf(nodes, vertical, end, Number.parseFloat(style.fontSize)).map(({ text, box }) => {
    let place: Record<string, string | number | undefined>;
    if (vertical) {
      // Upright lines of text run down, or up where they are turned.
      const base = turned ? box.left + box.width * rise : box.right - box.width * rise;
      const start = turned ? box.bottom : box.top;
      const [x, y] = [base - origin.left, start - origin.top];
      place = { transform: `translate(${x.toFixed(2)} ${y.toFixed(2)}) rotate(${turned ? -90 : 90})` };
    } else {
      const anchor = anchorOf(parent, style, box);
      const x = { start: box.left, middle: box.left + box.width / 2, end: box.right }[anchor];
      place = {
        x: x - origin.left,
        y: box.top - origin.top + box.height * rise,
        'text-anchor': anchor === 'start' ? undefined : anchor,
      };
    }
    const line = svgNode('text', { ...shared, ...place });
    line.textContent = cased(text, style.textTransform);
    return line;
  });
}

/** Share of a line's height that is above the baseline. */
function riseOf(style: CSSStyleDeclaration): number {
  measure ??= document.createElement('canvas').getContext('2d')!;
  measure.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = measure.measureText('x');
  return above / (above + below);
}
let measure: CanvasRenderingContext2D | null = null;

/** Keeps its place where another font makes the text longer: in the middle, or at the right edge. */
function anchorOf(
  parent: Element,
  { textAlign }: CSSStyleDeclaration,
  box: DOMRect,
): 'start' | 'middle' | 'end' {
  if (textAlign === 'right' || textAlign === 'end') return 'end';
  if (textAlign === 'center') return 'middle';
  const around = parent.getBoundingClientRect();
  const [left, right] = [box.left - around.left, around.right - box.right];
  return left > 2 && Math.abs(left - right) < 1 ? 'middle' : 'start';
}

/**
 * Divides a run where the browser does.
 * @param end right edge beyond which an element cuts its text short, CSS px
 */
function linesOf(nodes: TextRun, vertical: boolean, end: number, size: number): Line[] {
  const data = nodes.map((node) => node.data).join('');
  const rangeOf = (from: number, to: number): Range => {
    const range = document.createRange();
    let before = 0;
    for (const node of nodes) {
      const after = before + node.data.length;
      if (from >= before && from < after) range.setStart(node, from - before);
      if (to > before && to <= after) range.setEnd(node, to - before);
      before = after;
    }
    return range;
  };
  const lines: { from: number; to: number; at: number }[] = [];
  for (let place = 0; place < data.length; place++) {
    const box = rangeOf(place, place + 1).getClientRects()[0];
    if (!box || box.width === 0 || box.height === 0) continue;
    const at = vertical ? box.left : box.top;
    const last = lines.at(-1);
    if (last && Math.abs(last.at - at) < 2) last.to = place + 1;
    else lines.push({ from: place, to: place + 1, at });
  }
  return lines.flatMap(({ from, to }) => {
    const part = data.slice(from, to);
    const text = part.trim();
    if (text === '') return [];
    const start = from + part.indexOf(text);
    const box = rangeOf(start, start + text.length).getBoundingClientRect();
    if (box.right <= end + 0.5) return [{ text: text.replaceAll(/\s+/g, ' '), box }];
    const room = end - size * 0.8;
    let count = 0;
    while (count < text.length && rangeOf(start, start + count + 1).getBoundingClientRect().right <= room)
      count++;
    return [
      {
        text: `${text.slice(0, count).trim()}…`,
        box: rangeOf(start, start + Math.max(1, count)).getBoundingClientRect(),
      },
    ];
  });
}

function cased(text: string, transform: string): string {
  return transform === 'uppercase' ? text.toUpperCase() : text;
}
