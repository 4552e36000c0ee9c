/** Lists the files that the user dropped or chose. Used by the page; needs the DOM only. */
import type { ImportFile } from './import-report';

/** Files of an input element; those of a chosen folder keep their path in it. */
export function filesFromInput(list: FileList): ImportFile[] {
  return Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, bytes: file }));
}

/**
 * Files of a drop, including those inside dropped folders. Call it synchronously in the event handler: the browser
 * empties the transfer when the handler returns. Files that cannot be read are left out.
 */
export function filesFromDrop(transfer: DataTransfer): Promise<ImportFile[]> {
  const entries: FileSystemEntry[] = [];
  const loose: ImportFile[] = [];
  for (const item of transfer.items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = entry ? null : item.getAsFile();
    if (entry) entries.push(entry);
    else if (file) loose.push({ path: file.name, bytes: file });
  }
  return collect(entries, loose);
}

async function collect(entries: FileSystemEntry[], found: ImportFile[]): Promise<ImportFile[]> {
  // Grows during the loop: the contents of a folder are appended.
  const waiting = [...entries];
  for (const entry of waiting) {
    if (isFolder(entry)) for (const inner of await entriesOf(entry)) waiting.push(inner);
    else if (isFile(entry)) {
      const file = await fileOf(entry);
      if (file) found.push({ path: entry.fullPath.replace(/^\//, ''), bytes: file });
    }
  }
  return found;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

/** A reader returns at most a hundred entries per call, and none at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => {
      reader.readEntries(resolve, () => resolve([]));
    });
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File | null> {
  return new Promise((resolve) => {
    entry.file(resolve, () => resolve(null));
  });
}
