/** The table of an experiment for a paper: LaTeX with booktabs, and what it cites. */
import {
  correctionText,
  scoreFor,
  tableOf,
  unfairnessOf,
  type CellResult,
  type ExperimentLine,
} from '../experiment/table';
import type { Experiment } from '../experiment/experiment';
import type { Comparison } from '../experiment/statistics';
import type { ScoreAbout } from '../distill/tasks/about';
import { extraLabels } from '../distill/weighting/hint-dynamic/about';
import { bibtex, citationKey, paperOfMethod, papersOf } from './bibtex';
import { shortNames } from '../experiment/row-names';
import { figure, signed } from './experiment-tables';
import { latexText } from './latex-text';

/** The name under which the bibliography is saved, and the table asks for it. */
export const bibliographyName = 'experiment.bib';

/** A table of more rows than these does not fit on a page. */
const mostRowsOfPage = 45;

/**
 * A table that stands in a paper as it is, one of more than 45 rows over several pages: score of the student as mean ± standard deviation over n seeds, the best one
 * bold, gain over the baseline with its 95 % interval and a mark for its verdict; below it what the numbers mean and what
 * sets the rows apart.
 * @param wanted id of the score that the table is about, as `tableOf` takes it
 */
export function tableLatex(experiment: Experiment, results: readonly CellResult[], wanted?: string): string {
  const lines = tableOf(experiment, results, wanted);
  const score = scoreFor(results, wanted);
  const unit = unitOf(score, lines);
  const best = bestOf(score, lines);
  const inUnit = unit === '' ? '' : ` (${unit})`;
  const gainUnit = score.unit === 'share' ? ' (points)' : inUnit;
  const isLong = lines.length > mostRowsOfPage;
  const head = [
    'Method',
    `Student${inUnit}`,
    `Baseline${inUnit}`,
    `Gain${gainUnit}`,
    '95\\,\\% interval',
    isLong ? 'Won' : 'Seeds won',
    '$n$',
    isLong ? 's' : 'Time (s)',
  ];
  // A column of a paper is narrow, and what is cited need not be named in full.
  const names = shortNames(lines.map(({ name }) => name));
  const rows = lines.map((line, place) => {
    const paper = paperOfMethod(line.method);
    const extra = line.extraLabels > 0 ? `, ${extraLabels(line.extraLabels)}` : '';
    return [
      `${latexText(`${names[place]!}${extra}`)}${paper ? `~\\cite{${citationKey(paper)}}` : ''}`,
      line.student ? spread(score, line.student.mean, line.student.deviation, line === best) : '--',
      line.control === null ? '--' : number(figure(score, line.control)),
      line.gain ? `${number(signed(score, line.gain.mean))}${markOf(line.gain)}` : '--',
      line.gain?.interval
        ? `[${line.gain.interval.map((end) => number(signed(score, end))).join(', ')}]`
        : '--',
      line.gain ? `${line.gain.wins}/${line.gain.n}` : '--',
      String(line.runs),
      line.seconds === null ? '--' : line.seconds.toFixed(1),
    ];
  });
  const notes = [...numberNotes(score, lines), ...unfairnessOf(experiment, results).map(latexText)];
  const parts: TableParts = {
    caption: `${latexText(experiment.title)}: ${latexText(score.title.toLowerCase())} on the test split.`,
    label: `tab:${labelOf(experiment.title)}`,
    head: `${head.join(' & ')} \\\\`,
    rows: rows.map((cells) => `${cells.join(' & ')} \\\\`),
    notes,
  };
  return [...(isLong ? longTable(parts) : floatingTable(parts)), ''].join('\n');
}

interface TableParts {
  caption: string;
  label: string;
  /** With the end of its line, as `rows`. */
  head: string;
  rows: readonly string[];
  notes: readonly string[];
}

function floatingTable({ caption, label, head, rows, notes }: TableParts): string[] {
  return [
    '% Needs \\usepackage{booktabs,graphicx}; for names with accents also \\usepackage[T1]{fontenc}.',
    `% The citations are in ${bibliographyName}.`,
    '\\begin{table}[t]',
    '  \\centering',
    `  \\caption{${caption}}`,
    `  \\label{${label}}`,
    // Eight columns on a page of usual width.
    '  \\footnotesize',
    '  \\setlength{\\tabcolsep}{4pt}',
    // Made smaller where the column is too narrow for it.
    '  \\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%',
    '  \\begin{tabular}{lrrrrrrr}',
    '    \\toprule',
    `    ${head}`,
    '    \\midrule',
    ...rows.map((row) => `    ${row}`),
    '    \\bottomrule',
    '  \\end{tabular}}',
    '',
    '  \\smallskip',
    '  \\begin{minipage}{\\linewidth}',
    '    \\footnotesize',
    ...notes.map((note) => `    ${note}`),
    '  \\end{minipage}',
    '\\end{table}',
  ];
}

/** Breaks across pages, with its head on each. The names are in a column of fixed width: such a table cannot be scaled. */
function longTable({ caption, label, head, rows, notes }: TableParts): string[] {
  return [
    '% Needs \\usepackage{booktabs,longtable,array}; for names with accents also \\usepackage[T1]{fontenc}.',
    `% The citations are in ${bibliographyName}. In a paper of two columns it needs \\onecolumn.`,
    '\\begingroup',
    '\\scriptsize',
    '\\setlength{\\tabcolsep}{2.5pt}',
    '\\setlength{\\LTcapwidth}{\\linewidth}',
    '\\begin{longtable}{>{\\raggedright\\arraybackslash}p{0.2\\linewidth}rrrrrrr}',
    `  \\caption{${caption}}`,
    `  \\label{${label}} \\\\`,
    '  \\toprule',
    `  ${head}`,
    '  \\midrule',
    '  \\endfirsthead',
    '  \\toprule',
    `  ${head}`,
    '  \\midrule',
    '  \\endhead',
    '  \\midrule',
    '  \\multicolumn{8}{r}{continued on the next page} \\\\',
    '  \\endfoot',
    '  \\bottomrule',
    '  \\endlastfoot',
    ...rows.map((row) => `  ${row}`),
    '\\end{longtable}',
    '\\noindent\\begin{minipage}{\\linewidth}',
    '  \\footnotesize',
    ...notes.map((note) => `  ${note}`),
    '\\end{minipage}',
    '\\endgroup',
  ];
}

/** The papers behind all rows as BibTeX: those of their methods, losses, weightings and teachers. */
export function experimentBibtex({ entries }: Experiment): string {
  return bibtex(
    entries.flatMap(({ recipe, method }) => [...nonNull(paperOfMethod(method)), ...papersOf(recipe)]),
  );
}

function nonNull<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}

function numberNotes(score: ScoreAbout, lines: readonly ExperimentLine[]): string[] {
  const isTested = lines.some(({ gain }) => gain?.p != null);
  const corrected = correctionText(lines);
  const direction =
    score.better === 'lower' ? ', lower is better, and a gain is positive where it is lower' : '';
  return [
    `Mean over $n$ seeds $\\pm$ standard deviation${direction}; best mean in bold.`,
    "Gain over the baseline (no teacher) of the same seed, with its 95\\,\\% interval (Student's $t$).",
    isTested
      ? `$^{+}$ better, $^{-}$ worse at the 5\\,\\% level${corrected === '' ? '' : `, ${corrected}`}; undecided without a mark.`
      : 'Differences are not tested: that takes two seeds or more.',
    ...lines.flatMap(({ name, failures }) =>
      failures.length > 0 ? [latexText(`${name}: ${failures.length} failed, ${failures[0]!}`)] : [],
    ),
  ];
}

function markOf({ verdict }: Comparison): string {
  return verdict === 'undecided' ? '' : `$^{${verdict === 'better' ? '+' : '-'}}$`;
}

function spread(score: ScoreAbout, mean: number, deviation: number | null, isBest: boolean): string {
  const text = number(figure(score, mean));
  const shown = isBest ? `\\textbf{${figure(score, mean)}}` : text;
  return deviation === null ? shown : `${shown} $\\pm$ ${number(figure(score, deviation))}`;
}

/** A hyphen before a number is a minus. */
function number(text: string): string {
  return /^[+-]/.test(text) ? `$${text}$` : text;
}

/** The row with the best mean; none where there is one row only. */
function bestOf({ better }: ScoreAbout, lines: readonly ExperimentLine[]): ExperimentLine | null {
  const scored = lines.filter(({ student }) => student !== null);
  if (scored.length < 2) return null;
  const sign = better === 'higher' ? 1 : -1;
  return scored.reduce((best, line) => (sign * line.student!.mean > sign * best.student!.mean ? line : best));
}

function unitOf({ unit }: ScoreAbout, lines: readonly ExperimentLine[]): string {
  if (unit === 'share') return '\\%';
  return latexText(lines.find((line) => line.unit !== '')?.unit ?? '');
}

function labelOf(title: string): string {
  return (
    title
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-|-$/g, '') || 'experiment'
  );
}
