import { useEffect, useRef } from 'react';
import { cividis } from '../instruments/colour-map';
import { difference } from './difference-map';

interface Props {
  /** Row-major, [height*width] */
  values: Float32Array;
  width: number;
  height: number;
  /** Values of the darkest and the brightest colour; for differences the two ends, zero in the middle. */
  range: readonly [number, number];
  map?: 'value' | 'difference';
  /** On the screen, in CSS pixels. */
  size: number;
  /** Said to those who do not see it. */
  label: string;
}

/** Numbers as a picture, one pixel each, never blurred. */
export function Pixels({ values, width, height, range, map = 'value', size, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [low, high] = range;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const colours = map === 'value' ? cividis : difference;
    const picture = context.createImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      const share = high > low ? (values[i]! - low) / (high - low) : 0;
      const level = Math.max(0, Math.min(255, Math.round(share * 255)));
      picture.data.set(colours.subarray(level * 3, level * 3 + 3), i * 4);
      picture.data[i * 4 + 3] = 255;
    }
    context.putImageData(picture, 0, 0);
  }, [values, width, height, low, high, map]);
  return (
    <canvas
      ref={canvas}
      className="pixels"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      style={{ width: Math.round((size * width) / height), height: size }}
    />
  );
}

/** Smallest and largest of the numbers. */
export function rangeOf(values: Float32Array): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return values.length > 0 ? [low, high] : [0, 1];
}
