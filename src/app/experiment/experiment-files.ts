import { readExperiment, type Experiment } from '../../experiment/experiment';
import { strangeParts } from '../../experiment/strange-parts';
import { cellsWithResults, isOutsideResults, readOutsideResults } from '../../experiment/outside-results';
import { tableOf, type CellResult } from '../../experiment/table';
import { experimentJson, recipesJson } from '../../export/experiment-json';
import { bibliographyName, experimentBibtex, tableLatex } from '../../export/experiment-latex';
import { resultsCsv, tableMarkdown, tableNotes } from '../../export/experiment-tables';
import { experimentReport } from '../../export/report/experiment-report';
import { mostCharacters } from '../../limits/texts';
import type { StoredCell } from '../../storage/schema';
import { download, fileName } from '../download';
import { bytes } from '../format';

interface Form {
  label: string;
  file: string;
  type: string;
  /** @param score id of the score that the table is about */
  write: (experiment: Experiment, results: readonly CellResult[], score?: string) => string;
}

/** As what an experiment is saved. */
export const experimentForms = {
  csv: { label: 'Runs as CSV', file: 'experiment.csv', type: 'text/csv', write: resultsCsv },
  markdown: {
    label: 'Table as Markdown',
    file: 'experiment.md',
    type: 'text/markdown',
    write: (experiment, results, score) =>
      `${tableMarkdown(tableOf(experiment, results, score))}\n\n${tableNotes(experiment, results, score)}\n`,
  },
  report: {
    label: 'Report as HTML',
    file: 'experiment.html',
    type: 'text/html',
    write: experimentReport,
  },
  latex: {
    label: 'Table as LaTeX',
    file: 'experiment.tex',
    type: 'application/x-tex',
    write: tableLatex,
  },
  bibtex: {
    label: 'Citations as BibTeX',
    file: bibliographyName,
    type: 'application/x-bibtex',
    write: experimentBibtex,
  },
  json: {
    label: 'Everything as JSON',
    file: 'experiment.json',
    type: 'application/json',
    write: experimentJson,
  },
  recipes: {
    label: 'Recipes as JSON',
    file: 'experiment-recipes.json',
    type: 'application/json',
    write: recipesJson,
  },
} satisfies Record<string, Form>;

export type ExperimentForm = keyof typeof experimentForms;

/**
 * Hands the user an experiment: its runs, its table, or what belongs to it in a paper.
 * @param score id of the score that it is about; null for the task's first one
 */
export function downloadExperiment(
  form: ExperimentForm,
  experiment: Experiment,
  results: readonly CellResult[],
  score: string | null,
): void {
  const { file, type, write }: Form = experimentForms[form];
  download(file, write(experiment, results, score ?? undefined), type);
}

interface ReadExperiment {
  content: unknown;
  /** Of results that another program has written; missing for an experiment alone. */
  cells?: StoredCell[];
}

/** Content of an experiment's file, or of results that another program has written, or what is wrong with it in sentences. */
export async function readExperimentFile(file: File): Promise<ReadExperiment | { problems: string[] }> {
  const refuse = (why: string) => ({ problems: [`${file.name}: ${why}`] });
  if (file.size > mostCharacters.jsonFile)
    return refuse(`It is larger than ${bytes(mostCharacters.jsonFile)}. No experiment is.`);
  let content: unknown;
  try {
    content = JSON.parse(await file.text());
  } catch {
    return refuse('It is no JSON file. An experiment is saved as one with “Experiment as a file”.');
  }
  if (isOutsideResults(content)) {
    const found = readOutsideResults(content);
    if ('problem' in found) return refuse(found.problem);
    return { content: found.file, cells: cellsWithResults(found) };
  }
  const { experiment, problems: found } = readExperiment(content);
  const problems = [...found, ...strangeParts(content)];
  if (experiment && problems.length === 0) return { content };
  return {
    problems: problems.map(
      ({ path, message }) => `${file.name}${path === '' ? '' : `, ${path}`}: ${message}`,
    ),
  };
}

/** Hands the user the experiment itself, for this page on another machine or for `npm run experiment`. */
export function downloadExperimentFile(name: string, file: unknown): void {
  download(`${fileName(name)}.json`, `${JSON.stringify(file, null, 2)}\n`, 'application/json');
}
