/** Positions of an image's pixels in an array of numbers. */
import { Refusal, type ImportContext } from './import-context';
import { counted, plural } from './limits';
import { arrayPictures, roughness, type ValueAt } from './neighbours';

/** Strides: pixel index = n*image + y*row + x*column + c*channel. */
export interface Layout {
  count: number;
  height: number;
  width: number;
  /** 1, 3 or 4 (the fourth is opacity) */
  channels: number;
  strides: { image: number; row: number; column: number; channel: number };
}

/** The layout of an array of images from its shape, images first, and the distance of neighbours on each axis. Throws a refusal when the shape is no set of images. */
export function layoutOf(
  shape: readonly number[],
  strides: readonly number[],
  where: string,
  context: ImportContext,
  at: ValueAt,
): Layout {
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  const [image = 0, sa = 0, sb = 0, sc = 0] = strides;
  if (shape.length === 4 && isChannels(c))
    return grid(count, a, b, c, { image, row: sa, column: sb, channel: sc }, where);
  if (shape.length === 4 && isChannels(a))
    return grid(count, b, c, a, { image, row: sb, column: sc, channel: sa }, where);
  if (shape.length === 3 && a > 1 && b > 1)
    return grid(count, a, b, 1, { image, row: sa, column: sb, channel: 0 }, where);
  if (shape.length === 3)
    return flatLayout(count, a * b, { image, element: a > 1 ? sa : sb }, where, context, at);
  if (shape.length === 2) return flatLayout(count, a, { image, element: sa }, where, context, at);
  throw new Refusal(
    `${where} has the shape (${shape.join(', ')}), which is not a set of grey or colour images. Use (N, height, width), (N, height, width, 3) or (N, 3, height, width).`,
  );
}

type RowLayout = `${number}x${number} ${'grey' | 'planar' | 'interleaved'}`;

/**
 * The layout of rows of `length` numbers: a square grey image or a square colour image, plane by plane or pixel by
 * pixel as neighbouring numbers say, unless the user chose height, width and order. Throws a refusal when the length is
 * not that of a square and there is no choice.
 */
export function flatLayout(
  count: number,
  length: number,
  strides: { image: number; element: number },
  where: string,
  context: ImportContext,
  at: ValueAt,
): Layout {
  if (count === 0 || length === 0) throw new Refusal(`${where} holds no images.`);
  const options = rowLayouts(length);
  const read = (value: RowLayout) => arranged(value, count, strides, where);
  const square = squareLayout(length);
  const order = square?.endsWith('planar') ? likelyOrder(square, read, at) : null;
  const guess = order?.value ?? square;
  // The likeliest are shown: all ways to arrange a row are many.
  const shown = options.map((option, i) => {
    const samples = (order ? i < 2 : !guess && i < 4) ? arrayPictures(read(option.value), at) : null;
    return samples ? { ...option, samples } : option;
  });
  const isOpen = order !== null || guess === null;
  const picked =
    options.length > 0
      ? context.pick('rowLayout', `${counted(length)} numbers a row`, shown, guess, isOpen)
      : null;
  if (!picked)
    throw new Refusal(
      `${where} has ${plural(length, 'number')} for each image, which makes neither a square grey image (s×s) nor a square colour image (3×s×s). ${options.length > 0 ? 'Choose height and width, or save' : 'Save'} the images with their height and width.`,
    );
  const layout = read(picked);
  if (order && context.choices.rowLayout === undefined) {
    const { height, width } = layout;
    const words =
      order.value === square
        ? 'all red, then all green, then all blue'
        : 'pixel by pixel, each red, green, blue';
    const why = order.isSure
      ? ', as neighbouring numbers are alike that way'
      : '; nothing in the numbers tells, so look at the pictures';
    context.warn(
      `Rows of ${counted(length)} numbers were read as ${height}×${width} in colour: ${words}${why}.`,
    );
  }
  return layout;
}

/** Below this ratio of their roughness one of two orders is the right one. */
const clearly = 0.9;

function likelyOrder(
  planar: RowLayout,
  read: (value: RowLayout) => Layout,
  at: ValueAt,
): { value: RowLayout; isSure: boolean } {
  const interleaved = planar.replace('planar', 'interleaved') as RowLayout;
  const [apart, together] = [roughness(read(planar), at), roughness(read(interleaved), at)];
  if (together < clearly * apart) return { value: interleaved, isSure: true };
  return { value: planar, isSure: apart < clearly * together };
}

function arranged(
  value: RowLayout,
  count: number,
  { image, element }: { image: number; element: number },
  where: string,
): Layout {
  const [, high, wide, order] = /^(\d+)x(\d+) (\w+)$/.exec(value)!;
  const height = Number(high);
  const width = Number(wide);
  if (order === 'grey')
    return grid(count, height, width, 1, { image, row: width * element, column: element, channel: 0 }, where);
  if (order === 'interleaved') {
    const apart = { image, row: 3 * width * element, column: 3 * element, channel: element };
    return grid(count, height, width, 3, apart, where);
  }
  const planes = { image, row: width * element, column: element, channel: height * width * element };
  return grid(count, height, width, 3, planes, where);
}

function squareLayout(length: number): RowLayout | null {
  const grey = Math.round(Math.sqrt(length));
  if (grey * grey === length) return `${grey}x${grey} grey`;
  const side = Math.round(Math.sqrt(length / 3));
  return 3 * side * side === length ? `${side}x${side} planar` : null;
}

/** Smallest side of an image in a row, and the largest ratio of its sides. */
const shortest = 4;
const longest = 512;
const stretched = 4;

/** All ways to arrange `length` numbers as an image, the squarest first. */
export function rowLayouts(length: number): { value: RowLayout; text: string }[] {
  const ways: { value: RowLayout; text: string; stretch: number }[] = [];
  for (const channels of [1, 3]) {
    const pixels = length / channels;
    if (!Number.isInteger(pixels)) continue;
    for (let height = 1; height <= Math.min(longest, pixels); height++) {
      const width = pixels / height;
      if (!Number.isInteger(width) || width > longest) continue;
      const stretch = Math.max(height, width) / Math.min(height, width);
      const square = height === width && height > 1;
      if (!square && (Math.min(height, width) < shortest || stretch > stretched)) continue;
      const size = `${height}×${width}`;
      if (channels === 1)
        ways.push({ value: `${height}x${width} grey`, text: `${size} (height×width), grey`, stretch });
      else
        ways.push(
          { value: `${height}x${width} planar`, text: `${size}, colour, red then green then blue`, stretch },
          { value: `${height}x${width} interleaved`, text: `${size}, colour, pixel by pixel`, stretch },
        );
    }
  }
  return ways.sort((a, b) => a.stretch - b.stretch).map(({ value, text }) => ({ value, text }));
}

function grid(
  count: number,
  height: number,
  width: number,
  channels: number,
  strides: Layout['strides'],
  where: string,
): Layout {
  if (count === 0 || height === 0 || width === 0) throw new Refusal(`${where} holds no images.`);
  if (height === 1 && width === 1)
    throw new Refusal(`${where} has one number for each image: these are labels or a table, not images.`);
  return { count, height, width, channels, strides };
}

function isChannels(size: number): boolean {
  return size === 1 || size === 3 || size === 4;
}

/** Distance of neighbours on each axis. */
export function stridesOf(shape: readonly number[], fortran: boolean): number[] {
  const strides = shape.map(() => 1);
  let step = 1;
  for (let k = 0; k < shape.length; k++) {
    const axis = fortran ? k : shape.length - 1 - k;
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** The layout of the transposed images, as EMNIST stores them. */
export function transposed(layout: Layout): Layout {
  const { height, width, strides } = layout;
  const { row, column } = strides;
  return { ...layout, height: width, width: height, strides: { ...strides, row: column, column: row } };
}
