/** Files that a script laid into the page's two inputs: the same thing as a drop of a user. */
import type { ImportFile } from '../data/import-report';

/** Collects whatever the inputs are given, in order; a folder's files keep their path inside the folder. */
export function collectInputFiles(inputs: readonly HTMLInputElement[]): ImportFile[] {
  const files: ImportFile[] = [];
  for (const input of inputs)
    input.addEventListener('change', () => {
      for (const file of input.files ?? [])
        files.push({ path: file.webkitRelativePath || file.name, bytes: file });
    });
  return files;
}
