/** Files that a script puts into the page's two file inputs, in place of a user's drop. */
import type { ImportFile } from '../data/import-report';

/** Collects the files of the inputs, in order; files of a folder keep their path inside it. */
export function collectInputFiles(inputs: readonly HTMLInputElement[]): ImportFile[] {
  const files: ImportFile[] = [];
  for (const input of inputs)
    input.addEventListener('change', () => {
      for (const file of input.files ?? [])
        files.push({ path: file.webkitRelativePath || file.name, bytes: file });
    });
  return files;
}
