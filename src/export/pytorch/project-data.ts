/** The files of the project's folder `data/`: images of classes as class folders with a table, any other set as arrays. */
import { onlyView, targetsOf, type Column, type Dataset, type Split, type Targets } from '../../data/dataset';
import { undisturbed } from '../../distill/modalities/input-view';
import { folderNames } from '../../data/export-folders';
import { writeSafetensors, type StoredArray } from '../../nn/safetensors';
import type { ExportBundle, SetAbout } from '../../training/export-bundle';
import { asText, csvTable } from '../csv-table';

/** The module of the project that reads the data. */
export type DataLayout = 'folders' | 'arrays';

export function dataLayout({ inputs, target, train, test }: SetAbout): DataLayout {
  const isImage = inputs[onlyView]!.kind === 'image';
  const isAll = [train, test].every(({ known }) => known.every(Boolean));
  return isImage && target.kind === 'class' && isAll ? 'folders' : 'arrays';
}

/** Modules of the project in `readers` that read data of this kind in other forms, by the kind's name on the command line. */
export function readersOf({ inputs, target }: SetAbout): Readonly<Record<string, string>> {
  const spec = inputs[onlyView]!;
  if (spec.kind === 'vector') return { csv: 'text_table', text: 'text_table', parquet: 'parquet_table' };
  if (target.kind !== 'class') return { list: 'image_list' };
  const isCifar = spec.height === 32 && spec.width === 32 && spec.channels === 3;
  return {
    imagefolder: 'imagefolder',
    list: 'image_list',
    parquet: 'parquet_images',
    ...(isCifar ? { cifar: 'cifar' } : {}),
  };
}

/** Names of class folders. They stand in a table unescaped, so none may look like a formula. */
export function classFolders({ target }: SetAbout): string[] {
  return folderNames(target.names.map(asText));
}

/** In arrays a role is its place in this list. */
export const roles = ['unused', 'labelled', 'unlabelled', 'meta', 'validation'] as const;

/** [Ntrain] places in `roles` */
function rolesOf({ rows, dataset }: ExportBundle): Int32Array {
  const places = new Int32Array(dataset.train.count);
  roles.forEach((role, place) => {
    if (role !== 'unused') for (const row of rows[role]) places[row] = place;
  });
  return places;
}

/** [Ntrain] places among the rows of their role, in the order in which batches shuffle them. */
function placesOf({ rows, dataset }: ExportBundle): Int32Array {
  const places = new Int32Array(dataset.train.count);
  for (const role of roles) if (role !== 'unused') rows[role].forEach((row, place) => (places[row] = place));
  return places;
}

/**
 * One line per training image, in the order of the set: its file, the label the student is given, its role and its place
 * among those of that role.
 */
export function trainTable(bundle: ExportBundle): string {
  const { dataset, given } = bundle;
  const fileOf = filesOf(dataset, 'train');
  const places = placesOf(bundle);
  const lines = Array.from(rolesOf(bundle), (role, row) => {
    return [fileOf(row), given.known[row] === 1 ? given.values[row]! : null, roles[role]!, places[row]!];
  });
  return csvTable(tableColumns, lines);
}

const tableColumns = ['file', 'given', 'role', 'place'];

/** The same of the test images, for their order. */
export function testTable({ dataset }: ExportBundle): string {
  const fileOf = filesOf(dataset, 'test');
  const labels = Array.from(dataset.test.targets.values);
  return csvTable(
    tableColumns,
    labels.map((label, row) => [fileOf(row), label, 'test', row]),
  );
}

/** Files of the images of a split, by row, as `zipOfFolders` names them. */
function filesOf(dataset: SetAbout, split: 'train' | 'test'): (row: number) => string {
  const folders = classFolders(dataset);
  const labels = dataset[split].targets.values;
  return (row) => `${folders[labels[row]!]}/${String(row).padStart(5, '0')}.png`;
}

/** The splits as safetensors files. @param set as imported */
export function arrayFiles(bundle: ExportBundle, set: Dataset): Record<string, Uint8Array<ArrayBuffer>> {
  const { train, test, target } = set;
  const { shape } = train.targets;
  const targets = (name: string, { values, known }: Targets): StoredArray => ({
    name,
    shape: [known.length, ...shape],
    data: target.kind === 'class' ? numbersOr(-1, values, known) : numbersOrNaN(values, known),
  });
  const common = (split: Split) => [...inputsOf(split), targets('targets', targetsOf(split))];
  const [role, place] = [rolesOf(bundle), placesOf(bundle)];
  return {
    'train.safetensors': writeSafetensors([
      ...common(train),
      targets('given', bundle.given),
      { name: 'role', shape: [role.length], data: role },
      { name: 'place', shape: [place.length], data: place },
    ]),
    'test.safetensors': writeSafetensors(common(test)),
  };
}

/** What the student sees, and what the teacher sees in its place. */
function inputsOf({ inputs, count }: Split): StoredArray[] {
  const names = { [onlyView]: 'inputs', [undisturbed]: 'shown' };
  return Object.entries(names).flatMap(([view, name]) => {
    const column = inputs[view];
    return column ? [{ name, shape: [count, ...column.shape], data: column.values }] : [];
  });
}

/** Class numbers, `none` where a row has none. */
function numbersOr(none: number, values: Column['values'], known: Uint8Array): Int32Array {
  return Int32Array.from(known, (is, row) => (is === 1 ? values[row]! : none));
}

/** Numbers of rows of one length, NaN where a row has none. */
function numbersOrNaN(values: Column['values'], known: Uint8Array): Float32Array {
  const width = values.length / Math.max(1, known.length);
  return Float32Array.from(values, (value, i) => (known[Math.floor(i / width)] === 1 ? value : NaN));
}
