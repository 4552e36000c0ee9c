/** A drawing of the page as part of a file: what style sheets say of it is written into it. */
import { paintOf } from './svg-colour';
import { svgNode } from './svg-node';
import { fontFamily } from './svg-text';

/** With the values that an SVG starts from. */
const inherited: Readonly<Record<string, string>> = {
  fill: 'rgb(0, 0, 0)',
  'fill-opacity': '1',
  'fill-rule': 'nonzero',
  stroke: 'none',
  'stroke-opacity': '1',
  'stroke-width': '1px',
  'stroke-dasharray': 'none',
  'stroke-linecap': 'butt',
  'stroke-linejoin': 'miter',
  'font-family': '',
  'font-size': '',
  'font-weight': '400',
  'font-style': 'normal',
  'text-anchor': 'start',
  'dominant-baseline': 'auto',
  'paint-order': 'normal',
};
const kept = new Set([
  ...['x', 'y', 'x1', 'x2', 'y1', 'y2', 'dx', 'dy', 'cx', 'cy', 'r', 'rx', 'ry', 'width', 'height'],
  ...['d', 'points', 'transform', 'viewBox', 'preserveAspectRatio', 'clip-path', 'href', 'offset'],
  ...['gradientUnits', 'gradientTransform', 'patternUnits'],
]);

/** @param origin of the file in the window, CSS px */
export function copyOfSvg(drawing: SVGSVGElement, origin: { left: number; top: number }): SVGElement {
  const box = drawing.getBoundingClientRect();
  const viewBox = drawing.getAttribute('viewBox') ?? `0 0 ${box.width} ${box.height}`;
  const copy = svgNode('svg', {
    x: box.left - origin.left,
    y: box.top - origin.top,
    width: box.width,
    height: box.height,
    viewBox,
    preserveAspectRatio: drawing.getAttribute('preserveAspectRatio') ?? undefined,
    overflow: 'visible',
  });
  const settings = settle(drawing, copy, inherited);
  for (const child of drawing.children) append(child, copy, settings);
  return copy;
}

function append(from: Element, to: SVGElement, around: Readonly<Record<string, string>>): void {
  if (from.tagName === 'desc' || from instanceof HTMLElement) return;
  if (from.tagName === 'title') {
    const text = from.textContent?.trim();
    if (text) to.append(Object.assign(svgNode('title'), { textContent: text }));
    return;
  }
  const style = getComputedStyle(from);
  const isDefinition = from.closest('defs') !== null;
  if (!isDefinition && (style.display === 'none' || from.matches('[data-figure="none"]'))) return;
  if (!isDefinition && isInvisible(from, style)) return;
  const copy = svgNode(from.tagName);
  for (const { name, value } of from.attributes) if (kept.has(name)) copy.setAttribute(name, value);
  if (isDefinition && from.id) copy.id = from.id;
  const settings = settle(from, copy, around, style);
  if (style.opacity !== '1') copy.setAttribute('opacity', style.opacity);
  for (const child of from.childNodes)
    if (child instanceof Element) append(child, copy, settings);
    else if (child instanceof Text && child.data.trim() !== '') copy.append(child.data);
  const isEmptyGroup = copy.tagName === 'g' && copy.childNodes.length === 0;
  if (!isEmptyGroup) to.append(copy);
}

/** Areas that are only there for the pointer. */
function isInvisible(element: Element, style: CSSStyleDeclaration): boolean {
  if (!['circle', 'rect', 'path', 'line', 'polyline', 'polygon', 'ellipse'].includes(element.tagName))
    return false;
  const unseen = (paint: string) => paint === 'none' || paintOf(paint).opacity === 0;
  return unseen(style.fill) && unseen(style.stroke);
}

/** Writes what differs from the surroundings; gives back what the children find. */
function settle(
  from: Element,
  to: SVGElement,
  around: Readonly<Record<string, string>>,
  style = getComputedStyle(from),
): Record<string, string> {
  const own: Record<string, string> = {};
  for (const name of Object.keys(inherited)) {
    const value = style.getPropertyValue(name);
    own[name] = value;
    if (value === around[name] || value === '') continue;
    if (name === 'fill' || name === 'stroke') {
      const isPlain = value === 'none' || value.startsWith('url(');
      const paint = isPlain ? null : paintOf(value);
      to.setAttribute(name, paint ? paint.colour : value);
      if (paint && paint.opacity < 1 && style.getPropertyValue(`${name}-opacity`) === '1')
        to.setAttribute(`${name}-opacity`, String(paint.opacity));
    } else if (name === 'font-family') to.setAttribute(name, fontFamily);
    else to.setAttribute(name, value.replaceAll('px', ''));
  }
  return own;
}
