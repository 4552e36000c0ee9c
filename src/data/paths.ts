/** Paths and names of dropped files: cleaning, junk, side files, order. */

/**
 * Normalises a path: forward slashes, no `./`, no empty parts, composed characters (macOS writes them decomposed).
 */
export function tidyPath(path: string): string {
  return path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
    .normalize('NFC');
}

/** Why an archive entry with this raw name is unsafe, or null. */
export function pathProblem(raw: string): string | null {
  const path = raw.replaceAll('\\', '/');
  if (path.split('/').includes('..')) return 'has a path that leaves the archive ("..")';
  if (path.startsWith('/')) return 'has an absolute path';
  if (/^[a-z]:/i.test(path)) return 'has a path that names a drive';
  if (path.includes('\0')) return 'has a name with a NUL character';
  return null;
}

/** Files that operating systems add, and hidden files; skipped silently. */
export function isJunk(path: string): boolean {
  return path
    .split('/')
    .some(
      (part) =>
        /^\.[^.]|^\.\.+[^.]/.test(part) ||
        /^(__macosx|@eadir|thumbs\.db|ehthumbs\.db|desktop\.ini|icon\r)$/i.test(part),
    );
}

/** Notes that accompany a data set; skipped silently unless they are data. */
export function isNote(path: string): boolean {
  return /\.(txt|md|markdown|rst|json|jsonl|csv|tsv|xml|html?|ya?ml|toml|log|cfg|py|ipynb)$|(^|\/)(readme|licen[cs]e|copying|authors|citation)$/i.test(
    path,
  );
}

/** Sample submissions of contests: what they give for labels are placeholders. */
export function isSampleSubmission(path: string): boolean {
  return /submission|sample_?answer/i.test(baseName(path));
}

export function hasPictureName(path: string): boolean {
  return /\.(png|jpe?g|jpe|jfif|gif|webp|bmp|avif|p[gp]m|tiff?|heic|heif|svg)$/i.test(path);
}

/** Last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Characters of a file's name that are looked at: patterns are tried on it, and it may be very long. */
const mostOfName = 300;

/** File name without its ending; `.tar.gz` and the like count as one. */
export function stem(path: string): string {
  return baseName(path)
    .slice(-mostOfName)
    .replace(/(\.(tar|idx|csv|tsv|npy|bin))?\.[a-z0-9]{1,8}$/i, '');
}

/** Order by code point, the order in which torchvision and Hugging Face number classes. */
export function byCodePoint(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Moves surrogates behind all other units: pairs stand for the code points above 0xFFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

export type Role = 'train' | 'validation' | 'test';

const roles = new Map<string, Role>([
  ['train', 'train'],
  ['training', 'train'],
  // Lists of training and validation together.
  ['trainval', 'train'],
  ['validation', 'validation'],
  ['valid', 'validation'],
  ['val', 'validation'],
  ['dev', 'validation'],
  ['test', 'test'],
  ['testing', 'test'],
  ['eval', 'test'],
  ['evaluation', 'test'],
]);

/** The split that a folder or file name states, as one of its words. */
export function roleOf(name: string): Role | null {
  for (const word of name.toLowerCase().split(/[^\p{L}]+/u)) {
    const role = roles.get(word);
    if (role) return role;
  }
  // MNIST's test files. The word contains digits, so splitting at non-letters does not find it.
  return /(^|[^a-z0-9])t10k([^a-z0-9]|$)/i.test(name) ? 'test' : null;
}

/** The split that a path states: the file name first, then its folders from the innermost. */
export function roleOfPath(path: string): Role | null {
  for (const part of path.split('/').reverse()) {
    const role = roleOf(part);
    if (role) return role;
  }
  return null;
}
