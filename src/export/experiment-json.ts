/** An experiment as one JSON file: recipes, single results, the table and what to mind, for other programs. */
import type { Experiment } from '../experiment/experiment';
import { differencesOf } from '../experiment/differences';
import { fairRows, scoreFor, tableOf, unfairnessOf, type CellResult } from '../experiment/table';
import { bibtex, papersOf } from './bibtex';

/** Follows what the keys mean. */
const jsonVersion = 1;

/**
 * Scores are shares of 1 or in the unit that is named; p-values, corrected ones and intervals as the table has them.
 * @param wanted id of the score that the table is about, as `tableOf` takes it
 */
export function experimentJson(
  experiment: Experiment,
  results: readonly CellResult[],
  wanted?: string,
): string {
  const lines = tableOf(experiment, results, wanted);
  const score = scoreFor(results, wanted);
  const content = {
    version: jsonVersion,
    title: experiment.title,
    note: experiment.note,
    seeds: experiment.seeds,
    score: { id: score.id, title: score.title, unit: score.unit, better: score.better },
    statistics: {
      interval: 0.95,
      test: 'paired t over seeds, student minus baseline',
      correction: 'Holm, over all rows',
    },
    mind: unfairnessOf(experiment, results),
    differences: differencesOf(fairRows(experiment, results)),
    table: lines,
    results: results.map(({ entry, ...result }) => ({
      name: experiment.entries[entry]?.name,
      entry,
      ...result,
    })),
    recipes: recipesOf(experiment),
    bibtex: bibtex(experiment.entries.flatMap(({ recipe }) => papersOf(recipe))),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** The recipes of all rows as an appendix: name, seeds, every knob. */
export function recipesJson(experiment: Experiment): string {
  return `${JSON.stringify(recipesOf(experiment), null, 2)}\n`;
}

function recipesOf({ entries, seeds }: Experiment) {
  return entries.map(({ name, method, axes, recipe }) => ({ name, method, axes, seeds, recipe }));
}
