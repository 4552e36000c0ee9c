/** Parts of an experiment for a script that runs it run by run, so that finished runs survive an interruption. */
import { readStudy, runsOf, type Study, type StudyRun } from '../experiment/study';
import { tableOf, type StudyLine, type StudyResult } from '../experiment/table';
import { resultsCsv, tableMarkdown, tableNotes } from '../export/study-tables';

/** Problems of an experiment file, a sentence each; empty when it is valid. */
export function studyProblems(input: unknown): string[] {
  const { study, problems } = readStudy(input);
  return study ? [] : problems.map(({ message, path }) => (path ? `${path}: ${message}` : message));
}

/** @throws Error that names all problems of the file */
function studyOrThrow(input: unknown): Study {
  const { study } = readStudy(input);
  if (study) return study;
  throw new Error(`The study cannot be used.\n${studyProblems(input).join('\n')}`);
}

export function studyRuns(input: unknown): (StudyRun & { name: string; method: string | null })[] {
  const study = studyOrThrow(input);
  return runsOf(study).map((run) => {
    const { name, method } = study.entries[run.entry]!;
    return { ...run, name, method };
  });
}

export function studyTables(
  input: unknown,
  results: readonly StudyResult[],
): { markdown: string; csv: string; lines: StudyLine[] } {
  const study = studyOrThrow(input);
  const lines = tableOf(study, results);
  const markdown = `${tableMarkdown(lines)}\n\n${tableNotes(study, results)}`;
  return { markdown, csv: resultsCsv(study, results), lines };
}
