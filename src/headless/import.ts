/** One import from start to end. */
import type { ImportFile, ImportResult } from '../data/dataset';
import { ImportClient } from '../worker/client';

/** Never rejects for a bad file: a refusal is a report. */
export function importFiles(
  files: readonly ImportFile[],
  say: (text: string) => void,
): Promise<ImportResult> {
  return new Promise((resolve) => {
    const client = new ImportClient((message) => {
      if (message.type === 'progress') say(message.text);
      if (message.type !== 'imported') return;
      client.dispose();
      const { report, dataset } = message;
      resolve(dataset ? { report, dataset } : { report, dataset: null });
    });
    client.send({ type: 'import', request: 1, files: [...files] });
  });
}
