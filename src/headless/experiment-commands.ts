/** Parts of an experiment for a script that runs it run by run, so that finished runs survive an interruption. */
import { readExperiment, cellsOf, type Experiment, type Cell } from '../experiment/experiment';
import { strangeParts } from '../experiment/strange-parts';
import { tableOf, type ExperimentLine, type CellResult } from '../experiment/table';
import { experimentJson } from '../export/experiment-json';
import { experimentBibtex, tableLatex } from '../export/experiment-latex';
import { experimentReport } from '../export/report/experiment-report';
import { resultsCsv, tableMarkdown, tableNotes } from '../export/experiment-tables';

/** Problems of an experiment file, a sentence each; empty when it is valid. */
export function experimentProblems(input: unknown): string[] {
  const problems = [...readExperiment(input).problems, ...strangeParts(input)];
  return problems.map(({ message, path }) => (path ? `${path}: ${message}` : message));
}

/** @throws Error that names all problems of the file */
function experimentOrThrow(input: unknown): Experiment {
  const { experiment } = readExperiment(input);
  if (experiment) return experiment;
  throw new Error(`The experiment cannot be used.\n${experimentProblems(input).join('\n')}`);
}

export function experimentCells(input: unknown): (Cell & { name: string; method: string | null })[] {
  const experiment = experimentOrThrow(input);
  return cellsOf(experiment).map((run) => {
    const { name, method } = experiment.entries[run.entry]!;
    return { ...run, name, method };
  });
}

/** What `npm run experiment` writes: an experiment as text of each kind, and the lines of its table. */
export interface ExperimentTexts {
  markdown: string;
  csv: string;
  latex: string;
  bibtex: string;
  json: string;
  /** HTML. */
  report: string;
  lines: ExperimentLine[];
}

export function experimentTables(input: unknown, results: readonly CellResult[]): ExperimentTexts {
  const experiment = experimentOrThrow(input);
  const lines = tableOf(experiment, results);
  const markdown = `${tableMarkdown(lines)}\n\n${tableNotes(experiment, results)}`;
  return {
    markdown,
    csv: resultsCsv(experiment, results),
    latex: tableLatex(experiment, results),
    bibtex: experimentBibtex(experiment),
    json: experimentJson(experiment, results),
    report: experimentReport(experiment, results),
    lines,
  };
}
