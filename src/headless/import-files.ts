/** Imports files as one data set. */
import type { ImportChoices, ImportFile, ImportReport } from '../data/import-report';
import { ImportClient, type ImportedSet } from '../worker/import-client';

/** A report as it is printed: without the pictures that show what answers mean. */
export function withoutSamples(report: ImportReport): ImportReport {
  const guesses = report.guesses.map((guess) =>
    guess.kind === 'number'
      ? guess
      : { ...guess, options: guess.options.map(({ value, text }) => ({ value, text })) },
  );
  return { ...report, guesses };
}

/** Does not reject for a bad file: a refusal is a report. Prints choices that match no guess of the files. */
export async function importFiles(
  files: readonly ImportFile[],
  say: (text: string) => void,
  choices: ImportChoices = {},
): Promise<ImportedSet> {
  const client = new ImportClient();
  try {
    // A command stores nothing in the browser.
    const order = { onProgress: say, choices, store: false };
    const result = await client.importFiles([...files], order).result;
    for (const [id, value] of Object.entries(choices))
      if (!result.report.guesses.some((guess) => guess.id === id && guess.chosen))
        say(`${id}=${value} was passed over: these files ask no such question, or it is no answer to it.`);
    return result;
  } finally {
    client.dispose();
  }
}
