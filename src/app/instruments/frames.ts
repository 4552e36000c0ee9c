/** What stays the same about the three plots of the curves, before a run and during one. */
import { figure } from '../format';
import type { ScoreFormat } from '../subject/score-format';

/** Of a unit that fits beside a name and a number at the end of a line; a longer one stands at the axis alone. */
const mostLettersOfUnit = 3;

export function scoreFrame({ heading, text, parts, tick, axis, isShare }: ScoreFormat) {
  return {
    title: `${heading} over steps`,
    format: (value: number) => {
      const [number, unit] = parts(value);
      return unit.trim().length > mostLettersOfUnit ? number : text(value);
    },
    // Others have as many digits as the steps of their axis need.
    ...(isShare ? { formatTick: tick } : {}),
    unit: axis,
    height: 264,
  };
}

export const lossFrame = {
  title: 'Loss components over steps',
  format: figure,
  unit: 'mean loss of a batch',
  height: 230,
  compact: true,
};

export const weightFrame = {
  title: 'Hint weights of the tracked samples over steps',
  format: figure,
  unit: 'weight',
  height: 230,
  compact: true,
};
