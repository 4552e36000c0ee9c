import type { Experiment } from '../../experiment/experiment';
import { tableOf, type CellResult } from '../../experiment/table';
import { resultsCsv, tableMarkdown, tableNotes } from '../../export/experiment-tables';
import { download } from '../download';

/** Hands the user the results of an experiment: a line per run, or the table. */
export function downloadExperiment(
  form: 'csv' | 'markdown',
  experiment: Experiment,
  results: readonly CellResult[],
): void {
  if (form === 'csv') download('experiment.csv', resultsCsv(experiment, results), 'text/csv');
  else
    download(
      'experiment.md',
      `${tableMarkdown(tableOf(experiment, results))}\n\n${tableNotes(experiment, results)}\n`,
      'text/markdown',
    );
}
