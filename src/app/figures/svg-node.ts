const namespace = 'http://www.w3.org/2000/svg';

/** An element of an SVG; numbers keep two decimals. */
export function svgNode(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
): SVGElement {
  const node = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined)
      node.setAttribute(key, typeof value === 'number' ? String(Number(value.toFixed(2))) : value);
  return node;
}
