/** Saves a data set as a zip of class folders, the ImageFolder layout that this page reads too. */
import { Zip, ZipPassThrough } from 'fflate';
import type { LabelledImages } from './labelled-images';
import { isJunk } from './paths';
import { encodePng } from './png';

export interface ExportOptions {
  /** `share` is 0..1. */
  onProgress?: (text: string, share: number) => void;
  signal?: AbortSignal;
}

/**
 * Packs `train/CLASS/00000.png` and `test/CLASS/00000.png`. Sizes and pixels are kept exactly, names of classes too
 * except for characters that folders cannot have. Rejects with the reason of an aborted signal.
 */
export async function zipOfFolders(
  { train, test, classes, height, width, channels }: LabelledImages,
  { onProgress, signal }: ExportOptions = {},
): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const failures: Error[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) failures.push(error);
    else chunks.push(chunk as Uint8Array<ArrayBuffer>);
  });
  const folders = folderNames(classes);
  const size = height * width * channels;
  const total = train.count + test.count;
  let done = 0;
  for (const [name, split] of [
    ['train', train],
    ['test', test],
  ] as const)
    for (let row = 0; row < split.count; row++) {
      // Yields to messages, such as a click on cancel.
      if (done % 256 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      signal?.throwIfAborted();
      onProgress?.('Packing images', done++ / total);
      const number = String(row).padStart(5, '0');
      const entry = new ZipPassThrough(`${name}/${folders[split.labels[row]!]}/${number}.png`);
      zip.add(entry);
      entry.push(
        encodePng(split.images.subarray(row * size, (row + 1) * size), { height, width }, channels),
        true,
      );
    }
  zip.end();
  if (failures[0]) throw failures[0];
  return new Blob(chunks, { type: 'application/zip' });
}

/**
 * A folder name per class: path separators become look-alike characters, and names that readers skip get a prefix.
 */
export function folderNames(classes: readonly string[]): string[] {
  const taken = new Set<string>();
  return classes.map((name) => {
    const plain = name
      .replaceAll('/', '∕')
      .replaceAll('\\', '⧵')
      // oxlint-disable-next-line no-control-regex -- control characters are what is replaced
      .replaceAll(/[\u0000-\u001f\u007f]/g, '_')
      .normalize('NFC');
    const seen = plain === '' || plain.startsWith('.') || isJunk(plain) ? `_${plain}` : plain;
    let folder = seen;
    for (let nth = 2; taken.has(folder); nth++) folder = `${seen} (${nth})`;
    taken.add(folder);
    return folder;
  });
}
