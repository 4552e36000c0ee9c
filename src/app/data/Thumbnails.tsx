import { useEffect, useMemo, useRef } from 'react';
import type { ImageSet } from '../../storage/image-set';
import { paint } from './pixels';
import { usePixels } from './use-pixels';

interface Props {
  set: ImageSet;
  /** Images by row. */
  rows: readonly (readonly number[])[];
  /** Wanted height of one image on the page; it is rounded to whole pixels of the image. */
  size: number;
  label: string;
}

/** A sheet of images in one canvas, enlarged without blur; blank until they are read. */
export function Thumbnails({ set, rows, size, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { height, width } = set;
  const stack = usePixels(
    set,
    useMemo(() => rows.flat(), [rows]),
  );
  const scale = size >= height ? Math.max(1, Math.round(size / height)) : size / height;
  const gap = Math.max(1, Math.round(2 / scale));
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const sheetWidth = columns * (width + gap) - gap;
  const sheetHeight = rows.length * (height + gap) - gap;

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !stack || sheetHeight < 1) return;
    const sheet = context.createImageData(sheetWidth, sheetHeight);
    let at = 0;
    rows.forEach((row, y) =>
      row.forEach((_, x) => paint(sheet, stack, at++, x * (width + gap), y * (height + gap))),
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
