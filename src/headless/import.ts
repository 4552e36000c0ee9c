/** One import from start to end. */
import type { ImportChoices, ImportFile, ImportResult } from '../data/dataset';
import { ImportClient } from '../worker/import-client';

/** Does not reject for a bad file: a refusal is a report. */
export async function importFiles(
  files: readonly ImportFile[],
  say: (text: string) => void,
  choices: ImportChoices = {},
): Promise<ImportResult> {
  const client = new ImportClient();
  try {
    return await client.importFiles([...files], say, choices).result;
  } finally {
    client.dispose();
  }
}
