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

/**
 * @param node with at least one character that is not a space
 * @param origin of the SVG in the window, CSS px
 * @param turned whether an element around it is turned upside down
 */
export function textNodes(node: Text, origin: Origin, turned: boolean): SVGElement[] {
  const parent = node.parentElement!;
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
  return linesOf(node, vertical).map(({ text, box }) => {
    const written = cased(text, style.textTransform);
    if (vertical) {
      // Upright lines of text run down, or up where they are turned.
      const base = turned ? box.left + box.width * rise : box.right - box.width * rise;
      const start = turned ? box.bottom : box.top;
      const line = svgNode('text', {
        ...shared,
        transform: `translate(${(base - origin.left).toFixed(2)} ${(start - origin.top).toFixed(2)}) rotate(${turned ? -90 : 90})`,
      });
      line.textContent = written;
      return line;
    }
    const shown = withinEllipsis(node, parent, style, { text: written, box });
    const anchor = anchorOf(parent, style, box);
    const x = { start: box.left, middle: box.left + box.width / 2, end: box.right }[anchor];
    const line = svgNode('text', {
      ...shared,
      x: x - origin.left,
      y: box.top - origin.top + box.height * rise,
      'text-anchor': anchor === 'start' ? undefined : anchor,
    });
    line.textContent = shown;
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

function linesOf(node: Text, vertical: boolean): Line[] {
  const range = document.createRange();
  const { data } = node;
  const lines: { from: number; to: number; at: number }[] = [];
  range.selectNodeContents(node);
  const all = [...range.getClientRects()].filter(({ width, height }) => width > 0 && height > 0);
  if (all.length === 0) return [];
  if (all.length === 1) lines.push({ from: 0, to: data.length, at: 0 });
  else
    for (let place = 0; place < data.length; place++) {
      range.setStart(node, place);
      range.setEnd(node, place + 1);
      const box = range.getClientRects()[0];
      if (!box || box.width === 0) continue;
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
    range.setStart(node, start);
    range.setEnd(node, start + text.length);
    return [{ text: text.replaceAll(/\s+/g, ' '), box: range.getBoundingClientRect() }];
  });
}

function cased(text: string, transform: string): string {
  return transform === 'uppercase' ? text.toUpperCase() : text;
}

/** As much of a line as an element shows that cuts it short. */
function withinEllipsis(node: Text, parent: Element, style: CSSStyleDeclaration, line: Line): string {
  if (style.textOverflow !== 'ellipsis') return line.text;
  const end = parent.getBoundingClientRect().right;
  if (line.box.right <= end + 0.5) return line.text;
  const range = document.createRange();
  const room = end - Number.parseFloat(style.fontSize) * 0.8;
  let count = 0;
  range.setStart(node, 0);
  while (count < node.data.length) {
    range.setEnd(node, count + 1);
    if (range.getBoundingClientRect().right > room) break;
    count++;
  }
  return `${node.data.slice(0, count).trim()}…`;
}
