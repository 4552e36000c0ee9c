/** A plot as a picture for papers and slides: the drawn lines with the labels that the page writes over them. */
import { download } from '../download';

const namespace = 'http://www.w3.org/2000/svg';
/** What a picture outside the page needs to have written into it. */
const inherited = ['stroke', 'fill', 'font-family', 'font-size', 'font-weight', 'opacity'] as const;

/** Elsewhere the page's font is missing, and another one may be wider. */
const margin = 14;

/** The plot inside an element as SVG text, or null while there is none. */
export function chartSvg(holder: Element): { svg: string; width: number; height: number } | null {
  const plot = holder.querySelector<HTMLElement>('[data-plot]');
  const drawn = plot?.querySelector('svg');
  if (!plot || !drawn) return null;
  const { width, height, left, top } = plot.getBoundingClientRect();
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  settleColours(drawn, copy);
  copy.setAttribute('xmlns', namespace);
  copy.setAttribute('width', String(width + 2 * margin));
  copy.setAttribute('height', String(height));
  copy.setAttribute('viewBox', `${-margin} 0 ${width + 2 * margin} ${height}`);
  copy.removeAttribute('style');

  const paper = document.createElementNS(namespace, 'rect');
  paper.setAttribute('x', String(-margin));
  paper.setAttribute('width', String(width + 2 * margin));
  paper.setAttribute('height', String(height));
  paper.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  copy.prepend(paper);
  for (const element of plot.querySelectorAll<HTMLElement>('[data-chart-text]'))
    copy.append(textOf(element, left, top));
  for (const element of plot.querySelectorAll<HTMLElement>('[data-chart-key]'))
    copy.append(keyOf(element, left, top));
  return { svg: new XMLSerializer().serializeToString(copy), width: width + 2 * margin, height };
}

export function saveSvg(holder: Element, name: string): void {
  const chart = chartSvg(holder);
  if (chart) download(`${name}.svg`, chart.svg, 'image/svg+xml');
}

/** Twice the size on the page, for sharp print. */
export async function savePng(holder: Element, name: string): Promise<void> {
  const chart = chartSvg(holder);
  if (!chart) return;
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(chart.svg)}`;
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = chart.width * 2;
  canvas.height = chart.height * 2;
  canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob) download(`${name}.png`, new Uint8Array(await blob.arrayBuffer()), 'image/png');
}

/** Colours are variables of the page's theme: a file has none. */
function settleColours(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of inherited) to.setAttribute(name, style.getPropertyValue(name));
  to.removeAttribute('class');
  for (const [index, child] of [...from.children].entries()) settleColours(child, to.children[index]!);
}

function textOf(element: HTMLElement, left: number, top: number): SVGTextElement {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const text = document.createElementNS(namespace, 'text');
  text.textContent = element.textContent;
  // Values stand at the right edge, names at the left one.
  const right = style.textAlign === 'right' || style.textAlign === 'end';
  text.setAttribute('x', String((right ? box.right : box.left) - left));
  if (right) text.setAttribute('text-anchor', 'end');
  text.setAttribute('y', String(box.top - top + box.height / 2));
  text.setAttribute('dominant-baseline', 'central');
  text.setAttribute('fill', style.color);
  for (const name of ['font-family', 'font-size', 'font-weight'])
    text.setAttribute(name, style.getPropertyValue(name));
  return text;
}

function keyOf(element: HTMLElement, left: number, top: number): SVGRectElement {
  const box = element.getBoundingClientRect();
  const rect = document.createElementNS(namespace, 'rect');
  rect.setAttribute('x', String(box.left - left));
  rect.setAttribute('y', String(box.top - top + box.height / 2 - 1.25));
  rect.setAttribute('width', String(box.width));
  rect.setAttribute('height', '2.5');
  rect.setAttribute('fill', getComputedStyle(element).color);
  return rect;
}
