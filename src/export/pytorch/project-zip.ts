import { unzipSync, zipSync, type Zippable } from 'fflate';
import { onlyView, type Dataset, type Split } from '../../data/dataset';
import { undisturbed } from '../../distill/modalities/input-view';
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
  const written = set && studiedOf(bundle, set);
  const data = written && (isFolders ? await folderFiles(written, onProgress) : arrayFiles(bundle, written));
  // PNG files are compressed already.
  for (const [path, bytes] of Object.entries(data ?? {}))
    files[`${name}/data/${path}`] = isFolders ? [bytes, { level: 0 }] : bytes;
  return {
    name: `${name}.zip`,
    blob: new Blob([zipSync(files) as Uint8Array<ArrayBuffer>], { type: 'application/zip' }),
  };
}

/** The set that a bundle's run studies, with the views that are read. @param set the one that its recipe names */
export function studiedOf({ studied, answers }: ExportBundle, set: Dataset): Dataset {
  const whole = studied ?? set;
  return answers ? viewOf(whole, onlyView) : whole;
}

/** Images of classes as class folders, by path; those that the teacher sees in their place below `undisturbed`. */
export async function folderFiles(
  set: Dataset,
  onProgress: PackOptions['onProgress'],
): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const files = await pictureFiles(set, onProgress);
  if (!set.inputs[undisturbed]) return files;
  const shown = Object.entries(await pictureFiles(viewOf(set, undisturbed), onProgress));
  return { ...files, ...Object.fromEntries(shown.map(([path, file]) => [`undisturbed/${path}`, file])) };
}

async function pictureFiles(set: Dataset, onProgress: PackOptions['onProgress']) {
  const images = labelledImagesOf(set)!;
  const zip = await zipOfFolders({ ...images, classes: images.classes.map(asText) }, { onProgress });
  return unzipSync(new Uint8Array(await zip.arrayBuffer())) as Record<string, Uint8Array<ArrayBuffer>>;
}

/** The set with one of its views alone. */
function viewOf(set: Dataset, view: string): Dataset {
  const only = (split: Split): Split => ({ ...split, inputs: { [onlyView]: split.inputs[view]! } });
  const inputs = { [onlyView]: set.inputs[view]! };
  return { ...set, inputs, train: only(set.train), test: only(set.test) };
}
