/**
 * Pictures made from uniform numbers: the clock hand, whose target is a number, and stimuli that belong to no class.
 * Pixel (row i, column j) of a picture of side n lies at x = 2j/(n-1) - 1, y = 2i/(n-1) - 1, y downwards.
 */

export type PictureKind = 'hand' | 'uniform' | 'smooth' | 'textures' | 'shapes' | 'strokes';

interface PictureMaker {
  /** Uniform numbers that one picture of this side takes. */
  uniforms: (side: number) => number;
  /**
   * One grey picture, [side*side] of 0..1, row by row.
   * @param u uniform numbers in 0..1, as many as `uniforms` says
   */
  draw: (u: ArrayLike<number>, side: number) => Float64Array;
}

export const pictureMakers: Readonly<Record<PictureKind, PictureMaker>> = {
  hand: { uniforms: () => 6, draw: drawHand },
  uniform: { uniforms: (side) => side * side, draw: (u) => Float64Array.from(u) },
  smooth: { uniforms: () => 16, draw: drawSmooth },
  textures: { uniforms: () => 6, draw: drawTextures },
  shapes: { uniforms: () => 6, draw: drawShape },
  strokes: { uniforms: () => 19, draw: drawStrokes },
};

/** Values of a function of the pixel's place, row by row. */
function overPixels(side: number, value: (x: number, y: number) => number): Float64Array {
  const out = new Float64Array(side * side);
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++)
      out[i * side + j] = value((2 * j) / (side - 1) - 1, (2 * i) / (side - 1) - 1);
  return out;
}

const clamp = (value: number) => Math.min(Math.max(value, 0), 1);

/** Brightness that falls from 1 to 0 over one pixel around the edge. @param distance to the edge, negative inside */
const inside = (distance: number, side: number) => clamp(0.5 - (distance * side) / 2);

/** A clock hand at an angle of 90 degrees times `u[0]` from the x axis towards the top. */
function drawHand(u: ArrayLike<number>, side: number): Float64Array {
  const angle = (Math.PI / 2) * u[0]!;
  const [startX, startY] = [-0.45 + 0.3 * (u[1]! - 0.5), 0.45 + 0.3 * (u[2]! - 0.5)];
  const length = 0.7 + 0.5 * u[3]!;
  const halfWidth = 0.1 + 0.15 * u[4]!;
  const brightness = 0.6 + 0.4 * u[5]!;
  const [dx, dy] = [Math.cos(angle), -Math.sin(angle)];
  return overPixels(side, (x, y) => {
    const along = Math.min(Math.max((x - startX) * dx + (y - startY) * dy, 0), length);
    const distance = Math.hypot(x - startX - along * dx, y - startY - along * dy);
    return inside(distance - halfWidth, side) * brightness;
  });
}

/** A grid of 4x4 numbers between which values are interpolated, stretched to 0..1. */
function drawSmooth(u: ArrayLike<number>, side: number): Float64Array {
  const values = enlarge(u, 4, side);
  const lowest = values.reduce((least, value) => Math.min(least, value), Infinity);
  const highest = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const range = highest - lowest;
  return values.map((value) => (range > 0 ? (value - lowest) / range : 0));
}

/** Two gratings, added. */
function drawTextures(u: ArrayLike<number>, side: number): Float64Array {
  const grating = (q: number) => {
    const [frequency, angle, phase] = [0.5 + 2 * u[q]!, Math.PI * u[q + 1]!, 2 * Math.PI * u[q + 2]!];
    return (x: number, y: number) =>
      Math.sin(Math.PI * frequency * (Math.cos(angle) * x + Math.sin(angle) * y) + phase);
  };
  const [first, second] = [grating(0), grating(3)];
  return overPixels(side, (x, y) => (first(x, y) + second(x, y)) / 4 + 0.5);
}

/** One disc, box, ring or bar. */
function drawShape(u: ArrayLike<number>, side: number): Float64Array {
  const kind = Math.floor(4 * u[0]!);
  const [centreX, centreY] = [(u[1]! - 0.5) * 0.8, (u[2]! - 0.5) * 0.8];
  const radius = 0.3 + 0.5 * u[3]!;
  const [cos, sin] = [Math.cos(Math.PI * u[4]!), Math.sin(Math.PI * u[4]!)];
  const brightness = 0.6 + 0.4 * u[5]!;
  const distance = (x: number, y: number) => {
    const [dx, dy] = [x - centreX, y - centreY];
    const [alongX, alongY] = [Math.abs(cos * dx + sin * dy), Math.abs(cos * dy - sin * dx)];
    switch (kind) {
      case 0:
        return Math.hypot(dx, dy) - radius;
      case 1:
        return Math.max(alongX, alongY) - radius;
      case 2:
        return Math.abs(Math.hypot(dx, dy) - radius) - 0.15;
      default:
        return Math.max(alongX - radius, alongY - 0.15);
    }
  };
  return overPixels(side, (x, y) => inside(distance(x, y), side) * brightness);
}

/** One to three quadratic pen curves, each seen as 24 points. */
function drawStrokes(u: ArrayLike<number>, side: number): Float64Array {
  const points: [number, number][] = [];
  for (let curve = 0; curve < 1 + Math.floor(3 * u[0]!); curve++) {
    const at = (n: number) => 0.85 * (2 * u[1 + 6 * curve + n]! - 1);
    for (let n = 0; n < 24; n++) {
      const t = n / 23;
      const place = (axis: 0 | 1) =>
        (1 - t) ** 2 * at(axis) + 2 * (1 - t) * t * at(2 + axis) + t * t * at(4 + axis);
      points.push([place(0), place(1)]);
    }
  }
  return overPixels(side, (x, y) => {
    const distance = points.reduce(
      (least, [px, py]) => Math.min(least, Math.hypot(x - px, y - py)),
      Infinity,
    );
    return clamp((0.3 - distance) / 0.25);
  });
}

/**
 * A square grid brought to another side, bilinear with aligned corners.
 * @param grid [from*from]
 * @returns [to*to]
 */
export function enlarge(grid: ArrayLike<number>, from: number, to: number): Float64Array {
  const out = new Float64Array(to * to);
  const spot = (n: number) => {
    const place = (n * (from - 1)) / (to - 1);
    const first = Math.min(Math.floor(place), from - 2);
    return { first, rest: place - first };
  };
  for (let i = 0; i < to; i++) {
    const row = spot(i);
    for (let j = 0; j < to; j++) {
      const column = spot(j);
      const value = (di: number, dj: number) => grid[(row.first + di) * from + column.first + dj]!;
      const upper = value(0, 0) * (1 - column.rest) + value(0, 1) * column.rest;
      const lower = value(1, 0) * (1 - column.rest) + value(1, 1) * column.rest;
      out[i * to + j] = upper * (1 - row.rest) + lower * row.rest;
    }
  }
  return out;
}
