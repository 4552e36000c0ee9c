/** MATLAB files of version 5, as those of SVHN: arrays whose last axis counts the images, and labels from 1 on. */
import type { LoadedArray } from '../array-names';
import { rawFromArrays } from '../arrays';
import { isMat, matArrays } from '../containers/mat-file';
import { Refusal } from '../import-context';
import { matchArrays } from '../match-arrays';
import { baseName } from '../paths';
import { whyUnreadable } from '../source';
import { namesFrom, type Format } from './dataset-format';

export const matlab: Format = {
  name: 'MATLAB',
  noun: 'a MATLAB file',
  recognise: ({ head }) => isMat(head),
  async read(sources, aside, context) {
    const arrays: LoadedArray[] = [];
    for (const [i, source] of sources.entries()) {
      context.progress(`Reading ${source.path}`, i / sources.length);
      try {
        arrays.push(...(await matArrays(await source.read(Infinity), source.path, source.where, context)));
      } catch (error) {
        context.skip(source.where, whyUnreadable(error));
      }
    }
    if (arrays.length === 0) {
      const [first] = context.skipped;
      throw new Refusal(
        first ? `${first.where} ${first.why}.` : `${sources[0]!.where} holds no array of numbers.`,
      );
    }
    const { images, names } = matchArrays(arrays, context);
    const isDigits = sources.every(({ path }) => /^(train|test|extra)_32x32\.mat$/i.test(baseName(path)));
    if (isDigits) context.warn('In files of SVHN the label 10 stands for the digit 0.');
    return { format: 'MATLAB', raw: await rawFromArrays(images, names ?? namesFrom(aside), context) };
  },
};
