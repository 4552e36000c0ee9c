import { useEffect, useRef } from 'react';
import type { OptionSamples as Samples } from '../../data/import-report';
import classes from './data.module.css';
import { paint } from './pixels';

/** Wanted side of a picture on the page. */
const side = 34;

/** What an answer to a question would mean: some pictures of its first groups, each group with its name. */
export function OptionSamples({ samples }: { samples: Samples }) {
  return (
    <span className={classes.samples}>
      {samples.groups.map(({ name, pixels }) => (
        <span key={name} className={classes.sampleGroup}>
          <Sheet pixels={pixels} height={samples.height} width={samples.width} />
          {name !== '' && <span className={classes.sampleName}>{name}</span>}
        </span>
      ))}
    </span>
  );
}

function Sheet({ pixels, height, width }: { pixels: readonly Uint8Array[]; height: number; width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const gap = Math.max(1, Math.round((2 * height) / side));
  const sheetWidth = pixels.length * (width + gap) - gap;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const sheet = context.createImageData(sheetWidth, height);
    pixels.forEach((one, i) =>
      paint(sheet, { pixels: one, height, width, channels: 3 }, 0, i * (width + gap), 0),
    );
    context.putImageData(sheet, 0, 0);
  }, [pixels, height, width, gap, sheetWidth]);
  const scale = side / height;
  return (
    <canvas
      ref={canvas}
      className={scale >= 1 ? 'pixels' : undefined}
      aria-hidden
      width={sheetWidth}
      height={height}
      style={{ width: sheetWidth * scale, maxWidth: '100%', display: 'block' }}
    />
  );
}
