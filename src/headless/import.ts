/** One import from start to end. */
import type { ImportFile, ImportResult } from '../data/dataset';
import { ImportClient } from '../worker/import-client';

/** Does not reject for a bad file: a refusal is a report. */
export async function importFiles(
  files: readonly ImportFile[],
  say: (text: string) => void,
): Promise<ImportResult> {
  const client = new ImportClient();
  try {
    return await client.importFiles([...files], say).result;
  } finally {
    client.dispose();
  }
}
