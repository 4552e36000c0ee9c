/** Files of a run that the page makes itself: everything but its networks. */
import type { TaskId } from '../../data/dataset';
import { classesCsv, runsCsv } from '../../export/tables-csv';
import { instancesCsv, metricsCsv } from '../../export/metrics-csv';
import { recipeJson } from '../../export/recipe-json';
import { reportHtml } from '../../export/report/report';
import { download, fileName } from '../download';
import { metricsOf } from '../../record/run-metrics';
import type { RunRecord } from '../../record/run-record';
import type { RunEntry } from '../store/library/library-store';
import { reportInput } from './report-input';

export interface RunFile {
  label: string;
  /** What is in it, a few words. */
  about: string;
  /** Nothing to save yet. */
  empty?: boolean;
  save: () => void;
}

/** What stands beside the scores of the whole test split. */
const perTarget: Readonly<Record<TaskId, Pick<RunFile, 'label' | 'about'>>> = {
  classification: { label: 'Per-class accuracy, CSV', about: 'per-class accuracy at the end' },
  regression: { label: 'Scores by number, CSV', about: 'errors of each predicted number at the end' },
  multilabel: { label: 'Scores by label, CSV', about: 'average precision and F1 of each label at the end' },
};

/** @param all every run whose numbers are at hand, for the table of runs */
export function runFiles(
  run: RunEntry,
  history: RunRecord,
  all: readonly { run: RunEntry; history: RunRecord }[],
): RunFile[] {
  const name = `${fileName(run.name)}-${run.number}`;
  const csv = (ending: string, content: string) => download(`${name}.${ending}.csv`, content, 'text/csv');
  const json = (ending: string, content: string) =>
    download(`${name}.${ending}.json`, content, 'application/json');
  const metrics = () => metricsOf(history, run);
  return [
    {
      label: 'Report, HTML',
      about: 'one page with result, charts, tables and tracked samples; opens offline',
      save: () => download(`${name}.html`, reportHtml(reportInput(run, history)), 'text/html'),
    },
    { label: 'Recipe, JSON', about: 'runs it again', save: () => json('recipe', recipeJson(run.recipe)) },
    {
      label: 'Curves, CSV',
      about: 'losses of each step, scores of each measurement',
      save: () => csv('metrics', metricsCsv(metrics())),
    },
    {
      label: 'Tracked samples, CSV',
      about: 'their losses and weights over time',
      empty: history.snapshots.length === 0,
      save: () => csv('tracked', instancesCsv(metrics())),
    },
    {
      ...perTarget[history.task.id],
      empty: history.outcome === null,
      save: () => csv(history.task.id === 'classification' ? 'classes' : 'targets', classesCsv(metrics())),
    },
    {
      label: 'All runs, CSV',
      about: `${all.length === 1 ? 'one line' : `${all.length} lines`}: recipe in short and scores`,
      save: () =>
        download('runs.csv', runsCsv(all.map((entry) => metricsOf(entry.history, entry.run))), 'text/csv'),
    },
    {
      label: 'All of it, JSON',
      about: 'every number of this run',
      save: () => json('metrics', JSON.stringify(metrics())),
    },
  ];
}
