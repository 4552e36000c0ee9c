/** A data set as a zip of class folders, which any program that knows ImageFolder reads, this one included. */
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
 * Packs `train/CLASS/00000.png` and `test/CLASS/00000.png`. Rejects with the reason of an aborted signal. The size and
 * the pixels of the images are kept exactly; names of classes too, but for the letters that no folder can have.
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
      // Lets messages in: a click on cancel is one.
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

/** A folder for each class: signs that part paths get look-alikes, and names that readers pass over a line before. */
export function folderNames(classes: readonly string[]): string[] {
  const taken = new Set<string>();
  return classes.map((name) => {
    const plain = name
      .replaceAll('/', '∕')
      .replaceAll('\\', '⧵')
      // oxlint-disable-next-line no-control-regex -- these are what must not be in a file's name
      .replaceAll(/[\u0000-\u001f\u007f]/g, '_')
      .normalize('NFC');
    const seen = plain === '' || plain.startsWith('.') || isJunk(plain) ? `_${plain}` : plain;
    let folder = seen;
    for (let nth = 2; taken.has(folder); nth++) folder = `${seen} (${nth})`;
    taken.add(folder);
    return folder;
  });
}
