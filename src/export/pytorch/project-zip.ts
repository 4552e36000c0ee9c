import { unzipSync, zipSync, type Zippable } from 'fflate';
import type { LabelledImages } from '../../data/labelled-images';
import { zipOfFolders } from '../../data/export-folders';
import type { ExportBundle } from '../../training/export-bundle';
import { asText } from '../csv-table';
import type { ExportedFile } from '../exported-file';
import { pytorchProject } from './project';

export interface PackOptions {
  /** Title of the run. */
  title: string;
  /** Name of the folder, and of the zip without its ending. */
  name: string;
  /** Images to include; without them `data/` holds the table only. */
  images: LabelledImages | null;
  onProgress: (text: string, share: number) => void;
}

/** The PyTorch project as one zip that unpacks into one folder. */
export async function pytorchZip(
  bundle: ExportBundle,
  { title, name, images, onProgress }: PackOptions,
): Promise<ExportedFile> {
  const files: Zippable = {};
  const project = pytorchProject(bundle, title);
  for (const [path, bytes] of Object.entries(project)) files[`${name}/${path}`] = bytes;
  if (images) {
    const packed = new Uint8Array(
      await (
        await zipOfFolders({ ...images, classes: images.classes.map(asText) }, { onProgress })
      ).arrayBuffer(),
    );
    // PNG files are compressed already.
    for (const [path, bytes] of Object.entries(unzipSync(packed)))
      files[`${name}/data/${path}`] = [bytes, { level: 0 }];
  }
  return {
    name: `${name}.zip`,
    blob: new Blob([zipSync(files) as Uint8Array<ArrayBuffer>], { type: 'application/zip' }),
  };
}
