/** An experiment as one HTML file that opens offline: the table of each score, a plot, what to mind, recipes and citations. */
import type { Experiment } from '../../experiment/experiment';
import {
  correctionText,
  sharedScores,
  tableOf,
  unfairnessOf,
  type CellResult,
  type ExperimentLine,
} from '../../experiment/table';
import type { ScoreAbout } from '../../distill/tasks/about';
import type { Cost } from '../../training/events';
import { bibtex, papersOf } from '../bibtex';
import { figure, lineCells, lineHead } from '../experiment-tables';
import { dotPlot } from './dot-plot';
import { pageHtml } from './report';
import { section, table, text } from './html';

/**
 * The whole file. All texts of the experiment are escaped.
 * @param wanted id of the score that comes first, as `tableOf` takes it
 */
export function experimentReport(
  experiment: Experiment,
  results: readonly CellResult[],
  wanted?: string,
): string {
  const { title, note, seeds, entries } = experiment;
  const unalike = unfairnessOf(experiment, results);
  const scores = sharedScores(results).toSorted((a, b) => Number(b.id === wanted) - Number(a.id === wanted));
  const total = entries.length * seeds.length;
  const failed = results.filter(({ failure }) => failure !== null);
  const runs = `${results.length - failed.length} of ${total} runs with a result`;
  return pageHtml(title, [
    `<header><h1>${text(title)}</h1><p class="muted">${text(`${entries.length} rows, seeds ${seeds.join(', ')}; ${runs}`)}</p>${note === '' ? '' : `<p>${text(note)}</p>`}</header>`,
    unalike.length > 0 && section(`<h2>Mind when you compare</h2>${list(unalike)}`),
    ...scores.map((score) => scoreSection(score, tableOf(experiment, results, score.id))),
    costSection(experiment, results),
    failed.length > 0 &&
      section(
        `<h2>Runs without a result</h2>${list(failed.map(({ entry, seed, failure }) => `${entries[entry]?.name ?? ''}, seed ${seed}: ${failure}`))}`,
      ),
    section(
      `<h2>Recipes</h2>${entries.map(({ name, recipe }) => `<details><summary>${text(name)}</summary><pre>${text(JSON.stringify(recipe, null, 2))}</pre></details>`).join('')}`,
    ),
    section(
      `<h2>Citations</h2><details><summary>BibTeX of the methods</summary><pre>${text(bibtex(entries.flatMap(({ recipe }) => papersOf(recipe))))}</pre></details>`,
    ),
  ]);
}

function scoreSection(score: ScoreAbout, lines: readonly ExperimentLine[]): string {
  const direction = score.better === 'lower' ? 1 : -1;
  const dots = lines
    .flatMap(({ name, student, control }) =>
      student ? [{ label: name, baseline: control, mean: student.mean, interval: student.interval }] : [],
    )
    .toSorted((a, b) => direction * (a.mean - b.mean));
  const corrected = correctionText(lines);
  const lower = score.better === 'lower' ? ' Lower is better, and a gain is positive where it is lower.' : '';
  const unit = score.unit === 'share' ? '%' : (lines.find((line) => line.unit !== '')?.unit ?? '');
  return section(`<h2>${text(score.title)} on the test split</h2>
<p class="muted">${text(`Mean over seeds ± standard deviation; gain over the baseline (no teacher) of the same seed with its 95 % interval (Student’s t)${corrected === '' ? '' : `; verdicts ${corrected}`}.${lower}`)}</p>
${table(
  lineHead(lines),
  lines.map((line) => lineCells(score, line)),
  (column) => column > 0 && column !== verdictColumn,
)}
${dotPlot(dots, { title: score.title, axis: unit === '' ? score.title : `${score.title}, ${unit}`, format: (value) => figure(score, value) })}`);
}

const verdictColumn = 6;

/** Parameters, operations, bytes and latency of the student of each row, as far as they were measured. */
function costSection({ entries }: Experiment, results: readonly CellResult[]): string {
  const rows = entries.flatMap(({ name }, entry) => {
    const result = results.find((one) => one.entry === entry && one.costs?.student);
    const cost: Cost | undefined = result?.costs?.student;
    if (!result || !cost) return [];
    const latency = result.latencies?.networks.student;
    const ms = (value: number | null | undefined) => (value == null ? '–' : value.toPrecision(3));
    return [
      [
        name,
        cost.parameters.toLocaleString('en-GB'),
        cost.multiplyAdds.toLocaleString('en-GB'),
        cost.bytes.toLocaleString('en-GB'),
        ms(latency?.one),
        ms(latency?.batch),
      ],
    ];
  });
  if (rows.length === 0) return '';
  const batch = results.find(({ latencies }) => latencies)?.latencies?.batch;
  return section(
    `<h2>What the students cost</h2>${table(['Row', 'Parameters', 'Multiply-adds', 'Bytes, float32', 'ms for one', batch ? `ms for ${batch}` : 'ms for a batch'], rows, (column) => column > 0)}`,
  );
}

function list(sentences: readonly string[]): string {
  return `<ul>${sentences.map((sentence) => `<li>${text(sentence)}</li>`).join('')}</ul>`;
}
