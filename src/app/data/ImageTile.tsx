import { useEffect, useRef } from 'react';
import { paint, type ImageStack } from './pixels';

/** One image of a stack, about `size` pixels high, enlarged without blur. */
export function ImageTile({ stack, at, size }: { stack: ImageStack; at: number; size: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width } = stack;
  const times = size >= height ? Math.max(1, Math.round(size / height)) : size / height;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(width, height);
    paint(picture, stack, at, 0, 0);
    context.putImageData(picture, 0, 0);
  }, [stack, at, height, width]);
  return (
    <canvas
      ref={canvas}
      className={times >= 1 ? 'pixels' : undefined}
      aria-hidden="true"
      width={width}
      height={height}
      style={{ width: width * times, height: height * times, display: 'block' }}
    />
  );
}
