/** Formats whose files hold several arrays by name. */
import type { LoadedArray } from '../array-names';
import { rawFromArrays } from '../arrays';
import { Refusal, type ImportContext } from '../import-context';
import { matchArrays } from '../match-arrays';
import { whyUnreadable } from '../source';
import { namesFrom, type Format } from './dataset-format';

/** The arrays of one file. Throws `Unreadable` when it is damaged, and a refusal at a limit. */
export type ArraysIn = (
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  where: string,
  context: ImportContext,
) => Promise<LoadedArray[]>;

/** Reads all files and pairs their images with their labels. `name` is that of the format. */
export function readArrayFiles(name: string, arraysIn: ArraysIn): Format['read'] {
  return async (sources, aside, context) => {
    const arrays: LoadedArray[] = [];
    for (const [i, source] of sources.entries()) {
      context.progress(`Reading ${source.path}`, i / sources.length);
      try {
        arrays.push(...(await arraysIn(await source.read(Infinity), source.path, source.where, context)));
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
    return { format: name, raw: await rawFromArrays(images, names ?? namesFrom(aside), context) };
  };
}
