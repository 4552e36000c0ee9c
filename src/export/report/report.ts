/** A run as one HTML file that opens offline: no script, no external file, charts as inline SVG. */
import { section, table, text } from './html';
import { lineChart, type ChartLine, type ChartOptions } from './line-chart';
import { reportStyle } from './style';

export interface ReportImage {
  /** Data URL of the image. */
  picture: string;
  /** Lines below the image. */
  words: readonly string[];
  /** Whether the student's prediction is right; null when unknown. */
  right: boolean | null;
}

export interface ReportTable {
  title: string;
  head: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}

export interface ReportInput {
  title: string;
  /** "Run 3", method, how it ended. */
  subtitle: string;
  verdict: { headline: string; reasons: readonly string[] } | null;
  /** Final accuracy per learner. */
  readouts: readonly { label: string; value: string; colour: string }[];
  charts: readonly (ChartOptions & { lines: readonly ChartLine[] })[];
  tables: readonly ReportTable[];
  images: { title: string; note: string; entries: readonly ReportImage[] } | null;
  /** The recipe as text, to import on the page. */
  recipe: string;
  /** URL of the page with this recipe. */
  link: string;
  /** Attribution of the data set. */
  sources: readonly string[];
}

/** The whole file. All texts in `input` are escaped. */
export function reportHtml(input: ReportInput): string {
  const { title, subtitle, verdict, readouts, charts, tables, images, recipe, link, sources } = input;
  const parts = [
    `<header><h1>${text(title)}</h1><p class="muted">${text(subtitle)}</p></header>`,
    verdict &&
      `<section><p class="headline">${text(verdict.headline)}</p>${verdict.reasons.map((reason) => `<p>${text(reason)}</p>`).join('')}</section>`,
    readouts.length > 0 &&
      `<section class="readouts">${readouts.map(({ label, value, colour }) => `<div><span style="color:${colour}">${text(label)}</span><b>${text(value)}</b></div>`).join('')}</section>`,
    ...charts.map(({ lines, ...options }) => section(lineChart(lines, options))),
    ...tables.map(({ title: name, head, rows }) =>
      rows.length === 0
        ? ''
        : section(`<h2>${text(name)}</h2>${table(head, rows, (column) => column > 0 && head.length > 2)}`),
    ),
    images && section(imagesHtml(images)),
    section(
      `<h2>Recipe</h2><p class="muted">Drop this text as a file on the page, or open <a href="${text(link)}">its link</a>, to run it again.</p><details><summary>Show the recipe</summary><pre>${text(recipe)}</pre></details>`,
    ),
    sources.length > 0 &&
      `<footer>${sources.map((source) => `<p class="muted">${text(source)}</p>`).join('')}</footer>`,
  ];
  return pageHtml(title, parts);
}

/** A page of its own, without scripts and external files. @param parts HTML, in which all texts are escaped; others are left out */
export function pageHtml(title: string, parts: readonly (string | null | false)[]): string {
  return `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="generator" content="Retort">
<title>${text(title)}</title>
<style>${reportStyle}</style>
</head>
<body>
<main>
${parts.filter(Boolean).join('\n')}
</main>
</body>
</html>
`;
}

function imagesHtml({ title, note, entries }: NonNullable<ReportInput['images']>): string {
  const figures = entries.map(({ picture, words, right }) => {
    const state = right === null ? '' : ` data-right="${right}"`;
    const lines = words.map((word) => `<span>${text(word)}</span>`).join('');
    return `<li${state}><img src="${text(picture)}" alt="" width="56" height="56">${lines}</li>`;
  });
  return `<h2>${text(title)}</h2><p class="muted">${text(note)}</p><ul class="images">${figures.join('\n')}</ul>`;
}
