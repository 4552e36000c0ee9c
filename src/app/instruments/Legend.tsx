import { useEffect, useRef } from 'react';
import { figure } from '../format';
import { cividis } from './colour-map';
import classes from './instruments.module.css';

/** `curved`: half way up stands a quarter of the way. */
export function Legend({ range, curved }: { range: [number, number]; curved: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(1, 256);
    for (let level = 0; level < 256; level += 1) {
      const from = (255 - level) * 3;
      picture.data.set([cividis[from]!, cividis[from + 1]!, cividis[from + 2]!, 255], level * 4);
    }
    context.putImageData(picture, 0, 0);
  }, []);
  return (
    <div className={classes.legend}>
      <canvas ref={canvas} width={1} height={256} aria-hidden="true" />
      <span>{figure(range[1])}</span>
      <span>{figure(range[0] + (range[1] - range[0]) * (curved ? 0.25 : 0.5))}</span>
      <span>{figure(range[0])}</span>
    </div>
  );
}
