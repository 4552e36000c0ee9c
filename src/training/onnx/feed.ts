/** How instances of a set are given to a model: the order of its input's axes, its size and the numbers of its pixels. */
import { onlyView, type Dataset, type ImageSpec, type Split } from '../../data/dataset';
import { resize } from '../../data/resize';
import { colourScales } from '../../nn/network-names';
import { imageRow } from '../../data/stored-column';
import type { Fit, Layout, Scaling, Way } from './about';
import { OnnxProblem, type Port } from './model-file';
import { fedTypes, type Feed } from './runtime';

/** How the rows of an input come: as many as wanted, or always so many. */
export const fixedBatch = ({ shape }: Port): number | null => shape[0] ?? null;

/** The input that instances go to. @throws OnnxProblem where there are several, or it takes no numbers */
export function inputOf(inputs: readonly Port[]): Port {
  const [input] = inputs;
  if (!input || inputs.length > 1)
    throw new OnnxProblem(
      inputs.length === 0
        ? 'This model has no input.'
        : `This model has ${inputs.length} inputs (${inputs
            .slice(0, 4)
            .map(({ name }) => `“${name}”`)
            .join(
              ', ',
            )}${inputs.length > 4 ? ', …' : ''}), and an instance is given to it as one. Export it with one input.`,
    );
  if (!fedTypes.includes(input.type))
    throw new OnnxProblem(
      `The input “${input.name}” of this model takes ${input.type}; ${fedTypes.join(', ')} can be given. Export it with an input of float32.`,
    );
  return input;
}

/** All that the sides of the input allow for a set, the likeliest first. @throws OnnxProblem where nothing does */
export function fitsOf({ name, shape }: Port, { inputs }: Pick<Dataset, 'inputs'>): Fit[] {
  const spec = inputs[onlyView]!;
  const sides = shape.slice(1);
  const text = shape.map((side) => side ?? 'any').join(' × ');
  const refuse = (why: string): never => {
    throw new OnnxProblem(`The input “${name}” of this model is ${text || 'without a shape'}, and ${why}`);
  };
  if (spec.kind === 'vector') {
    const width = spec.names.length;
    if (sides.length === 1 && (sides[0] ?? width) === width)
      return [{ layout: 'columns', height: 1, width, channels: 1 }];
    return refuse(
      `a row of this set is ${width} numbers (${spec.names
        .slice(0, 3)
        .map((column) => `“${column}”`)
        .join(', ')}${width > 3 ? ', …' : ''}). A model for it reads [batch, ${width}].`,
    );
  }
  if (sides.length === 3) return fitsOfFour(sides, spec) ?? refuse(`it reads neither 1 nor 3 channels.`);
  if (sides.length === 2) {
    const [height, width] = sides as [number | null, number | null];
    return [{ layout: 'HW', height: height ?? spec.height, width: width ?? spec.width, channels: 1 }];
  }
  if (sides.length === 1) {
    const size = sizeOfRow(sides[0] ?? null, spec);
    if (!size) return refuse(`images here are ${imageText(spec)}, which do not fit in such a row.`);
    const layouts: Layout[] = size.channels === 1 ? ['flat HWC'] : ['flat CHW', 'flat HWC'];
    return layouts.map((layout) => ({ layout, ...size }));
  }
  return refuse(
    `images here are ${imageText(spec)}. A model for them reads [batch, channels, height, width].`,
  );
}

/** Of a side that the file leaves free: what ImageNet models were trained on, where the set's own size is too small for the graph. */
export function usualSize(fit: Fit, { shape }: Port): Fit | null {
  const [height, width] = fit.layout === 'CHW' ? shape.slice(2) : shape.slice(1);
  const isFree = (fit.layout === 'CHW' || fit.layout === 'HWC') && height === null && width === null;
  return isFree ? { ...fit, height: 224, width: 224 } : null;
}

const isColour = (side: number | null) => side === 1 || side === 3;

function fitsOfFour(sides: readonly (number | null)[], spec: ImageSpec): Fit[] | null {
  const [a, b, c] = sides as [number | null, number | null, number | null];
  const first = (): Fit => ({
    layout: 'CHW',
    channels: a ?? spec.channels,
    height: b ?? spec.height,
    width: c ?? spec.width,
  });
  const last = (): Fit => ({
    layout: 'HWC',
    height: a ?? spec.height,
    width: b ?? spec.width,
    channels: c ?? spec.channels,
  });
  if (isColour(a) && isColour(c)) return [first(), last()];
  if (isColour(a)) return [first()];
  if (isColour(c)) return [last()];
  return a === null && c === null ? [first(), last()] : a === null ? [first()] : c === null ? [last()] : null;
}

/** Of a row of so many numbers: the images' own size, else a square. */
function sizeOfRow(count: number | null, spec: ImageSpec): Omit<Fit, 'layout'> | null {
  const { height, width, channels } = spec;
  if (count === null || count === height * width * channels) return { height, width, channels };
  for (const colours of [channels, channels === 1 ? 3 : 1]) {
    if (count === height * width * colours) return { height, width, channels: colours };
    const side = Math.sqrt(count / colours);
    if (Number.isInteger(side) && side >= 4) return { height: side, width: side, channels: colours };
  }
  return null;
}

const imageText = ({ height, width, channels }: ImageSpec) =>
  `${height} × ${width}, ${channels === 1 ? 'grey' : 'colour'}`;

/** Ways to write the numbers of the input, the commonest first. */
export function scalingsOf({ train, inputs }: Dataset, { type }: Port, { channels }: Fit): Scaling[] {
  const spec = inputs[onlyView]!;
  if (spec.kind === 'vector')
    return [{ id: 'plain', mean: [0], deviation: [1] }, momentsOf(train, spec.names.length, 1)];
  const bytes: Scaling = { id: 'bytes', mean: [0], deviation: [1 / 255] };
  if (type === 'uint8') return [bytes];
  const own = momentsOf(train, spec.channels, 255);
  return [
    { id: 'unit', mean: [0], deviation: [1] },
    // Colour images that are shown grey have no such channels.
    ...(own.mean.length === 1 || own.mean.length === channels ? [own] : []),
    ...(channels === 3
      ? [
          {
            id: 'imagenet' as const,
            mean: colourScales.imagenet.means,
            deviation: colourScales.imagenet.deviations,
          },
        ]
      : []),
    { id: 'signed', mean: [0.5], deviation: [0.5] },
    bytes,
  ];
}

/** Mean and deviation of each channel or column over the training rows. @param whole what counts as 1 */
function momentsOf({ inputs, count }: Split, channels: number, whole: number): Scaling {
  const { values } = inputs[onlyView]!;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! / whole;
    sums[i % channels]! += value;
    squares[i % channels]! += value * value;
  }
  const each = Math.max(1, (count * (values.length / Math.max(1, count))) / channels);
  const mean = Array.from(sums, (sum) => sum / each);
  const deviation = mean.map(
    (middle, c) => Math.sqrt(Math.max(squares[c]! / each - middle * middle, 0)) || 1,
  );
  return { id: 'own', mean, deviation };
}

/** Instances as a model reads them. */
export class Feeder {
  private readonly dataset: Dataset;
  private readonly port: Port;
  private readonly way: Way;

  constructor(dataset: Dataset, port: Port, way: Way) {
    this.dataset = dataset;
    this.port = port;
    this.way = way;
  }

  /** Numbers of one instance. */
  get size(): number {
    const { height, width, channels } = this.way.fit;
    return height * width * channels;
  }

  /** @param count of the batch; where there are fewer rows, the last one is repeated */
  feed(split: Split, rows: ArrayLike<number>, count: number): Feed {
    const { name, type } = this.port;
    const values = new Float32Array(count * this.size);
    for (let i = 0; i < count; i++) {
      const row = rows[Math.min(i, rows.length - 1)]!;
      const target = values.subarray(i * this.size, (i + 1) * this.size);
      if (this.way.fit.layout === 'columns') this.writeRow(split, row, target);
      else this.writeImage(split, row, target);
    }
    return { name, type, values, dims: [count, ...this.sides()] };
  }

  private sides(): number[] {
    const { layout, height, width, channels } = this.way.fit;
    switch (layout) {
      case 'CHW':
        return [channels, height, width];
      case 'HWC':
        return [height, width, channels];
      case 'HW':
        return [height, width];
      default:
        return [this.size];
    }
  }

  private writeRow({ inputs }: Split, row: number, target: Float32Array): void {
    const { values } = inputs[onlyView]!;
    const { mean, deviation } = this.way.scaling;
    for (let k = 0; k < target.length; k++)
      target[k] =
        (values[row * target.length + k]! - mean[k % mean.length]!) / deviation[k % deviation.length]!;
  }

  private writeImage({ inputs }: Split, row: number, target: Float32Array): void {
    const spec = this.dataset.inputs[onlyView] as ImageSpec;
    const { fit, scaling } = this.way;
    const length = spec.height * spec.width * spec.channels;
    const bytes = imageRow(inputs[onlyView]!, row, length);
    const sized = this.sized(bytes, spec);
    const places = fit.height * fit.width;
    const planar = fit.layout === 'CHW' || fit.layout === 'flat CHW';
    for (let place = 0; place < places; place++)
      for (let c = 0; c < fit.channels; c++) {
        const pixel = channelOf(sized, place, c, spec.channels, fit.channels) / 255;
        const value =
          (pixel - scaling.mean[c % scaling.mean.length]!) / scaling.deviation[c % scaling.deviation.length]!;
        target[planar ? c * places + place : place * fit.channels + c] = value;
      }
  }

  private sized(bytes: Uint8Array, { height, width, channels }: ImageSpec): Uint8Array {
    const { fit } = this.way;
    if (fit.height === height && fit.width === width) return bytes;
    const out = new Uint8Array(fit.height * fit.width * channels);
    resize(bytes, { height, width }, out, fit, channels);
    return out;
  }
}

/** A grey pixel in each channel; of a colour the brightness (ITU-R BT.601) where one channel is wanted. */
function channelOf(bytes: Uint8Array, place: number, channel: number, here: number, wanted: number): number {
  if (here === wanted) return bytes[place * here + channel]!;
  if (here === 1) return bytes[place]!;
  const at = place * here;
  return 0.299 * bytes[at]! + 0.587 * bytes[at + 1]! + 0.114 * bytes[at + 2]!;
}

/** Sentences on how instances are changed for the model. */
export function fitNotes({ height, width, channels }: Fit, { inputs }: Pick<Dataset, 'inputs'>): string[] {
  const spec = inputs[onlyView]!;
  if (spec.kind === 'vector') return [];
  return [
    ...(height !== spec.height || width !== spec.width
      ? [`Images are resized from ${spec.height} × ${spec.width} to ${height} × ${width} for it.`]
      : []),
    ...(spec.channels === 1 && channels === 3 ? ['Grey images are shown to it as colour images.'] : []),
    ...(spec.channels === 3 && channels === 1 ? ['Colour images are shown to it as grey images.'] : []),
  ];
}
