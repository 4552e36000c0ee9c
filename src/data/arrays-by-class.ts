/** Arrays that each hold the pictures of one class, whose name is that of the file, as the drawings of Quick, Draw!. */
import { otherWords, roleOfArray, type Candidate, type LoadedArray } from './array-names';
import { withoutSharedWords } from './array-sets';
import type { ImageArray } from './arrays';
import type { ImportContext } from './import-context';
import { layoutOf, stridesOf } from './layout';
import { counted } from './limits';
import type { Role } from './paths';

/** Fewest numbers of a picture, 4x4. */
const fewestPixels = 16;

/**
 * One array of images for each class and split. Null when the arrays are none of one class each: when some array could
 * hold labels, when their pictures differ in shape, or when their names do not tell two classes apart.
 */
export function arraysByClass(arrays: readonly LoadedArray[], context: ImportContext): ImageArray[] | null {
  const [first] = arrays;
  if (!first || arrays.length < 2) return null;
  const inner = first.shape.slice(1);
  const areAlike = arrays.every(
    ({ shape, content }) =>
      content.kind === 'numbers' && shape[0]! > 0 && shape.slice(1).join() === inner.join(),
  );
  if (!areAlike || inner.reduce((product, size) => product * size, 1) < fewestPixels) return null;
  const candidates = arrays.map((array): Candidate => {
    const strides = stridesOf(array.shape, array.fortran);
    return { ...array, role: roleOfArray(array.path), count: array.shape[0]!, strides };
  });
  const words = candidates.map(otherWords);
  const distinct = [...new Set(words)];
  if (distinct.length < 2 || distinct.includes('') || distinct.some(isNoClass)) return null;
  const places = candidates.map(({ role }, i) => `${role} ${words[i]}`);
  if (new Set(places).size < places.length) return null;
  const stated = withoutSharedWords(distinct);
  const names = new Map(distinct.map((own, i) => [own, stated[i]!]));
  if (new Set(stated).size < distinct.length) return null;
  const most = mostOfEach(candidates, context);
  context.warn(
    `There are no labels, and the names of the ${counted(arrays.length)} arrays differ, so each was taken for a class.`,
  );
  return candidates.map((array, i) => imagesOf(array, names.get(words[i]!)!, array.role, most, context));
}

/** Masks belong to pictures, and parts are counted. */
function isNoClass(words: string): boolean {
  return /(^| )(masks?|part|batch|chunk|shard)( |$)/i.test(words);
}

/** How many images are taken from each array: all, or an equal share where together they are too many. */
function mostOfEach(arrays: readonly Candidate[], context: ImportContext): number {
  const total = arrays.reduce((sum, { count }) => sum + count, 0);
  const largest = Math.max(...arrays.map(({ count }) => count));
  const limit = context.limits.images;
  if (total <= limit) return largest;
  const share = Math.max(2, Math.floor(limit / arrays.length));
  const bounds = { min: 2, max: largest, unit: 'images' };
  const most = context.number('perClass', 'Images from each file', bounds, share);
  context.warn(
    `There are ${counted(total)} images, and the limit is ${counted(limit)}; the first ${counted(most)} of each file were read.`,
  );
  return most;
}

function imagesOf(
  { content, shape, strides, where, path, count }: Candidate,
  name: string,
  role: Role | null,
  most: number,
  context: ImportContext,
): ImageArray {
  if (content.kind !== 'numbers') throw new TypeError(`${path} holds no numbers.`);
  const kept = Math.min(count, most);
  return {
    values: () => Promise.resolve(content.values),
    layout: layoutOf([kept, ...shape.slice(1)], strides, where, context, content.values.get),
    labels: { kind: 'texts', values: Array.from({ length: kept }, () => name) },
    role,
    where,
  };
}
