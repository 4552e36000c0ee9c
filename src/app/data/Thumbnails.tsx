import { useEffect, useRef } from 'react';
import { paint, type ImageStack } from './pixels';

interface Props {
  stack: ImageStack;
  /** Images by row. */
  rows: readonly (readonly number[])[];
  /** Wanted height of one image on the page; it is rounded to whole pixels of the image. */
  size: number;
  label: string;
}

/** A sheet of images in one canvas, enlarged without blur. */
export function Thumbnails({ stack, rows, size, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width } = stack;
  const scale = size >= height ? Math.max(1, Math.round(size / height)) : size / height;
  const gap = Math.max(1, Math.round(2 / scale));
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const sheetWidth = columns * (width + gap) - gap;
  const sheetHeight = rows.length * (height + gap) - gap;

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || sheetHeight < 1) return;
    const sheet = context.createImageData(sheetWidth, sheetHeight);
    rows.forEach((row, y) =>
      row.forEach((index, x) => paint(sheet, stack, index, x * (width + gap), y * (height + gap))),
    );
    context.putImageData(sheet, 0, 0);
  }, [stack, rows, sheetWidth, sheetHeight, width, height, gap]);

  return (
    <canvas
      ref={canvas}
      className={scale >= 1 ? 'pixels' : undefined}
      role="img"
      aria-label={label}
      width={sheetWidth}
      height={Math.max(1, sheetHeight)}
      style={{ width: sheetWidth * scale, maxWidth: '100%', display: 'block' }}
    />
  );
}
