/** Linear gradients of style sheets as those of an SVG. */
import { paintOf } from './svg-colour';
import { svgNode } from './svg-node';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const sides: Readonly<Record<string, number>> = {
  'to top': 0,
  'to right': 90,
  'to bottom': 180,
  'to left': 270,
};

/**
 * @param css a computed `background-image`
 * @returns null for anything but one linear gradient
 */
export function gradientOf(css: string, box: Box, id: string): SVGElement | null {
  const found = /^(repeating-)?linear-gradient\((.*)\)$/s.exec(css);
  if (!found) return null;
  const [first = '', ...others] = partsOf(found[2]!);
  const direction = sides[first] ?? (first.endsWith('deg') ? Number.parseFloat(first) : null);
  const angle = ((direction ?? 180) * Math.PI) / 180;
  const [across, up] = [Math.sin(angle), -Math.cos(angle)];
  const length = Math.abs(box.width * across) + Math.abs(box.height * up);
  const stops = stopsOf(direction === null ? [first, ...others] : others, length);
  const end = found[1] ? stops.at(-1)!.at : length;
  const [x, y] = [box.x + box.width / 2 - (across * length) / 2, box.y + box.height / 2 - (up * length) / 2];
  const gradient = svgNode('linearGradient', {
    id,
    gradientUnits: 'userSpaceOnUse',
    x1: x,
    y1: y,
    x2: x + across * end,
    y2: y + up * end,
    spreadMethod: found[1] ? 'repeat' : undefined,
  });
  for (const { at, colour } of stops) {
    const paint = paintOf(colour);
    gradient.append(
      svgNode('stop', {
        offset: String(Number((at / end).toFixed(4))),
        'stop-color': paint.colour,
        'stop-opacity': paint.opacity < 1 ? paint.opacity : undefined,
      }),
    );
  }
  return gradient;
}

/** Divided at the commas that stand in no bracket. */
function partsOf(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function stopsOf(parts: readonly string[], length: number): { at: number; colour: string }[] {
  const stops = parts.flatMap((part): { at: number | null; colour: string }[] => {
    const places = [...part.matchAll(/\s(-?[\d.]+)(px|%)/g)];
    const colour = part.replaceAll(/\s-?[\d.]+(px|%)/g, '');
    if (places.length === 0) return [{ at: null, colour }];
    return places.map(([, value, unit]) => ({
      at: unit === '%' ? (Number(value) / 100) * length : Number(value),
      colour,
    }));
  });
  // Stops without a place are spread evenly: so they are in all of the page's gradients.
  return stops.map(({ at, colour }, place) => ({
    at: at ?? (place / Math.max(1, stops.length - 1)) * length,
    colour,
  }));
}
