/** All images of a set in one array. It is grey until the first colour image arrives, then converted to colour. */
import type { ImportContext } from './import-context';
import type { Size } from './resize';

export class PixelStore {
  private bytes: Uint8Array;
  private channels = 1;
  private readonly pixels: number;
  /** 1 for places that hold an image. */
  private readonly filled: Uint8Array;
  count = 0;

  /** Allocates for `capacity` images; fewer may follow. Throws a refusal beyond the limits. */
  constructor(
    private readonly capacity: number,
    { height, width }: Size,
    private readonly context: ImportContext,
  ) {
    this.pixels = height * width;
    context.checkSize(capacity, this.pixels);
    this.bytes = new Uint8Array(capacity * this.pixels);
    this.filled = new Uint8Array(capacity);
  }

  /** Appends one image: [pixels*channels] numbers 0..255, channels 1 or 3. */
  add(image: ArrayLike<number>, channels: number): void {
    this.put(this.count, image, channels);
  }

  /** Stores one image at a place, 0..capacity-1. Places that stay empty are removed at the end. */
  put(place: number, image: ArrayLike<number>, channels: number): void {
    const { pixels } = this;
    if (channels === 3 && this.channels === 1 && !isGrey(image)) this.widen();
    const start = place * pixels * this.channels;
    if (this.channels === channels && image instanceof Uint8Array) this.bytes.set(image, start);
    else if (this.channels === channels)
      for (let i = 0; i < image.length; i++) this.bytes[start + i] = Math.round(image[i]!);
    else if (this.channels === 1)
      for (let i = 0; i < pixels; i++) this.bytes[start + i] = Math.round(image[3 * i]!);
    else this.bytes.set(inColour(Uint8Array.from(image, Math.round)), start);
    this.filled[place] = 1;
    this.count++;
  }

  private widen(): void {
    const { pixels, capacity } = this;
    this.context.checkSize(capacity, pixels * 3);
    const colour = new Uint8Array(capacity * pixels * 3);
    // Skips empty places: pages of memory that are never written to cost nothing.
    for (let place = 0; place < capacity; place++)
      if (this.filled[place] === 1)
        colour.set(inColour(this.bytes.subarray(place * pixels, (place + 1) * pixels)), place * pixels * 3);
    this.bytes = colour;
    this.channels = 3;
  }

  private closeUp(): void {
    const size = this.pixels * this.channels;
    let to = 0;
    for (let place = 0; place < this.capacity; place++) {
      if (this.filled[place] !== 1) continue;
      if (to !== place) this.bytes.copyWithin(to * size, place * size, (place + 1) * size);
      to++;
    }
  }

  /** The stored images, in grey or colour as the user chose, otherwise as they are. */
  finish(): { images: Uint8Array; channels: number } {
    if (this.count < this.capacity) this.closeUp();
    const { bytes, count, pixels, channels, context } = this;
    const images = bytes.subarray(0, count * pixels * channels);
    const asFound = channels === 1 ? 'grey' : 'colour';
    const wanted = context.pick('colour', 'Colour', colours, asFound);
    if (wanted === asFound || wanted === null) return { images, channels };
    if (wanted === 'colour') {
      context.checkSize(count, pixels * 3);
      return { images: inColour(images), channels: 3 };
    }
    return { images: inGrey(images), channels: 1 };
  }
}

const colours = [
  { value: 'grey', text: 'grey' },
  { value: 'colour', text: 'colour' },
] as const;

function isGrey(rgb: ArrayLike<number>): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}

function inColour(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i]!, 3 * i, 3 * i + 3);
  return rgb;
}

/** Luma of ITU-R BT.601, the weights of most image tools. */
function inGrey(rgb: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: rgb.length / 3 }, (_, i) =>
    Math.round(0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!),
  );
}
