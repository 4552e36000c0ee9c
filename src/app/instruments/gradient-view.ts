/** Norms and angles of the losses' gradients over the steps of a run. */
import { cosineKey, normKey, type RunRecord } from '../../record/run-record';
import { decimate } from './decimate';
import { valueScale } from './loss-view';
import { partStyle } from './names';
import { reader, rowRange, type PlotModel } from './plot-model';
import type { Scale } from './plot/scale';
import { stepsOf } from './step-axis';

const cosineScale: Scale = { kind: 'linear', domain: [-1, 1], ticks: [-1, -0.5, 0, 0.5, 1] };

/** @param logarithmic axis of the norms */
export function gradientViews(
  history: RunRecord,
  logarithmic: boolean,
): { norms: PlotModel; cosines: PlotModel } {
  const losses = [history.task.loss.key, ...history.hintKeys];
  const view = (keyOf: (loss: string) => string, scaleOf: (range: [number, number] | null) => Scale) => {
    const table = history.evaluations.student;
    const known = losses.filter((loss) => table.has(keyOf(loss)));
    const keys = known.map(keyOf);
    const rows = decimate(table, keys);
    return {
      rows,
      lines: known.map((loss) => ({ key: keyOf(loss), ...partStyle(history, loss) })),
      scale: scaleOf(rowRange(rows, keys)),
      steps: stepsOf(history, 'student'),
      readAt: reader(table, keys),
    };
  };
  return {
    norms: view(normKey, (range) => valueScale(range, logarithmic)),
    cosines: view(cosineKey, () => cosineScale),
  };
}
