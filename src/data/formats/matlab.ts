/** MATLAB files of version 5, as those of SVHN: arrays whose last axis counts the images, and labels from 1 on. */
import { isMat, matArrays } from '../containers/mat-file';
import { baseName } from '../paths';
import { readArrayFiles } from './array-files';
import type { Format } from './dataset-format';

const readArrays = readArrayFiles('MATLAB', matArrays);

export const matlab: Format = {
  name: 'MATLAB',
  noun: 'a MATLAB file',
  recognise: ({ head }) => isMat(head),
  read(sources, aside, context) {
    const areDigits = sources.every(({ path }) => /^(train|test|extra)_32x32\.mat$/i.test(baseName(path)));
    if (areDigits) context.warn('In files of SVHN the label 10 stands for the digit 0.');
    return readArrays(sources, aside, context);
  },
};
