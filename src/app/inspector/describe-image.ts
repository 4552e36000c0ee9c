import type { RunRecord } from '../../record/run-record';

/** Name of a class of the run's set; "none" for an image that belongs to no class, such as a stimulus. */
export function className(history: RunRecord, label: number): string {
  if (label < 0) return 'none';
  return history.facts?.dataset.classes[label] ?? String(label);
}

/** "wrong" when the student is given another label than the set came with. */
export function labelState(history: RunRecord, row: number): 'true' | 'wrong' | 'none' {
  const image = history.watched?.images[row];
  if (!image || image.givenLabel < 0) return 'none';
  return image.givenLabel === image.trueLabel ? 'true' : 'wrong';
}

/** One image in words. */
export function describeImage(history: RunRecord, row: number): string {
  const image = history.watched?.images[row];
  if (!image) return '';
  const name = className(history, image.trueLabel);
  const given = {
    true: '',
    wrong: `, labelled “${className(history, image.givenLabel)}”`,
    none: ', no label',
  }[labelState(history, row)];
  return `Image ${image.index}, class “${name}”${given}`;
}
