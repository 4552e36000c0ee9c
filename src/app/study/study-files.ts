import type { Study } from '../../experiment/study';
import { tableOf, type StudyResult } from '../../experiment/table';
import { resultsCsv, tableMarkdown, tableNotes } from '../../export/study-tables';
import { download } from '../download';

/** Hands the user the results of a study: a line per run, or the table. */
export function downloadStudy(form: 'csv' | 'markdown', study: Study, results: readonly StudyResult[]): void {
  if (form === 'csv') download('study.csv', resultsCsv(study, results), 'text/csv');
  else
    download(
      'study.md',
      `${tableMarkdown(tableOf(study, results))}\n\n${tableNotes(study, results)}\n`,
      'text/markdown',
    );
}
