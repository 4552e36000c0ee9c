/** Arrays from files, and what their names say of them. */
import type { Numbers } from './number-array';
import { baseName, roleOf, roleOfPath, type Role } from './paths';

/** An array from a file: numbers or texts of some shape. */
export interface LoadedArray {
  path: string;
  where: string;
  shape: number[];
  /** Column-major: the first index varies fastest. */
  fortran: boolean;
  content: { kind: 'numbers'; values: Numbers } | { kind: 'texts'; values: string[] };
}

/** The same with images on the first axis. */
export interface Candidate extends LoadedArray {
  role: Role | null;
  count: number;
  strides: readonly number[];
}

export interface Pair {
  image: Candidate;
  label: Candidate;
  /** Further label arrays of the same images. */
  others: Candidate[];
}

/** What an array is called in its file, or its file without the ending of NumPy. */
export function arrayName(path: string): string {
  return baseName(path).replace(/\.npy$/i, '');
}

/** The split that the name of an array states. */
export function roleOfArray(path: string): Role | null {
  return roleOf(spelledOut(path)) ?? roleOfPath(path);
}

/** Inserts a separator into names such as "trainX", "testLabels" or "ytrain". */
export function spelledOut(path: string): string {
  return arrayName(path)
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1_')
    .replace(/(?<=^|[^a-z])([xy])(?=(train|test|val)([^a-z]|$))/gi, '$1_')
    .replace(/(?<=^|[^a-z])(train|test|val)(?=[xy]([^a-z]|$))/gi, '$1_');
}

/** The words of a path that name neither split nor role: "night" of `night/images_train.npy`. */
export function otherWords(candidate: Candidate): string {
  const folders = candidate.path.split('/').slice(0, -1);
  const words = [...folders, spelledOut(candidate.path)].flatMap((part) => part.split(/[^\p{L}\d]+/u));
  const own =
    /^(x|y|img|imgs|images?|pictures?|data|features?|labels?|targets?|class|classes|arr|npy|idx\d?|ubyte|byte)?$/i;
  return words.filter((word) => !own.test(word) && roleOfPath(word) === null).join(' ');
}
