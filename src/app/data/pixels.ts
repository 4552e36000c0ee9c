/** Images of one shape, NHWC bytes, as the page paints them. */
export interface ImageStack {
  /** [N*H*W*C] */
  pixels: Uint8Array;
  height: number;
  width: number;
  channels: number;
}

/** Copies one image into a picture at (left, top), pixel for pixel. */
export function paint(target: ImageData, stack: ImageStack, index: number, left: number, top: number): void {
  const { pixels, height, width, channels } = stack;
  const start = index * height * width * channels;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const from = start + (y * width + x) * channels;
      const to = ((top + y) * target.width + left + x) * 4;
      for (let channel = 0; channel < 3; channel += 1)
        target.data[to + channel] = pixels[from + (channels === 3 ? channel : 0)]!;
      target.data[to + 3] = 255;
    }
}

/** First images of every class, class by class: indices into the split. */
export function samplesPerClass(labels: Int32Array, classes: number, each: number): number[][] {
  const found: number[][] = Array.from({ length: classes }, () => []);
  let missing = classes * each;
  for (let index = 0; index < labels.length && missing > 0; index += 1) {
    const row = found[labels[index]!];
    if (!row || row.length >= each) continue;
    row.push(index);
    missing -= 1;
  }
  return found;
}
