/** A study run by a script, run by run: so that what is done is kept when it is broken off. */
import { readStudy, runsOf, type Study, type StudyRun } from '../distill/study/study';
import { tableOf, type StudyLine, type StudyResult } from '../distill/study/table';
import { resultsCsv, tableMarkdown } from '../export/study-tables';

/** @throws Error that names everything that is wrong with the study */
export function studyOrThrow(input: unknown): Study {
  const { study, problems } = readStudy(input);
  if (study) return study;
  const lines = problems.map(({ message, path }) => (path ? `${path}: ${message}` : message));
  throw new Error(`The study cannot be used.\n${lines.join('\n')}`);
}

export function studyRuns(input: unknown): (StudyRun & { name: string })[] {
  const study = studyOrThrow(input);
  return runsOf(study).map((run) => ({ ...run, name: study.entries[run.entry]!.name }));
}

export function studyTables(
  input: unknown,
  results: readonly StudyResult[],
): { markdown: string; csv: string; lines: StudyLine[] } {
  const study = studyOrThrow(input);
  const lines = tableOf(study, results);
  return { markdown: tableMarkdown(lines), csv: resultsCsv(study, results), lines };
}
