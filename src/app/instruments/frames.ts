/** What stays the same about the three plots of the curves, before a run and during one. */
import { figure, percent } from '../format';

const wholePercent = (share: number) => percent(share, 0);

export const accuracyFrame = {
  title: 'Accuracy over steps',
  format: percent,
  formatTick: wholePercent,
  unit: 'Top-1 accuracy',
  height: 264,
};

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
