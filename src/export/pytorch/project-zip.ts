import { unzipSync, zipSync, type Zippable } from 'fflate';
import type { Dataset } from '../../data/dataset';
import { labelledImagesOf } from '../../data/labelled-images';
import { zipOfFolders } from '../../data/export-folders';
import type { ExportBundle } from '../../training/export-bundle';
import { asText } from '../csv-table';
import type { ExportedFile } from '../exported-file';
import { pytorchProject } from './project';
import { arrayFiles, dataLayout } from './project-data';

export interface PackOptions {
  /** Title of the run. */
  title: string;
  /** Name of the folder, and of the zip without its ending. */
  name: string;
  /** The set to include, as imported, unless another one is studied; without it `data/` holds the table of images only, or nothing. */
  set: Dataset | null;
  onProgress: (text: string, share: number) => void;
}

/** The PyTorch project as one zip that unpacks into one folder. */
export async function pytorchZip(
  bundle: ExportBundle,
  { title, name, set, onProgress }: PackOptions,
): Promise<ExportedFile> {
  const files: Zippable = {};
  const project = pytorchProject(bundle, title);
  for (const [path, bytes] of Object.entries(project)) files[`${name}/${path}`] = bytes;
  const isFolders = dataLayout(bundle.dataset) === 'folders';
  const written = set && (bundle.studied ?? set);
  const data = written && (isFolders ? await folderFiles(written, onProgress) : arrayFiles(bundle, written));
  // PNG files are compressed already.
  for (const [path, bytes] of Object.entries(data ?? {}))
    files[`${name}/data/${path}`] = isFolders ? [bytes, { level: 0 }] : bytes;
  return {
    name: `${name}.zip`,
    blob: new Blob([zipSync(files) as Uint8Array<ArrayBuffer>], { type: 'application/zip' }),
  };
}

export async function folderFiles(set: Dataset, onProgress: PackOptions['onProgress']) {
  const images = labelledImagesOf(set)!;
  const zip = await zipOfFolders({ ...images, classes: images.classes.map(asText) }, { onProgress });
  return unzipSync(new Uint8Array(await zip.arrayBuffer()));
}
