import { useEffect, useRef } from 'react';
import { figure } from '../format';
import { cividis } from './colour-map';
import classes from './heat-map.module.css';

/** `curved`: half way stands a quarter of the highest value. */
export function Legend({ range, curved }: { range: [number, number]; curved: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(256, 1);
    for (let level = 0; level < 256; level += 1) {
      const from = level * 3;
      picture.data.set([cividis[from]!, cividis[from + 1]!, cividis[from + 2]!, 255], level * 4);
    }
    context.putImageData(picture, 0, 0);
  }, []);
  return (
    <div className={classes.legend} data-figure="legend">
      <canvas ref={canvas} width={256} height={1} aria-hidden="true" />
      <span>{figure(range[0])}</span>
      <span>{figure(range[0] + (range[1] - range[0]) * (curved ? 0.25 : 0.5))}</span>
      <span>{figure(range[1])}</span>
    </div>
  );
}
