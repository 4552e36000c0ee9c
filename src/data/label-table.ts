/** A table beside pictures that says what each of them shows. */
import { isPictureFile } from './columns';
import type { Job } from './job';
import { baseName, roleOf, roleOfPath } from './paths';
import type { Placed } from './class-folders';
import { Unreadable, type Source } from './source';
import { rowsOf, separatorIn } from './table';

const labelTitle = /^(label|labels|class|target|y|category|breed|species|name|class_?name)$/i;

/** Whether the folders of the pictures say nothing about classes. */
export function isFlat(pictures: readonly { path: string }[]): boolean {
  const folders = new Set(
    pictures.map(({ path }) => path.split('/').at(-2) ?? '').filter((folder) => roleOf(folder) === null),
  );
  return folders.size <= 1;
}

/**
 * Gives pictures the classes that a table names for their files; null when no table names most of them. Pictures the
 * table does not know are noted as left out.
 */
export async function placeByTable<T extends { path: string; where: string }>(
  pictures: readonly T[],
  tables: readonly Source[],
  job: Job,
): Promise<Placed<T>[] | null> {
  for (const table of tables) {
    const labels = await labelsIn(table, job);
    const known = pictures.filter((picture) => labels.has(key(picture.path)));
    if (known.length === 0 || known.length < pictures.length / 2) continue;
    job.warn(`The folders name no classes; the labels were taken from ${table.where}.`);
    const placed: Placed<T>[] = [];
    for (const item of pictures) {
      const className = labels.get(key(item.path));
      if (className === undefined) job.skip(item.where, `is not in ${table.where}`);
      else placed.push({ item, role: roleOfPath(item.path), className });
    }
    return placed;
  }
  return null;
}

/** File names are compared without folders and endings: tables often leave them out. */
function key(path: string): string {
  return baseName(path.replaceAll('\\', '/').trim())
    .replace(/\.(png|jpe?g|gif|webp|bmp|avif)$/i, '')
    .normalize('NFC')
    .toLowerCase();
}

async function labelsIn(table: Source, job: Job): Promise<Map<string, string>> {
  const labels = new Map<string, string>();
  const separator = await separatorIn(table);
  if (separator === null) return labels;
  let columns: { file: number; label: number } | null = null;
  try {
    for await (const { cells } of rowsOf(table, separator, job)) {
      if (!columns) {
        columns = columnsOf(cells);
        // The first row is a header unless it names a picture itself.
        if (!isPictureFile(cells[columns.file] ?? '')) continue;
      }
      const label = cells[columns.label]?.trim().normalize('NFC');
      const file = cells[columns.file];
      if (file !== undefined && label) labels.set(key(file), label);
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return labels;
}

/** By the first row: the file column holds a picture's name or comes first; the label is named so or comes next. */
function columnsOf(first: readonly string[]): { file: number; label: number } {
  const labelled = first.findIndex((cell) => labelTitle.test(cell.trim()));
  const filed = first.findIndex((cell) => isPictureFile(cell) || /file|image|path|^id$/i.test(cell));
  const file = filed >= 0 ? filed : labelled === 0 ? 1 : 0;
  return { file, label: labelled >= 0 && labelled !== file ? labelled : file === 0 ? 1 : 0 };
}
