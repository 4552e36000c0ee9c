import { useEffect, useRef } from 'react';
import type { RunRecord } from '../../record/run-record';
import type { Quantity } from '../../record/snapshots';
import { cividis } from './colour-map';
import { paintHeat, type HeatView } from './heat-view';
import { useWidth } from './plot/use-width';

/** Paints a map of tracked samples: a line of pixels each, as wide as the box that the canvas lies in. */
export function useHeatCanvas(history: RunRecord, quantity: Quantity, view: HeatView) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const count = view.order.length;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) return;
    const picture = context.createImageData(width, count);
    paintHeat(picture, history, quantity, view, cividis);
    context.putImageData(picture, 0, 0);
  }, [history, quantity, view, width, count]);
  return { box, canvas, width };
}
